"""What pages read of places."""

from mahalleh_site.places.queries.boundaries import areas_geojson, areas_stamp, public_version
from mahalleh_site.places.queries.known import is_area, is_topic
from mahalleh_site.places.queries.search import find, suggestions

__all__ = ["areas_geojson", "areas_stamp", "find", "is_area", "is_topic", "public_version", "suggestions"]
