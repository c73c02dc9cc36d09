"""Founding a city: its exact map as a file, its light map in the database, and the sample city with its past.

The folder is the settings' own: the command founds in a workshop folder and moves it into place when whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import geopandas as gpd
import shapely
from django.conf import settings
from django.db import transaction

from mahalleh.events import EventStore
from mahalleh_site.people import audit
from mahalleh_site.places import actions, files, outlines, releases, tasks

EXACT: Final = 7  # decimals of a degree: a centimetre
Step = Callable[[str], None]


@transaction.atomic
def found_city(
    places: gpd.GeoDataFrame,
    *,
    by: Any,
    districts: Mapping[str, actions.Names] | None = None,
    water: Iterable[Any] = (),
    green: Iterable[Any] = (),
) -> actions.Counted:
    """Store a city's neighbourhoods (the library's places frame), on file and in the database.

    Raises:
        PlacesError: where ids or names cannot stand on a page.
    """
    counted = actions.import_places(
        places, by=by, city_names=settings.CITY.names, districts=districts, water=water, green=green
    )
    files.write_whole(files.places_path(settings.VAR), _geojson(places))
    audit.record(
        by=by, verb="city.found", object=settings.CITY.names["en"], facts={"mode": settings.CITY.mode}
    )
    return counted


def found_demo(
    *,
    by: Any,
    seed: int,
    areas: int = 48,
    weeks: int = 156,
    end: date | None = None,
    step: Step = lambda code: None,
) -> None:
    """Found the sample city: map, events, people and a first release. `end`: the day after its last event."""
    from mahalleh.simulate import simulate_city  # slow to import, and only the sample needs it

    step("cli.step-city")
    city = simulate_city(seed, areas=areas, weeks=weeks, end=end, week_start=settings.CITY.week_start)
    step("cli.step-places")
    found_city(
        city.places,
        by=by,
        districts={
            district.id: {"fa": district.name_fa, "en": district.name_en} for district in city.districts
        },
        water=shapely.get_parts(city.river),
        green=shapely.get_parts(city.parks),
    )
    step("cli.step-events")
    digest = hashlib.sha256(f"sample {seed} {areas} {weeks} {end}".encode()).hexdigest()
    store = EventStore(files.events_path(settings.VAR))
    store.append([city.events], digest=digest, name="sample city")
    rows = len(city.events)
    actions.import_topics(city.topics, by=by)
    actions.record_load(
        by=by,
        name="sample city",
        format="simulated",
        digest=digest,
        read=rows,
        kept=rows,
        refused={},
        first=city.events["time"].min().date(),
        last=city.events["time"].max().date(),
    )
    step("cli.step-people")
    from mahalleh_site.people.demo import make_demo_people

    make_demo_people(by=by)
    step("cli.step-publish")
    releases.publish(by=by)
    step("cli.step-charts")
    tasks.draw_charts()


def last_week_end(today: date, week_start: str) -> date:
    """The first day of the week that `today` stands in: where whole weeks end."""
    first = {"monday": 0, "saturday": 5, "sunday": 6}[week_start]
    return today - timedelta(days=(today.weekday() - first) % 7)


def _geojson(places: gpd.GeoDataFrame) -> bytes:
    features = []
    for area, row in zip(places.index, places.itertuples(), strict=True):
        properties = {
            "id": area,
            "name": row.name,
            "name_fa": getattr(row, "name_fa", None) or row.name,
            "name_en": getattr(row, "name_en", None) or row.name,
            "population": None if row.population != row.population else float(row.population),
            "parent": row.parent if isinstance(row.parent, str) else None,
        }
        geometry = outlines.rounded(shapely.geometry.mapping(row.geometry), EXACT)
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
