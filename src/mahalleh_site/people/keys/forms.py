"""The one form of the member's key: open it, make it, recover it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mahalleh_site.people.models import User


class OpenKeyForm(forms.Form):
    """The password that opens the member's key; a recovery code where the password was set anew."""

    do = forms.ChoiceField(choices=[(each, each) for each in ("open", "make", "recover")])
    code = forms.CharField(
        label=_("Recovery code"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
        strip=False,
        max_length=500,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """The account's own password: signing in with it opens the key too."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password
