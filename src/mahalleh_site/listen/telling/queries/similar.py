"""Open reports near by that the public may see, so that a resident can say “I have this too”."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import h3
from django.utils import timezone

from mahalleh.listen import Note, similar
from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Report, ShownReport
from mahalleh_site.listen.queries import published
from mahalleh_site.places.models import Area, Topic

RINGS: Final = 2  # of cells round a place: up to about 700 m
DAYS: Final = 90
SHOWN: Final = 3
MOST: Final = 200  # of those near by that are compared


@dataclass(frozen=True, slots=True)
class Near:
    """A report near by: how many rings of cells away, None where only the area is known."""

    report: ShownReport
    rings: int | None


def near(topic: Topic, area: Area | None, cell: int | None, words: str) -> list[Near]:
    """Open reports about a topic near a place, the likest in words, place and time first."""
    since = timezone.localdate() - timedelta(days=DAYS)
    open_ = (
        published.shown()
        .filter(topic=topic, status__in=rules.OPEN, day__gte=since)
        .select_related("topic", "area")
    )
    ring = _ring(cell)
    found = open_.filter(cell__in=ring) if ring else open_.filter(area=area)
    by_number = {report.number: report for report in published.intact(found[:MOST])}
    mine = Note("", words, cell, area.pk if area else None, topic.pk, timezone.localdate())
    ranked = similar(mine, map(_note, by_number.values()), at_least=0, most=SHOWN)  # a person judges
    reports = [by_number[match.key] for match in ranked]
    return [Near(report, ring.get(report.cell) if ring else None) for report in reports]


def named(number: str) -> Report | None:
    """A report near by that somebody pointed at; None where it may not be shown or has ended."""
    if not number or not published.intact(published.shown().filter(number=number, status__in=rules.OPEN)):
        return None
    return Report.objects.filter(number=number).select_related("topic", "area").first()


def _ring(cell: int | None) -> dict[int | None, int]:
    if cell is None:
        return {}
    middle = h3.int_to_str(cell)
    return {h3.str_to_int(each): h3.grid_distance(middle, each) for each in h3.grid_disk(middle, RINGS)}


def _note(report: ShownReport) -> Note:
    """A published report as the library compares it, by what the public may read."""
    return Note(report.number, report.public_text, report.cell, report.area_id, report.topic_id, report.day)
