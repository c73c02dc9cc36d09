"""The one field of whoever wants to hear of an area."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AskForm(forms.Form):
    """Where to write to."""

    address = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("It is stored encrypted, used for this alone, and deleted when you say stop."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("This is not an e-mail address. One looks like name@example.org."),
        },
    )
