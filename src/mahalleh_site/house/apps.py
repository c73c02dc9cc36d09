"""The house: what its rooms share."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HouseConfig(AppConfig):
    """Checks the rooms' manifests once all models are there."""

    name = "mahalleh_site.house"
    label = "house"
    verbose_name = _("House")

    def ready(self) -> None:
        """Refuse a room that is not whole."""
        from mahalleh_site.house import checking

        checking.check()
