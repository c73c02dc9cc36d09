"""The places room: the city's map, its neighbourhoods, and what is published about them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.places"
    label = "places"
    verbose_name = _("Places")
