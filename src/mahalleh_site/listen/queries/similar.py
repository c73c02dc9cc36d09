"""Open reports near by that the public may see, so that a resident can say “I have this too”."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import h3
from django.db.models import QuerySet
from django.utils import timezone

from mahalleh.text import folded
from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Report
from mahalleh_site.places.models import Area, Topic

RINGS: Final = 2  # of cells round a place: up to about 700 m
DAYS: Final = 90
SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Near:
    """A report near by: how many rings of cells away, None where only the area is known."""

    report: Report
    rings: int | None


def shown() -> QuerySet[Report]:
    """Reports that everyone may see, as `actions._common.shown` says for one."""
    return Report.objects.filter(
        may_publish=True,
        is_private=False,
        topic__sensitivity=Topic.Sensitivity.OPEN,
        status__in=rules.COUNTED,
    ).exclude(public_text="")


def near(topic: Topic, area: Area | None, cell: int | None, words: str) -> list[Near]:
    """Open reports about a topic near a place, those whose words are most alike first."""
    since = timezone.localdate() - timedelta(days=DAYS)
    open_ = shown().filter(topic=topic, status__in=rules.OPEN, day__gte=since).select_related("topic", "area")
    ring = _ring(cell)
    found = open_.filter(cell__in=ring) if ring else open_.filter(area=area)
    mine = _words(words)
    ranked = sorted(found[:200], key=lambda report: (-_alike(mine, _words(report.public_text)), -report.pk))
    return [Near(report, ring.get(report.cell) if ring else None) for report in ranked[:SHOWN]]


def named(key: str) -> Report | None:
    """A report near by that somebody pointed at; None where it may not be shown or has ended."""
    if not key:
        return None
    return shown().filter(key=key, status__in=rules.OPEN).select_related("topic", "area").first()


def _ring(cell: int | None) -> dict[int | None, int]:
    if cell is None:
        return {}
    middle = h3.int_to_str(cell)
    return {h3.str_to_int(each): h3.grid_distance(middle, each) for each in h3.grid_disk(middle, RINGS)}


def _words(text: str) -> set[str]:
    return set(folded(text).split())


def _alike(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
