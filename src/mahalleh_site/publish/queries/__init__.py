"""What the public pages read. Numbers are totals of published cells, never a small cell's value."""

from mahalleh_site.publish.queries.changes import changes
from mahalleh_site.publish.queries.city import SHOWS, SORTS, CityMap, city_map
from mahalleh_site.publish.queries.doing import doing
from mahalleh_site.publish.queries.place import area_page, district_page
from mahalleh_site.publish.queries.records import area_csv, data_page, release_file
from mahalleh_site.publish.queries.topics import topic_page, topics_by_group

__all__ = [
    "SHOWS",
    "SORTS",
    "CityMap",
    "area_csv",
    "area_page",
    "changes",
    "city_map",
    "data_page",
    "district_page",
    "doing",
    "release_file",
    "topic_page",
    "topics_by_group",
]
