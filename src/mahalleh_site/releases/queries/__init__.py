"""What pages read of releases. Numbers are totals of published cells, never a hidden cell."""

from mahalleh_site.releases.queries.board import current_board, current_release_number, public_version
from mahalleh_site.releases.queries.numbers import place_numbers, topic_numbers

__all__ = ["current_board", "current_release_number", "place_numbers", "public_version", "topic_numbers"]
