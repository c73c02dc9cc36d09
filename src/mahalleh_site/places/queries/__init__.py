"""What pages read. Numbers are totals of published cells, never a hidden cell."""

from mahalleh_site.places.queries.board import current_release_number, public_version
from mahalleh_site.places.queries.city import CityMap, changes, city_map, topic_page, topics_by_group
from mahalleh_site.places.queries.place import area_page, district_page
from mahalleh_site.places.queries.records import data_page, release_file
from mahalleh_site.places.queries.search import find, suggestions

__all__ = [
    "CityMap",
    "area_page",
    "changes",
    "city_map",
    "current_release_number",
    "data_page",
    "district_page",
    "find",
    "public_version",
    "release_file",
    "suggestions",
    "topic_page",
    "topics_by_group",
]
