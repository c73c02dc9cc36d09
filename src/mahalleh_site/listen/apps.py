"""The listen room: reports without fear."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListenConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.listen"
    label = "listen"
    verbose_name = _("Listen")

    def ready(self) -> None:
        """Show the room where earlier rooms leave place."""
        from mahalleh_site.listen import neighbourhood

        neighbourhood.register()
