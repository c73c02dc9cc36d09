"""Finding a neighbourhood or a district by what a person types."""

from __future__ import annotations

from dataclasses import dataclass

from mahalleh_site.places.models import Area, District
from mahalleh_site.places.rules import ranked

SUGGESTED = 6
FOUND = 50


@dataclass(frozen=True, slots=True)
class Found:
    """One place that fits: its name, what it is (area or district), where it lies and its page."""

    name: str
    other_name: str
    kind: str
    district: str
    url: str


def find(query: str, *, limit: int = FOUND) -> list[Found]:
    """Places whose name in either language fits, closest first; of equal fit neighbourhoods first."""
    areas = list(
        Area.objects.select_related("district").only(
            "id", "name_fa", "name_en", "district__name_fa", "district__name_en"
        )
    )
    places: list[Area | District] = [*areas, *District.objects.all()]
    positions = ranked(query[:80], [(place.name_fa, place.name_en, place.pk) for place in places])
    return [_found(places[position]) for position in positions[:limit]]


def suggestions(query: str) -> list[Found]:
    """The first few, while a person types."""
    return find(query, limit=SUGGESTED)


def _found(place: Area | District) -> Found:
    name = place.name
    other = place.name_en if name == place.name_fa else place.name_fa
    district = place.district.name if isinstance(place, Area) and place.district else ""
    kind = "area" if isinstance(place, Area) else "district"
    return Found(name, "" if other == name else other, kind, district, place.get_absolute_url())
