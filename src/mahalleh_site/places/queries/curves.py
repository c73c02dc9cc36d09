"""Every curve that a page shows before its reader chooses a topic: drawn ahead, so that nobody waits."""

from __future__ import annotations

from collections.abc import Iterator

from mahalleh.disclose import Series
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.places.queries.board import current_board
from mahalleh_site.places.queries.city import topic_page
from mahalleh_site.places.queries.place import area_page, district_page


def all_curves() -> Iterator[Series]:
    """The curves of all neighbourhoods, districts and topics; none before the first release."""
    if current_board() is None:
        return
    for area in Area.objects.values_list("pk", flat=True):
        if (numbers := area_page(area).numbers) is not None:
            yield numbers.curve
    for district in District.objects.values_list("pk", flat=True):
        if (numbers := district_page(district).numbers) is not None:
            yield numbers.curve
    for topic in Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED).values_list("pk", flat=True):
        if (curve := topic_page(topic).curve) is not None:
            yield curve
