"""What people enter: one thing at a time, nothing required that isn't needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from mahalleh_site.people import rules
from mahalleh_site.people.models import Membership, Organisation, User


class OrganisationForm(forms.ModelForm):
    """An organisation."""

    class Meta:
        model = Organisation
        fields = ["name_fa", "name_en", "kind"]


class InviteForm(forms.Form):
    """A role for somebody, with an account where there is none."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"dir": "ltr"}))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            (value, label) for value, label in Membership.Role.choices if rules.fits(value, organisation.kind)
        ]


class AccountForm(forms.ModelForm):
    """What is shown of an account."""

    class Meta:
        model = User
        fields = ["name", "language"]


class FirstPasswordForm(forms.Form):
    """The password of a new account."""

    password = forms.CharField(
        label=_("Password"),
        help_text=_(
            "At least 12 characters. Three or four words that don't belong together are easy to keep."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
        strip=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """The password, where it is good enough."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class AuditFilter(forms.Form):
    """Which entries of the audit log."""

    verb = forms.ChoiceField(label=_("What was done"), required=False)
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date", "dir": "ltr"})
    )

    def __init__(self, *args: Any, verbs: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [("", _("everything")), *((verb, verb) for verb in verbs)]
