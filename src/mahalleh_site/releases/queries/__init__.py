"""What pages read of releases. Numbers are totals of published cells, never a small cell's value."""

from mahalleh_site.releases.queries.numbers import place_numbers, topic_numbers
from mahalleh_site.releases.queries.tables import current_release_number, current_table, public_version

__all__ = ["current_table", "current_release_number", "place_numbers", "public_version", "topic_numbers"]
