"""The releases room: a turn from events to frozen numbers, and reading them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReleasesConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.releases"
    label = "releases"
    verbose_name = _("Releases")

    def ready(self) -> None:
        """Tell the audit log the words of this room's verbs."""
        from mahalleh_site.people import words

        words.name_verbs({"load": _("loaded data"), "release": _("published counts")})
