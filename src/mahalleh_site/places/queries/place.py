"""The pages of a neighbourhood and of a district."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mahalleh.disclose import NOTHING, Amount, Change, Series, Window
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.places.queries.board import Board, current_board
from mahalleh_site.places.queries.totals import MONTHS_SHOWN, Part, Years, curve, months, totals


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
    numbers = place_numbers(board, (area.pk,), district=area.district_id, topic=topic)
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
    places = tuple(area.pk for area in areas)
    numbers = place_numbers(board, places, district=district.pk, topic=topic)
    told = totals(board, Part("area", places, _ids(numbers.needs)), by="place")
    rows = tuple((area, *told.of(area.pk)) for area in areas)
    return DistrictPage(district, rows, numbers, population)


def place_numbers(
    board: Board, areas: tuple[str, ...], *, district: str | None, topic: str = ""
) -> PlaceNumbers:
    """What is published about the place that `areas` make up and which lies in `district`."""
    topics = list(Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED))
    open_topics = [each for each in topics if each.sensitivity == Topic.Sensitivity.OPEN]
    careful = [each for each in topics if each.sensitivity == Topic.Sensitivity.CAREFUL]
    told = totals(board, Part("area", areas), by="topic")
    needs = _rows(told, _kind(open_topics, Topic.Kind.NEED))
    activities = _rows(told, _kind(open_topics, Topic.Kind.ACTIVITY))
    chosen = next((row.topic for row in (*needs, *activities) if row.topic.pk == topic), None)
    wanted = (chosen.pk,) if chosen else _ids(needs)
    return PlaceNumbers(
        release=board.number,
        summary=_summary(board, areas, needs),
        needs=needs,
        activities=activities,
        careful=_careful(board, district, _kind(careful, Topic.Kind.NEED)),
        careful_activities=_careful(board, district, _kind(careful, Topic.Kind.ACTIVITY)),
        curve=curve(board, Part("area", areas, wanted)),
        chosen=chosen,
        freq=board.freq,
    )


def _summary(board: Board, areas: tuple[str, ...], needs: Sequence[TopicRow]) -> Summary:
    now, before, change = totals(board, Part("area", areas, _ids(needs)), by="level").of("area")
    most = [row.topic for row in needs if (row.now.shown or 0) > 0][:2]
    return Summary(now, before, change, tuple(most), board.open_window)


def _rows(told: Years, topics: Iterable[Topic]) -> tuple[TopicRow, ...]:
    """A row a topic that the release counts here, the most frequent first."""
    rows = [
        TopicRow(topic, *told.of(topic.pk, direction=topic.direction))
        for topic in topics
        if topic.pk in told.now
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.now.shown or 0), row.topic.pk)))


def _careful(board: Board, district: str | None, topics: Sequence[Topic]) -> Careful | None:
    if district is None or not topics:
        return None
    rows = _rows(totals(board, Part("district", (district,)), by="topic"), topics)
    if not rows:
        return None
    found = months(board, district)
    ends = dict(zip(board.months, [*board.months[1:], board.careful_window.end], strict=True))
    shown = tuple(
        (start, ends[start], tuple(found.get((start, row.topic.pk), NOTHING) for row in rows))
        for start in reversed(board.months[-MONTHS_SHOWN:])
    )
    return Careful(rows, board.careful_window, shown)


def _kind(topics: Iterable[Topic], kind: str) -> list[Topic]:
    return [topic for topic in topics if topic.kind == kind]


def _ids(rows: Iterable[TopicRow]) -> tuple[str, ...]:
    """Sorted, so that the same topics are always kept under the same name."""
    return tuple(sorted(row.topic.pk for row in rows))
