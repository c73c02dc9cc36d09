"""A city's map: its districts, its neighbourhoods, what is drawn below them. Atomic, with an audit row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from mahalleh.errors import Faults, PlacesError
from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.places import outlines
from mahalleh_site.places.models import Area, Basemap, District

WHOLE_CITY: Final = "city"  # the one district of a city whose boundaries name none
REST: Final = "rest"  # the district of areas that name none, where others do
NAME_LIMIT: Final = 120
_ID = re.compile(r"[\w-]{1,60}")  # what Django's slugs, and so our addresses, can hold

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows an import left."""

    areas: int
    districts: int


@transaction.atomic
def import_places(
    places: gpd.GeoDataFrame,
    *,
    by: By,
    city_names: Names,
    districts: Mapping[str, Names] | None = None,
    water: Iterable[BaseGeometry] = (),
    green: Iterable[BaseGeometry] = (),
) -> Counted:
    """Store the city's map: districts, areas with light outlines, and the basemap (WGS84 shapes).

    Areas that name no district come under one that is the whole city, or the rest of it, since careful topics
    are published by district and by nothing finer.

    Raises:
        PlacesError: where ids cannot stand in an address or names are too long; all are named.
    """
    _check_names(places)
    parents, names = _districts(places, city_names, districts or {})
    District.objects.bulk_create(
        [District(id=key, name_fa=value["fa"], name_en=value["en"]) for key, value in names.items()],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["name_fa", "name_en"],
    )
    water, green = list(water), list(green)
    frame = outlines.frame(places.geometry)
    paths, boundaries = outlines.light(list(places.geometry), frame)
    middles = places.geometry.representative_point()
    rows = zip(places.index, places.itertuples(), paths, boundaries, middles, strict=True)
    Area.objects.bulk_create(
        [
            Area(
                id=area,
                name_fa=_name(row, "fa"),
                name_en=_name(row, "en"),
                district_id=parents[area],
                population=None if row.population != row.population else float(row.population),
                outline=path,
                boundary=boundary,
                lon=round(middle.x, outlines.DECIMALS),
                lat=round(middle.y, outlines.DECIMALS),
            )
            for area, row, path, boundary, middle in rows
        ]
    )
    Basemap.objects.all().delete()
    Basemap.objects.create(
        height=frame.height,
        west=frame.west,
        south=frame.south,
        east=frame.east,
        north=frame.north,
        water="".join(outlines.light(water, frame)[0]) if water else "",
        green="".join(outlines.light(green, frame)[0]) if green else "",
    )
    counted = Counted(areas=len(places), districts=len(names))
    audit.record(
        by=by,
        verb="places.import",
        object=city_names["en"],
        facts={"areas": counted.areas, "districts": counted.districts},
    )
    return counted


def _check_names(places: gpd.GeoDataFrame) -> None:
    faults = Faults(PlacesError)
    if bad := [area for area in places.index if not _ID.fullmatch(area)]:
        faults.add("cli.bad-area-id", ids=bad)
    long = [
        name for row in places.itertuples() for name in {_name(row, "fa"), _name(row, "en")}
        if len(name) > NAME_LIMIT
    ]  # fmt: skip
    if long:
        faults.add("cli.long-name", names=long, limit=NAME_LIMIT)
    faults.raise_if_any()


def _name(row: Any, language: str) -> str:
    """The name in a language; the one name there is where the language has none of its own."""
    own = getattr(row, f"name_{language}", None)
    return str(own) if isinstance(own, str) and own else str(row.name)


def _districts(
    places: gpd.GeoDataFrame, city_names: Names, known: Mapping[str, Names]
) -> tuple[dict[str, str], dict[str, Names]]:
    """Each area's district, and each district's names."""
    given = {area: parent if isinstance(parent, str) else None for area, parent in places["parent"].items()}
    some = any(given.values())
    rest: tuple[str, Names] = (
        (REST, {"fa": "بقیهٔ شهر", "en": "Rest of the city"}) if some else (WHOLE_CITY, city_names)
    )
    parents = {str(area): parent or rest[0] for area, parent in given.items()}
    faults = Faults(PlacesError)
    if bad := sorted({parent for parent in parents.values() if not _ID.fullmatch(parent)}):
        faults.add("cli.bad-area-id", ids=bad)
    faults.raise_if_any()
    names = {
        parent: known.get(parent, rest[1] if parent == rest[0] else {"fa": parent, "en": parent})
        for parent in sorted(set(parents.values()))
    }
    return parents, names
