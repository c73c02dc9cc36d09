"""How allauth behaves here: nobody signs up alone, and no address of a visitor is kept."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """What allauth counts attempts by: a keyed hash that is another one every day, not the address."""
        key = f"{settings.SECRET_KEY}:{timezone.localdate().isoformat()}".encode()
        address = str(request.META.get("REMOTE_ADDR", ""))
        return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:16]

    def get_http_user_agent(self, request: HttpRequest) -> str:
        """Not looked at."""
        return ""

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: Any = None
    ) -> None:
        """allauth's notices carry the address and browser of the visitor; only the fact may leave."""
        kept = {key: value for key, value in (context or {}).items() if key not in ("ip", "user_agent")}
        super().send_notification_mail(template_prefix, user, context=kept, email=email)
