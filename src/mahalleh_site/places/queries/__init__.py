"""What pages read of places."""

from mahalleh_site.places.queries.boundaries import areas_geojson, areas_stamp, public_version
from mahalleh_site.places.queries.search import find, suggestions

__all__ = ["areas_geojson", "areas_stamp", "find", "public_version", "suggestions"]
