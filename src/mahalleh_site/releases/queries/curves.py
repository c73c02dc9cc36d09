"""Every curve that a page shows before its reader chooses a topic: drawn ahead, so that nobody waits."""

from __future__ import annotations

from collections.abc import Iterator

from mahalleh.disclose import Series
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.releases.queries.board import current_board
from mahalleh_site.releases.queries.numbers import place_numbers, topic_numbers


def all_curves() -> Iterator[Series]:
    """The curves of all neighbourhoods, districts and topics; none before the first release."""
    board = current_board()
    if board is None:
        return
    districts: dict[str, list[str]] = {
        district: [] for district in District.objects.values_list("pk", flat=True)
    }
    for area, district in Area.objects.values_list("pk", "district_id"):
        yield place_numbers(board, (area,), district=district).curve
        if district is not None:
            districts[district].append(area)
    for district, areas in districts.items():
        yield place_numbers(board, tuple(areas), district=district).curve
    for topic in Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED):
        if (curve := topic_numbers(board, topic).curve) is not None:
            yield curve
