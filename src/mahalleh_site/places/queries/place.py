"""The pages of a neighbourhood and of a district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.places.queries.board import Board, amounts, bursts, current_board, years
from mahalleh_site.places.queries.series import Series, series
from mahalleh_site.places.rules import NOTHING, Amount, Change, Window, compare

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic at a place: the last year, the year before, and the change."""

    topic: Topic
    now: Amount
    before: Amount
    change: Change


@dataclass(frozen=True, slots=True)
class Summary:
    """All topics of residents together, and those told most often."""

    now: Amount
    before: Amount
    change: Change
    most: tuple[Topic, ...]
    span: Window


@dataclass(frozen=True, slots=True)
class Careful:
    """Careful topics of a district: a row a topic, and the single months."""

    rows: tuple[TopicRow, ...]
    span: Window
    months: tuple[tuple[object, object, tuple[Amount, ...]], ...]


@dataclass(frozen=True, slots=True)
class PlaceNumbers:
    """What is published about a place. `chosen`: the topic of the curve; None: all of residents' topics."""

    release: int
    summary: Summary
    needs: tuple[TopicRow, ...]
    activities: tuple[TopicRow, ...]
    careful: Careful | None
    careful_activities: Careful | None
    curve: Series
    chosen: Topic | None
    freq: str


@dataclass(frozen=True, slots=True)
class AreaPage:
    """A neighbourhood's page. `numbers` is None before the first release."""

    area: Area
    numbers: PlaceNumbers | None
    around: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class DistrictPage:
    """A district's page, with its neighbourhoods."""

    district: District
    areas: tuple[tuple[Area, Amount, Amount, Change], ...]
    numbers: PlaceNumbers | None
    population: float | None


def area_page(area_id: str, *, topic: str = "") -> AreaPage:
    """The page of a neighbourhood, with the curve of a topic, or of all of residents' topics.

    Raises:
        Area.DoesNotExist: where there is no such neighbourhood.
    """
    area = Area.objects.select_related("district").get(pk=area_id)
    around = tuple(
        Area.objects.filter(district=area.district)
        .exclude(pk=area.pk)
        .only("id", "name_fa", "name_en")
        .order_by("id")
        if area.district_id
        else ()
    )
    board = current_board()
    if board is None:
        return AreaPage(area, None, around)
    numbers = place_numbers(board, board.area(area.pk), district=area.district_id, topic=topic)
    return AreaPage(area, numbers, around)


def district_page(district_id: str, *, topic: str = "") -> DistrictPage:
    """The page of a district.

    Raises:
        District.DoesNotExist: where there is no such district.
    """
    district = District.objects.get(pk=district_id)
    areas = list(district.areas.only("id", "name_fa", "name_en", "population", "district"))
    known = [area.population for area in areas if area.population is not None]
    population = sum(known) if known and len(known) == len(areas) else None
    board = current_board()
    if board is None:
        return DistrictPage(
            district, tuple((a, NOTHING, NOTHING, Change("unknown")) for a in areas), None, population
        )
    frame = board.areas(area.pk for area in areas)
    numbers = place_numbers(board, frame, district=district.pk, topic=topic)
    needs = _of(frame, [row.topic for row in numbers.needs])
    now, before = years(needs, board.open_window, by="place")
    spread = bursts(needs, board.open_window, by="place")
    rows = tuple(
        (area, now.get(area.pk, NOTHING), before.get(area.pk, NOTHING), _change(area.pk, now, before, spread))
        for area in areas
    )
    return DistrictPage(district, rows, numbers, population)


def place_numbers(
    board: Board, frame: pl.DataFrame, *, district: str | None, topic: str = ""
) -> PlaceNumbers:
    """What is published about the place whose open cells are `frame` and which lies in `district`."""
    topics = list(Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED))
    open_topics = [t for t in topics if t.sensitivity == Topic.Sensitivity.OPEN]
    careful = [t for t in topics if t.sensitivity == Topic.Sensitivity.CAREFUL]
    needs = _rows(frame, board.open_window, _kind(open_topics, Topic.Kind.NEED))
    activities = _rows(frame, board.open_window, _kind(open_topics, Topic.Kind.ACTIVITY))
    chosen = next((row.topic for row in (*needs, *activities) if row.topic.pk == topic), None)
    wanted = _of(frame, [chosen] if chosen else [row.topic for row in needs])
    wide = board.district(district) if district else board.empty
    return PlaceNumbers(
        release=board.number,
        summary=_summary(_of(frame, [row.topic for row in needs]), board.open_window, needs),
        needs=needs,
        activities=activities,
        careful=_careful(board, wide, _kind(careful, Topic.Kind.NEED)),
        careful_activities=_careful(board, wide, _kind(careful, Topic.Kind.ACTIVITY)),
        curve=series(wanted, board.starts, board.end, board.freq),
        chosen=chosen,
        freq=board.freq,
    )


def _summary(frame: pl.DataFrame, span: Window, rows: Sequence[TopicRow]) -> Summary:
    now, before = years(frame, span, by="level")
    spread = bursts(frame, span, by="level").get("area", 1.0)
    told, past = now.get("area", NOTHING), before.get("area", NOTHING)
    most = [row.topic for row in rows if (row.now.shown or 0) > 0][:2]
    return Summary(told, past, compare(told, past, bursts=spread), tuple(most), span)


def _rows(frame: pl.DataFrame, span: Window, topics: Iterable[Topic]) -> tuple[TopicRow, ...]:
    """A row a topic that the release counts here, the most frequent first."""
    now, before = years(frame, span, by="topic")
    spread = bursts(frame, span, by="topic")
    rows = [
        TopicRow(
            topic,
            now.get(topic.pk, NOTHING),
            before.get(topic.pk, NOTHING),
            compare(
                now.get(topic.pk, NOTHING),
                before.get(topic.pk, NOTHING),
                direction=topic.direction,
                bursts=spread.get(topic.pk, 1.0),
            ),
        )
        for topic in topics
        if topic.pk in now
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.now.shown or 0), row.topic.pk)))


def _careful(board: Board, frame: pl.DataFrame, topics: Sequence[Topic]) -> Careful | None:
    rows = _rows(frame, board.careful_window, topics)
    if not rows:
        return None
    recent = board.months[-MONTHS_SHOWN:]
    found = amounts(frame.filter(pl.col("start").is_in(recent)), by=["start", "topic"])
    ends = dict(zip(board.months, [*board.months[1:], board.careful_window.end], strict=True))
    months = tuple(
        (start, ends[start], tuple(found.get((start, row.topic.pk), NOTHING) for row in rows))
        for start in reversed(recent)
    )
    return Careful(rows, board.careful_window, months)


def _kind(topics: Iterable[Topic], kind: str) -> list[Topic]:
    return [topic for topic in topics if topic.kind == kind]


def _of(frame: pl.DataFrame, topics: Iterable[Topic]) -> pl.DataFrame:
    return frame.filter(pl.col("topic").is_in([topic.pk for topic in topics]))


def _change(
    key: str, now: Mapping[str, Amount], before: Mapping[str, Amount], spread: Mapping[str, float]
) -> Change:
    return compare(now.get(key, NOTHING), before.get(key, NOTHING), bursts=spread.get(key, 1.0))
