"""The forms of signing in and of the second factor: allauth's, in our words and without its placeholders."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

from mahalleh_site.people import limits
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.keys.seal import SealError

NEW_PASSWORD = _("At least 12 characters. Three or four words that don't belong together are easy to keep.")
CODE_SECONDS = mfa.TOTP_PERIOD * (2 * mfa.TOTP_TOLERANCE + 1)  # for which a code is let in
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"}


def worded(form: forms.Form, name: str, label: Any, hint: Any = "", **attrs: str) -> None:
    """Give a field our label and help, and no placeholder: it vanishes when it is needed most."""
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= attrs


class SignIn(LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "login", _("E-mail address"), autocomplete="username", dir="ltr")
        worded(self, "password", _("Password"), dir="ltr")


class Again(ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The password once more, before something weighty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "password", _("Password"), dir="ltr")


class NewPassword(ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """Another password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "oldpassword", _("Your present password"), dir="ltr")
        worded(self, "password1", _("New password"), NEW_PASSWORD, dir="ltr")
        worded(self, "password2", _("New password once more"), dir="ltr")

    def save(self) -> None:
        """The member's key follows; one that the old password doesn't open waits for its recovery code."""
        with suppress(SealError):
            old, new = self.cleaned_data["oldpassword"], self.cleaned_data["password1"]
            key_actions.follow_password(by=self.user, old=old, new=new)
        super().save()


class Once:
    """A code of an app that opens once: allauth forgets a used one while the app's clock still lets it in."""

    def clean_code(self) -> str:
        """The code, where it is right and was not used before by whatever process answered."""
        code: str = super().clean_code()  # type: ignore[misc]  # a part of allauth's forms
        factor = self.authenticator  # type: ignore[attr-defined]  # set by the form
        if factor.type != Authenticator.Type.TOTP:
            return code
        if limits.count("code", f"{factor.user_id}-{normalize_user_code(code)}", seconds=CODE_SECONDS) > 1:
            raise get_adapter().validation_error("incorrect_code")
        return code


class Code(Once, base.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code when signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "code", _("Code"), _("Six digits from your app, or one recovery code."), **CODE)


class CodeAgain(Once, base.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code before something weighty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "code", _("Code"), _("Six digits from your app, or one recovery code."), **CODE)


class FirstCode(totp.ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of an app: it shows that app and city agree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "code", _("Code"), _("The six digits that your app shows now."), **CODE)


class NewKey(webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey or security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "name", _("Name of the key"), _("So that you know it again: my phone, the blue key."))
        worded(
            self,
            "passwordless",
            _("Sign in with this key alone"),
            _("The key then asks for your finger, face or PIN itself, and you need no password."),
        )


class KeyName(webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, "name", _("Name of the key"), maxlength="100")
