"""A day for the watch's pages, and a city of twelve squares in which something rises."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pytest
from shapely.geometry import box

from mahalleh.events import SCHEMA, EventStore
from mahalleh.topics import Topic
from mahalleh_site.watch.queries import lists
from tests.site.watch.browsing import demo, in_use, signal  # noqa: F401  (fixtures)

TODAY = date(2026, 10, 31)  # on which pages are looked at
WATCHED = date(2026, 11, 3)  # on which looks are made: a Tuesday
NEWEST = date(2026, 10, 26)  # the Monday of the newest complete week
WEEKS = 110
RISE = ("r1c0", "r1c1")  # the neighbourhoods where the rise is
LONG = 3  # weeks that it has lasted by the end of the newest week


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    """Pages of the watch are looked at on TODAY, whenever the tests run."""
    monkeypatch.setattr(lists, "today", lambda: TODAY)


def grid() -> gpd.GeoDataFrame:
    """Twelve squares in three rows of four; each row is a district, each square has 1,000 residents."""
    ids = [f"r{row}c{column}" for row in range(3) for column in range(4)]
    return gpd.GeoDataFrame(
        {
            "name": ids,
            "population": 1000.0,
            "parent": [f"row{name[1]}" for name in ids],
            "name_fa": ids,
            "name_en": ids,
        },
        geometry=[
            box(51.40 + c / 100, 35.70 - r / 100, 51.41 + c / 100, 35.71 - r / 100)
            for r in range(3)
            for c in range(4)
        ],
        crs="EPSG:4326",
        index=pd.Index(ids, name="area", dtype=object),
    )


TOPICS = (
    Topic("noise", {"en": "Noise", "fa": "سروصدا"}, sensitivity="open"),
    Topic("family", {"en": "Family conflict", "fa": "تعارض خانوادگی"}, sensitivity="careful"),
    Topic("secret", {"en": "Sealed", "fa": "محرمانه"}, sensitivity="sealed"),
    Topic("stops", {"en": "Stops", "fa": "توقف"}, sensitivity="open", kind="activity"),
)


@cache
def events(*, weeks: int = WEEKS, rise: float = 4.0) -> pl.DataFrame:
    """About five needs a week, area and topic, told on the day itself; `noise` rises in RISE at the end."""
    rng = np.random.default_rng(7)
    first = NEWEST + timedelta(weeks=1 - weeks)
    rows = []
    for topic in ("noise", "family", "secret"):
        for area in grid().index:
            for week in range(weeks):
                is_up = topic == "noise" and area in RISE and week >= weeks - LONG
                for number in range(rng.poisson(5 * (rise if is_up else 1))):
                    day = first + timedelta(weeks=week, days=int(rng.integers(7)))
                    rows.append((day, area, topic, ("web", "phone")[number % 2], "need", 1))
    return frame(rows)


def frame(rows) -> pl.DataFrame:
    """Events from (day, area, topic, source, kind, n); each was told on its day."""
    return pl.DataFrame(
        [
            (datetime.combine(day, datetime.min.time()), "day", day, area, None, topic, source, kind, n)
            for day, area, topic, source, kind, n in rows
        ],
        schema=SCHEMA,
        orient="row",
    )


@pytest.fixture
def store(squares, settings, monkeypatch):
    """The twelve squares founded in a folder of their own, watched with few draws; their event store."""
    from mahalleh_site.places import actions
    from mahalleh_site.places.models import Area, Basemap, District
    from mahalleh_site.watch import running, scheme

    for model in (Area, District, Basemap):
        model.objects.all().delete()
    actions.found_city(grid(), by="system:test")
    actions.import_topics(TOPICS, by="system:test")
    real = scheme.scheme_for

    def fewer(city, freq, **given):
        return replace(real(city, freq, **given), replicates=199, courses=0)

    monkeypatch.setattr(running, "scheme_for", fewer)
    return EventStore(settings.VAR / "events")


def fill(store: EventStore, rows: pl.DataFrame, name: str = "events") -> None:
    """Load events."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    store.append([rows], digest=digest, name=name, same_days="add")  # more of the same days, meant so
