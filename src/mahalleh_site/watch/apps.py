"""The watch room: what is getting worse, where, and is it real?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WatchConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.watch"
    label = "watch"
    verbose_name = _("Watch")

    def ready(self) -> None:
        """Show the room where earlier rooms leave place."""
        from mahalleh_site.watch import front

        front.register()
