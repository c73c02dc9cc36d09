"""The whole city: a map and table of neighbourhoods, what changed lately, and the topics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.conf import settings

from mahalleh.disclose import (
    NOTHING,
    YEAR,
    Amount,
    Change,
    Series,
    Window,
    amounts,
    bursts,
    compare,
    series,
    years,
)
from mahalleh_site.places.models import Area, Basemap, District, Topic
from mahalleh_site.places.queries.board import Board, board, current_board
from mahalleh_site.places.queries.totals import Years
from mahalleh_site.places.rules import breaks, step

SHOWS = ("rate", "count", "change")
SORTS = ("name", "now", "before", "rate", "change")
PER = 1000  # residents, of a rate
LATELY = {"W": 4, "M": 1}  # periods that 'lately' means
CHANGE_SENTENCES = 4
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
    current = current_board()
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
) -> tuple[Mapping[str, Amount], Mapping[str, Amount], Mapping[str, float]]:
    """Totals of both years, and bursts, by neighbourhood; kept, since a release never changes."""
    current = board(folder, number)
    frame, span = _open_cells(current, topics), current.open_window
    both = years(frame, span, by="place", threshold=settings.CITY.threshold)
    return *both, bursts(frame, span, by="place")


def _open_cells(current: Board, topics: Iterable[str]) -> pl.DataFrame:
    parts = [
        current.by_topic[key] for key in (("area", topic) for topic in topics) if key in current.by_topic
    ]
    return pl.concat(parts) if parts else current.empty


def _row(
    area: Area,
    now: Mapping[str, Amount],
    before: Mapping[str, Amount],
    spread: Mapping[str, float],
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
    keys = {
        "now": lambda row: row.now.shown,
        "before": lambda row: row.before.shown,
        "rate": lambda row: row.rate,
        "change": lambda row: (
            None if row.change.share is None else signed[row.change.kind] * row.change.share
        ),
    }
    key = keys[sort]
    missing = float("-inf")
    return sorted(rows, key=lambda row: (-(missing if key(row) is None else key(row)), row.area.name))


@dataclass(frozen=True, slots=True)
class Lately:
    """A topic's last weeks (or month) in the whole city against the same time a year before."""

    topic: Topic
    now: Amount
    change: Change


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed lately. `latest`: all that residents told in the last period, `start`...`end`.

    `periods`: how many weeks or months `clear` looks at. `clear`: topics with a clear change, largest first;
    `steady`: how many others there are.
    """

    latest: Amount
    start: date
    end: date
    since: date
    periods: int
    freq: str
    clear: tuple[Lately, ...]
    steady: int
    compared: bool


def changes() -> Changes | None:
    """What changed lately in the whole city; None before the first release."""
    current = current_board()
    if current is None or not current.starts:
        return None
    topics = list(Topic.objects.filter(sensitivity=Topic.Sensitivity.OPEN, kind=Topic.Kind.NEED))
    latest, now, before, spread = _lately(current.folder, current.number, tuple(topic.pk for topic in topics))
    size = LATELY[current.freq]
    found = [
        Lately(
            topic,
            now[topic.pk],
            compare(
                now[topic.pk],
                before.get(topic.pk, NOTHING),
                direction=topic.direction,
                bursts=spread.get(topic.pk, 1.0),
            ),
        )
        for topic in topics
        if topic.pk in now
    ]
    clear = sorted(
        (item for item in found if item.change.kind in ("more", "fewer")),
        key=lambda item: -(item.change.share or 0),
    )
    return Changes(
        latest=latest,
        start=current.starts[-1],
        end=current.end,
        since=current.starts[-min(size, len(current.starts))],
        periods=size,
        freq=current.freq,
        clear=tuple(clear[:CHANGE_SENTENCES]),
        steady=len(found) - len(clear[:CHANGE_SENTENCES]),
        compared=bool(before),
    )


@lru_cache(maxsize=8)
def _lately(
    folder: Path, number: int, topics: tuple[str, ...]
) -> tuple[Amount, Mapping[str, Amount], Mapping[str, Amount], Mapping[str, float]]:
    current = board(folder, number)
    frame = _open_cells(current, topics)
    year, size = YEAR[current.freq], LATELY[current.freq]
    recent = current.starts[-size:]
    past = current.starts[-year - size : -year] if len(current.starts) >= year + size else ()
    threshold = settings.CITY.threshold
    newest = frame.filter(pl.col("start") == current.starts[-1])
    return (
        amounts(newest, by=["level"], threshold=threshold).get("area", NOTHING),
        amounts(frame.filter(pl.col("start").is_in(recent)), by=["topic"], threshold=threshold),
        amounts(frame.filter(pl.col("start").is_in(past)), by=["topic"], threshold=threshold),
        bursts(frame, current.open_window, by="topic"),
    )


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic in the whole city: its total, its curve, and its map where it is open."""

    topic: Topic
    now: Amount
    before: Amount
    change: Change
    span: Window | None
    curve: Series | None
    map: CityMap | None
    districts: tuple[tuple[object, Amount, Amount, Change], ...]


def topic_page(topic_id: str, *, show: str = "", sort: str = "") -> TopicPage:
    """The page of a topic that may be published.

    Raises:
        Topic.DoesNotExist: where there is none, or where it is sealed, which looks the same.
    """
    topic = Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED).get(pk=topic_id)
    current = current_board()
    if current is None:
        return TopicPage(topic, NOTHING, NOTHING, Change("unknown"), None, None, None, ())
    is_open = topic.sensitivity == Topic.Sensitivity.OPEN
    level = "area" if is_open else "district"
    whole, places, curve = _topic(current.folder, current.number, topic.pk, level)
    districts = (
        ()
        if is_open
        else tuple((each, *places.of(each.pk, direction=topic.direction)) for each in District.objects.all())
    )
    return TopicPage(
        topic,
        *whole.of(level, direction=topic.direction),
        current.open_window if is_open else current.careful_window,
        curve,
        city_map(only=topic, show=show, sort=sort) if is_open else None,
        districts,
    )


@lru_cache(maxsize=128)
def _topic(folder: Path, number: int, topic: str, level: str) -> tuple[Years, Years, Series | None]:
    """A topic's totals in the whole city and by place, and its curve."""
    current = board(folder, number)
    frame = current.by_topic.get((level, topic), current.empty)
    is_open = level == "area"
    span = current.open_window if is_open else current.careful_window
    starts = current.starts if is_open else current.months
    threshold = settings.CITY.threshold
    freq = current.freq if is_open else "M"
    curve = series(frame, starts, span.end, freq, threshold=threshold) if starts else None
    whole, places = (
        Years(*years(frame, span, by=by, threshold=threshold), bursts(frame, span, by=by))
        for by in ("level", "place")
    )
    return whole, places, curve


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """Topics under one heading."""

    group: str
    topics: tuple[Topic, ...]


def topics_by_group() -> tuple[tuple[TopicGroup, ...], tuple[TopicGroup, ...]]:
    """Topics that may be published: what residents tell, and what police and partners did."""
    topics = list(Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED))
    return _grouped(topics, Topic.Kind.NEED), _grouped(topics, Topic.Kind.ACTIVITY)


def _grouped(topics: Iterable[Topic], kind: str) -> tuple[TopicGroup, ...]:
    groups: dict[str, list[Topic]] = {}
    for topic in topics:
        if topic.kind == kind:
            groups.setdefault(topic.group, []).append(topic)
    return tuple(TopicGroup(name, tuple(found)) for name, found in sorted(groups.items()))
