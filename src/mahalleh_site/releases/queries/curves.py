"""Every curve that a page shows before its reader chooses a topic: drawn ahead, so that nobody waits."""

from __future__ import annotations

from collections.abc import Iterator

from mahalleh.disclose import Series
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.releases.queries.numbers import place_numbers, topic_numbers
from mahalleh_site.releases.queries.tables import current_table


def all_curves() -> Iterator[Series]:
    """The curves of all neighbourhoods, districts and topics; none before the first release."""
    table = current_table()
    if table is None:
        return
    districts: dict[str, list[str]] = {
        district: [] for district in District.objects.values_list("pk", flat=True)
    }
    for area, district in Area.objects.values_list("pk", "district_id"):
        yield place_numbers(table, (area,), district=district).curve
        if district is not None:
            districts[district].append(area)
    for district, areas in districts.items():
        yield place_numbers(table, tuple(areas), district=district).curve
    for topic in Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED):
        if (curve := topic_numbers(table, topic).curve) is not None:
            yield curve
