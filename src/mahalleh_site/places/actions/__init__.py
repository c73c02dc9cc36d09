"""The places room's only writers: a city's map, its topics, what is owed to its neighbourhoods."""

from mahalleh_site.places.actions.founding import found_city
from mahalleh_site.places.actions.map import Counted, Names, import_places
from mahalleh_site.places.actions.topics import import_topics

__all__ = ["Counted", "Names", "found_city", "import_places", "import_topics"]
