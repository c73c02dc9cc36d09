"""The people room: accounts, organisations, roles, permissions, the audit log."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Listen to allauth, so that the audit log knows what it changes."""
        from mahalleh_site.people import receivers  # noqa: F401  (it connects itself)
