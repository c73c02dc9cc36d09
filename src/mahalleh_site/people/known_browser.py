"""A browser in which an account was signed in lately, so that guessers elsewhere do not shut its owner out.

Its cookie is a random word, a day, and a keyed hash of both with the account's password and sessions: it
names nobody, opens nothing, and ends with another password, with closing the account or signing out
everywhere. Who brings it has tries of their own (decision 22).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mahalleh_site.people.models import User

COOKIE: Final = "__Host-known" if settings.HTTPS else "known"
DAYS: Final = 90  # after the last signing in
WORD_BYTES: Final = 16


def known(request: HttpRequest, user: User | None) -> str:
    """The word of a browser that this account knows; empty where it does not."""
    word, _, rest = request.COOKIES.get(COOKIE, "")[:200].partition(".")
    day, _, mark = rest.partition(".")
    if user is None or not hmac.compare_digest(mark.encode(), _mark(word, day, user).encode()):
        return ""
    return word if timezone.localdate() - timedelta(DAYS) <= date.fromisoformat(day) else ""


@receiver(user_logged_in, dispatch_uid="people.known-browser")
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Past the second factor: this browser will be known."""
    if not user.is_demo:
        request.known_to = user  # type: ignore[attr-defined]  # a mark on the request


class KnownBrowser:
    """Hands the cookie to a browser in which somebody has just signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        response = self.get_response(request)
        user: User | None = getattr(request, "known_to", None)
        if user is not None:
            word, day = secrets.token_urlsafe(WORD_BYTES), timezone.localdate().isoformat()
            response.set_cookie(
                COOKIE,
                f"{word}.{day}.{_mark(word, day, user)}",
                max_age=DAYS * 24 * 3600,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Strict",
            )
        return response


def _mark(word: str, day: str, user: User) -> str:
    of_now = user.get_session_auth_hash()  # another one with another password, and when all sessions end
    return salted_hmac("people.known", f"{word}.{day}.{user.pk}.{of_now}", algorithm="sha256").hexdigest()
