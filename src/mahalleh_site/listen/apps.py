"""The listen room: reports without fear."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListenConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.listen"
    label = "listen"
    verbose_name = _("Listen")

    def ready(self) -> None:
        """Name the room's deeds for the audit log, and show the room to staff."""
        from mahalleh_site.listen import front, wording
        from mahalleh_site.people import words

        words.name_verbs(wording.VERBS_OF_THE_LOG)
        front.register()
