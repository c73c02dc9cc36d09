"""What pages read of places, and of what is published about them."""

from mahalleh_site.places.queries.board import current_release_number, public_version
from mahalleh_site.places.queries.boundaries import areas_geojson, areas_stamp
from mahalleh_site.places.queries.search import find, suggestions

__all__ = [
    "areas_geojson",
    "areas_stamp",
    "current_release_number",
    "find",
    "public_version",
    "suggestions",
]
