"""The city's drawing with some neighbourhoods marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mahalleh_site.places.models import Area, Basemap


@dataclass(frozen=True, slots=True)
class SignalMap:
    """All neighbourhoods, those of a rise apart."""

    basemap: Basemap | None
    inside: tuple[Area, ...]
    outside: tuple[Area, ...]


def signal_map(marked: Iterable[Area]) -> SignalMap:
    """The map with the `marked` neighbourhoods inside."""
    ids = {area.pk for area in marked}
    areas = Area.objects.only("id", "name_fa", "name_en", "outline")
    inside: list[Area] = []
    outside: list[Area] = []
    for area in areas:
        (inside if area.pk in ids else outside).append(area)
    return SignalMap(Basemap.objects.first(), tuple(inside), tuple(outside))
