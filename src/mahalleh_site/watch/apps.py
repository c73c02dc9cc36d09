"""The watch room: what is getting worse, where, and is it real?"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WatchConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.watch"
    label = "watch"
    verbose_name = _("Watch")

    def ready(self) -> None:
        """Name the room's deeds for the audit log, and show the room to staff."""
        from mahalleh_site.people import words
        from mahalleh_site.watch import front

        words.name_verbs(
            {
                "watch-run": _("watched a period"),
                "open-signal": _("a signal was opened by the method"),
                "decide-signal": _("decided on a signal"),
                "expire-signal": _("a signal ran out undecided"),
                "join-signals": _("two signals were found to be one rise"),
                "register-method": _("entered a method in the public register"),
                "switch-method": _("switched a method on or off"),
            }
        )
        front.register()
