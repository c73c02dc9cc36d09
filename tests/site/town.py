"""A town of three neighbourhoods whose published table is known cell by cell, so that tests can add it up."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from django.core.cache import caches

from mahalleh.disclose.tables import HIDDEN
from mahalleh_site.city import City, Helpline
from mahalleh_site.places.models import Area, Basemap, District, Topic
from mahalleh_site.releases.models import Load, Release

NUMBER = 7
WEEKS = 110
END = date(2026, 10, 31)  # a Saturday
STARTS = [END - timedelta(weeks=WEEKS - i) for i in range(WEEKS)]
MONTHS = [
    date(2024 + (8 + i) // 12, (8 + i) % 12 + 1, 1) for i in range(26)
]  # September 2024 ... October 2026
SECRET = -98765  # the value of one small cell; it may stand on no page. The cell before makes its year whole
HALF = 3.0

AREAS = {
    "a": ("الف", "Alef", "north", 1000.0),
    "b": ("بِ", "Be", "north", 2000.0),
    "c": ("جیم", "Jim", "south", None),
}
TOPICS = {
    "lamps": ("روشنایی", "Street lighting", "open", "need"),
    "noise": ("سروصدا", "Noise", "open", "need"),
    "quarrel": ("درگیری در خانه", "Trouble at home", "careful", "need"),
    "secret": ("موضوع پنهان", "A sealed matter", "sealed", "need"),
    "stops": ("توقف", "Stops", "open", "activity"),
}


def value(topic: str, place: str, week: int) -> tuple[int, str | None]:
    """The cell of a topic at a place in a week: its noisy value and why it is hidden.

    | topic | a | b | c |
    | --- | --- | --- | --- |
    | lamps | 20, the last 52 weeks 10 | 30; of the last three 60 - SECRET, SECRET (small), 30 | 50 |
    | noise | 3, hidden: small | 6 | 0, hidden: small |
    | stops | 40 | 40 | 40 |
    """
    if topic == "lamps":
        if place == "b":
            odd = {WEEKS - 2: (SECRET, "small"), WEEKS - 3: (60 - SECRET, None)}
            return odd.get(week, (30, None))
        return ({"a": 10 if week >= WEEKS - 52 else 20, "c": 50}[place], None)
    if topic == "noise":
        return {"a": (3, "small"), "b": (6, None), "c": (0, "small")}[place]
    return 40, None


def table() -> pl.DataFrame:
    """The frozen table of the town's release."""
    rows = [
        (topic, "area", place, start, start + timedelta(weeks=1), "W", *value(topic, place, week))
        for topic in ("lamps", "noise", "stops")
        for place in AREAS
        for week, start in enumerate(STARTS)
    ]
    rows += [
        (
            "quarrel",
            "district",
            place,
            start,
            end,
            "M",
            12 if place == "north" else 2,
            None if place == "north" else "small",
        )
        for place in ("north", "south")
        for start, end in pairwise(MONTHS)
    ]
    frame = pl.DataFrame(
        rows,
        schema=["topic", "level", "place", "start", "end", "freq", "value", "hidden"],
        orient="row",
        infer_schema_length=None,
    )
    return frame.select(
        "topic", "level", "place", "start", "end", "freq", pl.col("value").cast(pl.Int64),
        pl.lit(HALF).alias("half_width"), pl.col("hidden").cast(HIDDEN),
        pl.lit(1.0).alias("epsilon"), pl.lit(1, pl.Int32).alias("draws"),
    )  # fmt: skip


@pytest.fixture
def unpublished(db, tmp_path, settings) -> City:
    """The town before its first release."""
    caches["pages"].clear()  # kept pages are of another town
    for model in (Area, District, Basemap, Load, Release, Topic):
        model.objects.all().delete()
    settings.VAR = tmp_path
    settings.CITY = City(
        names={"fa": "شهرک", "en": "Littletown"},
        calendar="gregorian",
        contact="ask@littletown.example",
        helplines=(
            Helpline("110", {"fa": "پلیس", "en": "police"}, urgent=True),
            Helpline("123", {"fa": "مشاور", "en": "a counsellor"}),
        ),
    )
    districts = {
        key: District.objects.create(id=key, name_fa=fa, name_en=en)
        for key, fa, en in (("north", "شمال", "North"), ("south", "جنوب", "South"))
    }
    for i, (key, (fa, en, district, population)) in enumerate(AREAS.items()):
        west = 51.40 + i / 100
        ring = [[west, 35.70], [west + 0.01, 35.70], [west + 0.01, 35.71], [west, 35.71], [west, 35.70]]
        Area.objects.create(
            id=key, name_fa=fa, name_en=en, district=districts[district], population=population,
            outline=f"M{12 + 325 * i} 12l325 0 0 400-325 0z",
            boundary={"type": "Polygon", "coordinates": [ring]}, lon=west + 0.005, lat=35.705,
        )  # fmt: skip
    Basemap.objects.create(
        height=424,
        west=51.40,
        south=35.70,
        east=51.43,
        north=35.71,
        water="M0 200l1000 0 0 20-1000 0z",
        green="",
    )
    for key, (fa, en, sensitivity, kind) in TOPICS.items():
        Topic.objects.create(id=key, name_fa=fa, name_en=en, sensitivity=sensitivity, kind=kind)
    return settings.CITY


@pytest.fixture
def town(unpublished, settings) -> City:
    """The town with one release and one load."""
    folder = Path(settings.VAR)
    (folder / "private").mkdir()
    (folder / "releases" / str(NUMBER)).mkdir(parents=True)
    frame = table()
    frame.write_parquet(folder / "private" / f"cells-{NUMBER}.parquet")
    (folder / "releases" / str(NUMBER) / "counts.csv").write_text("topic,value\n", encoding="utf-8")
    (folder / "releases" / str(NUMBER) / "ledger.parquet").write_text("private", encoding="utf-8")
    Release.objects.create(
        number=NUMBER, epsilon=1.0, threshold=5, freq="W", first=STARTS[0], last=END, rows=len(frame),
        hidden=frame["hidden"].is_not_null().sum(), digest="0" * 64,
    )  # fmt: skip
    Load.objects.create(
        name="calls.csv", format="table", digest="1" * 64, rows_read=1234, rows_kept=1200,
        refused={"no-place": {"count": 30, "lines": ["calls.csv:2"]}, "outside": {"count": 4, "lines": []}},
        first=STARTS[0], last=END,
    )  # fmt: skip
    return unpublished
