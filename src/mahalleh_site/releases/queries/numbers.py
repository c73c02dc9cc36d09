"""What a release says about a place or a topic: totals of the last year, changes, months, the curve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mahalleh.disclose import NOTHING, Amount, Change, Series, Window, bursts, series, years
from mahalleh_site.places.models import Topic
from mahalleh_site.releases.queries.tables import ReleaseTable, release_table
from mahalleh_site.releases.queries.totals import MONTHS_SHOWN, Part, Years, curve, months, totals


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
class TopicNumbers:
    """What is published about a topic, in total and by place. `curve`: None without a period.

    `level`: area or district, the finest place at which the topic is published.
    """

    level: str
    whole: Years
    places: Years
    span: Window
    curve: Series | None


def place_numbers(
    table: ReleaseTable, areas: tuple[str, ...], *, district: str | None, topic: str = ""
) -> PlaceNumbers:
    """What is published about the place that `areas` make up and which lies in `district`."""
    topics = list(Topic.objects.exclude(sensitivity=Topic.Sensitivity.SEALED))
    open_topics = [each for each in topics if each.sensitivity == Topic.Sensitivity.OPEN]
    careful = [each for each in topics if each.sensitivity == Topic.Sensitivity.CAREFUL]
    told = totals(table, Part("area", areas), by="topic")
    needs = _rows(told, _kind(open_topics, Topic.Kind.NEED))
    activities = _rows(told, _kind(open_topics, Topic.Kind.ACTIVITY))
    chosen = next((row.topic for row in (*needs, *activities) if row.topic.pk == topic), None)
    wanted = (chosen.pk,) if chosen else ids(needs)
    return PlaceNumbers(
        release=table.number,
        summary=_summary(table, areas, needs),
        needs=needs,
        activities=activities,
        careful=_careful(table, district, _kind(careful, Topic.Kind.NEED)),
        careful_activities=_careful(table, district, _kind(careful, Topic.Kind.ACTIVITY)),
        curve=curve(table, Part("area", areas, wanted)),
        chosen=chosen,
        freq=table.freq,
    )


def _summary(table: ReleaseTable, areas: tuple[str, ...], needs: Sequence[TopicRow]) -> Summary:
    now, before, change = totals(table, Part("area", areas, ids(needs)), by="level").of("area")
    most = [row.topic for row in needs if (row.now.shown or 0) > 0][:2]
    return Summary(now, before, change, tuple(most), table.open_window)


def _rows(told: Years, topics: Iterable[Topic]) -> tuple[TopicRow, ...]:
    """A row a topic that the release counts here, the most frequent first."""
    rows = [
        TopicRow(topic, *told.of(topic.pk, direction=topic.direction))
        for topic in topics
        if topic.pk in told.now
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.now.shown or 0), row.topic.pk)))


def _careful(table: ReleaseTable, district: str | None, topics: Sequence[Topic]) -> Careful | None:
    if district is None or not topics:
        return None
    rows = _rows(totals(table, Part("district", (district,)), by="topic"), topics)
    if not rows:
        return None
    found = months(table, district)
    ends = dict(zip(table.months, [*table.months[1:], table.careful_window.end], strict=True))
    shown = tuple(
        (start, ends[start], tuple(found.get((start, row.topic.pk), NOTHING) for row in rows))
        for start in reversed(table.months[-MONTHS_SHOWN:])
    )
    return Careful(rows, table.careful_window, shown)


def _kind(topics: Iterable[Topic], kind: str) -> list[Topic]:
    return [topic for topic in topics if topic.kind == kind]


def ids(rows: Iterable[TopicRow]) -> tuple[str, ...]:
    """Sorted, so that the same topics are always kept under the same name."""
    return tuple(sorted(row.topic.pk for row in rows))


def topic_numbers(release: ReleaseTable, topic: Topic) -> TopicNumbers:
    """What is published about a topic: open ones by neighbourhood, careful ones by district and month."""
    is_open = topic.sensitivity == Topic.Sensitivity.OPEN
    return _topic(release.folder, release.number, topic.pk, "area" if is_open else "district")


@lru_cache(maxsize=128)
def _topic(folder: Path, number: int, topic: str, level: str) -> TopicNumbers:
    """Kept in the process: a release never changes."""
    release = release_table(folder, number)
    frame = release.by_topic.get((level, topic), release.empty)
    is_open = level == "area"
    span = release.open_window if is_open else release.careful_window
    starts = release.starts if is_open else release.months
    freq, threshold = release.freq if is_open else "M", settings.CITY.threshold
    curve = series(frame, starts, span.end, freq, threshold=threshold) if starts else None
    whole, places = (
        Years(*years(frame, span, by=by, threshold=threshold), bursts(frame, span, by=by))
        for by in ("level", "place")
    )
    return TopicNumbers(level, whole, places, span, curve)
