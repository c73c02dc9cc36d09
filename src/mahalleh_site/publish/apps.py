"""The publish room: what anyone may see, on pages and as files."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.publish"
    label = "publish"
    verbose_name = _("Publish")
