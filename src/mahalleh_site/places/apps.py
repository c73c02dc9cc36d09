"""The places room: the city's map, its neighbourhoods and topics, and what is owed to them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """Registers the room."""

    name = "mahalleh_site.places"
    label = "places"
    verbose_name = _("Places")

    def ready(self) -> None:
        """Tell the audit log the words of this room's verbs."""
        from mahalleh_site.people import words

        words.name_verbs(
            {
                "city.found": _("founded the city"),
                "places.import": _("brought in the neighbourhoods"),
                "topic.add": _("added a topic"),
                "topic.change": _("changed a topic"),
            }
        )
