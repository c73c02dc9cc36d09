"""The whole city by a measure: a map and table of neighbourhoods."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mahalleh.disclose import NOTHING, Amount, Change, Window, bursts, compare, years
from mahalleh_site.places.models import Area, Basemap, Topic
from mahalleh_site.publish.rules import breaks, step
from mahalleh_site.releases.queries.tables import current_table, release_table

SHOWS = ("rate", "count", "change")
SORTS = ("name", "now", "before", "rate", "change")
PER = 1000  # residents, of a rate
DRAWN_WIDTH, DRAWN_MARGIN = 1000, 12  # of the drawing that `outlines` makes; a test holds them together


@dataclass(frozen=True, slots=True)
class MapRow:
    """A neighbourhood on the map and in its table. `rate` and `rate_give`: per 1,000 residents."""

    area: Area
    now: Amount
    before: Amount
    rate: float | None
    rate_give: float | None
    change: Change
    css: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class CityMap:
    """The map and its table. `limits`: upper limits of the colours' classes; empty for a change."""

    rows: tuple[MapRow, ...]
    basemap: Basemap | None
    show: str
    topic: Topic | None
    topics: tuple[Topic, ...]
    sort: str
    limits: tuple[float, ...]
    span: Window | None
    compared: bool

    @property
    def shows(self) -> tuple[str, ...]:
        """What may be shown: a change only where there is a year before."""
        return SHOWS if self.compared else SHOWS[:2]

    @property
    def bounds(self) -> str:
        """South, west, north and east of the whole drawing, margin included: degrees, comma separated."""
        if self.basemap is None:
            return ""
        base = self.basemap
        unit = (base.east - base.west) / (DRAWN_WIDTH - 2 * DRAWN_MARGIN)
        drop = unit * math.cos(math.radians((base.south + base.north) / 2))
        north, west = base.north + DRAWN_MARGIN * drop, base.west - DRAWN_MARGIN * unit
        edges = (north - base.height * drop, west, north, west + DRAWN_WIDTH * unit)
        return ",".join(f"{edge:.6f}" for edge in edges)

    @property
    def any_hidden(self) -> bool:
        """Whether a place has no colour."""
        return any(row.css == "hidden-value" for row in self.rows)

    @property
    def any_unsure(self) -> bool:
        """Whether a place is hatched."""
        return any(row.unsure for row in self.rows)


def city_map(*, topic: str = "", show: str = "", sort: str = "", only: Topic | None = None) -> CityMap:
    """The city by a measure: `topic` (an open topic's id, else all of residents' topics), `show` as SHOWS.

    `only`: a topic's own map, whatever `topic` says. Unknown words fall back to the first choice.
    """
    areas = list(Area.objects.select_related("district").defer("boundary"))
    topics = tuple(Topic.objects.filter(sensitivity=Topic.Sensitivity.OPEN, kind=Topic.Kind.NEED))
    chosen = only or next((each for each in topics if each.pk == topic), None)
    known = sum(bool(area.population) for area in areas)
    basemap = Basemap.objects.first()
    current = current_table()
    sort = sort if sort in SORTS else "name"  # by name: a list is not a ranking unless a reader asks
    if current is None:
        rows = tuple(
            MapRow(a, NOTHING, NOTHING, None, None, Change("unknown"), "hidden-value", False) for a in areas
        )
        return CityMap(rows, basemap, "count", chosen, topics, sort, (), None, False)
    allowed = SHOWS if current.has_year_before else SHOWS[:2]
    fallback = "rate" if 2 * known >= len(areas) else "count"
    show = show if show in allowed else fallback
    ids = (chosen.pk,) if chosen else tuple(each.pk for each in topics)
    now, before, spread = _by_area(current.folder, current.number, ids)
    made = [_row(area, now, before, spread, chosen) for area in areas]
    limits = () if show == "change" else tuple(breaks(_numbers(made, show)))
    coloured = [_coloured(row, show, limits) for row in made]
    return CityMap(
        tuple(_sorted(coloured, sort)),
        basemap,
        show,
        chosen,
        topics,
        sort,
        limits,
        current.open_window,
        current.has_year_before,
    )


@lru_cache(maxsize=128)
def _by_area(
    folder: Path, number: int, topics: tuple[str, ...]
) -> tuple[Mapping[Hashable, Amount], Mapping[Hashable, Amount], Mapping[Hashable, float]]:
    """Totals of both years, and bursts, by neighbourhood; kept, since a release never changes."""
    current = release_table(folder, number)
    frame, span = current.open_topics(topics), current.open_window
    both = years(frame, span, by="place", threshold=settings.CITY.threshold)
    return *both, bursts(frame, span, by="place")


def _row(
    area: Area,
    now: Mapping[Hashable, Amount],
    before: Mapping[Hashable, Amount],
    spread: Mapping[Hashable, float],
    topic: Topic | None,
) -> MapRow:
    told, past = now.get(area.pk, NOTHING), before.get(area.pk, NOTHING)
    rate = give = None
    if told.shown is not None and area.population:
        rate, give = told.shown / area.population * PER, told.half_width / area.population * PER
    change = compare(
        told, past, direction=topic.direction if topic else "less", bursts=spread.get(area.pk, 1.0)
    )
    return MapRow(area, told, past, rate, give, change, "hidden-value", False)


def _numbers(rows: Iterable[MapRow], show: str) -> list[float]:
    values = [row.rate if show == "rate" else row.now.shown for row in rows]
    return [float(value) for value in values if value is not None]


def _coloured(row: MapRow, show: str, limits: tuple[float, ...]) -> MapRow:
    if show == "change":
        css, unsure = _change_colour(row.change), False
    else:
        value = row.rate if show == "rate" else row.now.shown
        css = "hidden-value" if value is None else f"s{step(value, limits)}"
        unsure = value is not None and row.now.unsure
    return MapRow(row.area, row.now, row.before, row.rate, row.rate_give, row.change, css, unsure)


def _change_colour(change: Change) -> str:
    """Lapis for fewer, saffron for more, paper for no clear change; dark from a quarter on."""
    if change.kind == "unknown":
        return "hidden-value"
    if change.kind == "same" or change.share is None:
        return "e0"
    strong = 2 if change.share >= 0.25 else 1
    return f"{'m' if change.kind == 'more' else 'l'}{strong}"


def _sorted(rows: list[MapRow], sort: str) -> list[MapRow]:
    if sort == "name":
        return sorted(rows, key=lambda row: row.area.name)
    signed = {"more": 1, "fewer": -1, "same": 0, "unknown": 0}
    keys: dict[str, Callable[[MapRow], float | None]] = {
        "now": lambda row: row.now.shown,
        "before": lambda row: row.before.shown,
        "rate": lambda row: row.rate,
        "change": lambda row: (
            None if row.change.share is None else signed[row.change.kind] * row.change.share
        ),
    }
    missing = float("-inf")

    def place(row: MapRow) -> tuple[float, str]:
        value = keys[sort](row)
        return -(missing if value is None else value), row.area.name

    return sorted(rows, key=place)
