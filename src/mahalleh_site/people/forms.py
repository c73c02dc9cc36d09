"""What administrators and auditors enter: one thing at a time, nothing required that isn't needed."""

from __future__ import annotations

from datetime import date
from typing import Any

import jdatetime
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from mahalleh.text import latin_digits
from mahalleh_site.people import audit_wording, rules
from mahalleh_site.people.models import Membership, Organisation, User
from mahalleh_site.people.sign_in_forms import NEW_PASSWORD
from mahalleh_site.ui.choices import offer

SOLAR_BEFORE = 1700  # a year below is one of the Solar Hijri calendar


def roles_of(organisation: Organisation) -> list[tuple[str, Any]]:
    """The roles that may be held in an organisation: (value, what it is called)."""
    return [
        (value, label) for value, label in Membership.Role.choices if rules.fits(value, organisation.kind)
    ]


class OrganisationForm(forms.ModelForm[Organisation]):
    """An organisation."""

    class Meta:
        model = Organisation
        fields = ["name_fa", "name_en", "kind"]


class InviteForm(forms.Form):
    """A role for somebody, with an account where there is none."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "role", roles_of(organisation))


class RoleForm(forms.Form):
    """Another role in the same organisation."""

    role = forms.ChoiceField(label=_("Another role"))

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"role": membership.role})
        kwargs.setdefault("auto_id", f"role-{membership.pk}-%s")
        super().__init__(*args, **kwargs)
        offer(self, "role", roles_of(membership.organisation))


class AccountForm(forms.ModelForm[User]):
    """What is shown of an account."""

    class Meta:
        model = User
        fields = ["name", "language"]


class FirstPasswordForm(forms.Form):
    """The password of a new account."""

    password = forms.CharField(
        label=_("Password"),
        help_text=NEW_PASSWORD,
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


class AnyDay(forms.CharField):
    """A day of either calendar, in either script: 2026-11-23, 1405/9/2, ۱۴۰۵/۹/۲."""

    def to_python(self, value: Any) -> Any:
        """The day, or None where nothing was written."""
        text = latin_digits(str(value or "")).strip().replace("-", "/")
        if not text:
            return None
        try:
            year, month, number = (int(part) for part in text.split("/"))
            if year < SOLAR_BEFORE:
                return jdatetime.date(year, month, number).togregorian()
            return date(year, month, number)
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(_("Write a day as year/month/day.")) from error


class AuditFilter(forms.Form):
    """Which entries of the audit log."""

    verb = forms.ChoiceField(label=_("What was done"), required=False)
    day = AnyDay(label=_("Day"), required=False, widget=forms.TextInput(attrs={"dir": "ltr", "size": 12}))

    def __init__(self, *args: Any, verbs: list[str], today: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "verb", [("", _("everything")), *((verb, audit_wording.verb(verb)) for verb in verbs)])
        self.fields["day"].widget.attrs["placeholder"] = today
