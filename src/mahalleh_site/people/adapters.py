"""How allauth behaves here: nobody signs up alone, no address of a visitor is kept, secrets are sealed."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from mahalleh_site.people import known_browser, limits
from mahalleh_site.people.keys import seal, unlocking
from mahalleh_site.people.models import User

FACTORS = "second factors"
WRONG, WINDOW = 10, 5 * 60  # passwords that may be wrong within so many seconds, an account or known browser


class ByInvitation(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by an administrator; a wrong name and a wrong password answer alike."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("The e-mail address or the password is not right."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "invalid_login": _("The e-mail address or the password is not right."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or not any more. Wait for the next one and try again."),
        "too_many_login_attempts": _("Too many tries. Please wait five minutes, then try again."),
        "rate_limited": _("Too many tries. Please wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """What attempts are counted by (people.limits)."""
        return limits.visitor(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try before the password is looked at, so that many at once are counted too.

        allauth's own count is by the host that was asked for, and shuts the owner out with the guesser. Here
        a browser that the account knows has tries of its own; all others share the account's.

        Raises:
            ValidationError: too many wrong ones in five minutes.
        """
        email = str(credentials.get("email") or getattr(request.user, "email", "")).strip().lower()
        account = User.objects.filter(email__iexact=email).first()
        if word := known_browser.known(request, account):
            self._tries = [("sign-in-known", word, WINDOW)]
        else:
            # the visitor first: whoever is refused makes no count for an address that they thought up
            self._tries = [
                ("sign-ins", limits.visitor(request), 60),
                ("sign-in", limits.hashed(email), WINDOW),
            ]
        if any(limits.count(what, who, seconds=seconds) > WRONG for what, who, seconds in self._tries):
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth's count is not used."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The account, where the password is right and the account is open.

        allauth lets a closed account through here, to show it a page of its own; that page would tell a
        stranger that the password was right. The password also opens the member's key for this session.
        """
        user = super().authenticate(request, **credentials)
        if user is None or not user.is_active:
            return None
        for what, who, seconds in self._tries:  # what was right is no guess
            limits.count(what, who, seconds=seconds, n=-1)
        unlocking.unlock(request, user, credentials.get("password") or "")
        return user

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """A closed account's passkey: the same answer as to a key that nobody knows."""
        messages.error(request, self.error_messages["incorrect_code"])
        return redirect("account_login")

    def get_http_user_agent(self, request: HttpRequest) -> str:
        """Not looked at."""
        return ""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """What waits for me, in my language."""
        language = request.user.language if request.user.is_authenticated else settings.LANGUAGE_CODE
        with translation.override(language):
            return reverse(settings.LOGIN_REDIRECT_URL)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Any = None, email: Any = None
    ) -> None:
        """allauth's notices carry the address and browser of the visitor: none is sent."""


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Seeds of authenticators and recovery codes are encrypted in the database, by the city's secret key.

    Who has the database but not the key can pass for nobody; who has both can.
    """

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": ByInvitation.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        """Sealed, as text."""
        return base64.b64encode(seal.lock_text(text, _key(), about=FACTORS)).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` sealed.

        Raises:
            SealError: sealed by another key, or not at all.
        """
        try:
            box = base64.b64decode(encrypted_text)
        except ValueError as error:
            raise seal.SealError from error
        return seal.unlock_text(box, _key(), about=FACTORS)

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """A name to begin with; the person may choose another."""
        return str(_("My key"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What a passkey belongs to: this host, shown by the city's name."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": settings.CITY.names["en"]}


def _key() -> bytes:
    return seal.derived(settings.SECRET_KEY, FACTORS)
