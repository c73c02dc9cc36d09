"""Django's rules for passwords, in our words."""

from __future__ import annotations

from django.contrib.auth import password_validation as rules
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mahalleh_site.ui.formats import digits


class LongEnough(rules.MinimumLengthValidator):
    """At least so many characters."""

    def get_error_message(self) -> str:
        """How many there must be."""
        count = digits(self.min_length, (get_language() or "fa")[:2])
        return _("This password is too short. It needs at least %(count)s characters.") % {"count": count}


class NotCommon(rules.CommonPasswordValidator):
    """None of the twenty thousand that everybody tries first."""

    def get_error_message(self) -> str:
        """Said without saying which."""
        return _("This password is too well known. Please think of another.")


class NotOneself(rules.UserAttributeSimilarityValidator):
    """Neither name nor address."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email", "name"))

    def get_error_message(self) -> str:
        """Said without saying which."""
        return _("This password is too much like your name or address.")
