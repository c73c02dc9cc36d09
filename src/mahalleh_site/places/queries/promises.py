"""The promise ledger as everyone reads it: what organisations owe a place, as of the standing of the day.

Nothing here reads a promise itself, but for `answers`, whose counts leave with noise alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from django.db.models import QuerySet

from mahalleh_site.places.models import Area, Promise, ShownPromise, Standing, Topic

LATELY: Final = 90  # days that a kept promise stays on a page
SHOWN: Final = 8
ANSWERS: Final = "answers"  # the name of its table, in the manifest too
IN_TIME: Final = "in-time"
AFTER: Final = "after"  # the day that was promised

_P = TypeVar("_P", Promise, ShownPromise)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is owed to a place on a day: how many promises are late, and those that are shown one by one.

    `day`: None before the first drawing.
    """

    day: date | None
    late: int
    oldest_late: date | None
    listed: tuple[ShownPromise, ...]


def standing() -> Standing:
    """The standing of the day; one without a day before the first drawing."""
    return Standing.objects.first() or Standing()


def ledger(area: Area | None) -> Ledger:
    """The promises of a neighbourhood, or of the whole city."""
    stands = standing()
    found = ShownPromise.objects.select_related("organisation", "topic", "area")
    if area is not None:
        found = found.filter(area=area)
    late = [each for id_, each in stands.late.items() if area is None or id_ == area.pk]
    return Ledger(
        day=stands.day,
        late=sum(count for count, _first, _last in late),
        oldest_late=min((date.fromisoformat(first) for _count, first, _last in late), default=None),
        listed=_listed(found, stands.day) if stands.day else (),
    )


def _listed(found: QuerySet[ShownPromise], day: date) -> tuple[ShownPromise, ...]:
    """Those that are late, then those that are due, then what was given lately, the newest first."""
    owed = found.filter(ended_on=None).order_by("-late", "due_on", "number")
    since = date.fromordinal(day.toordinal() - LATELY)
    given = _given(found.filter(ended_on__gte=since)).order_by("-ended_on", "-number")
    return tuple([*owed[:SHOWN], *given[:SHOWN]][:SHOWN])


def _given(ended: QuerySet[_P]) -> QuerySet[_P]:
    """Those that were kept: what is not needed any more was not, and what ended in a promise was put off."""
    put_off = {"what": Promise.What.ACT, "outcome": Promise.Outcome.PROMISED}
    return ended.exclude(outcome=Promise.Outcome.DROPPED).exclude(**put_off)


def answers(start: date, end: date) -> Mapping[tuple[str, str], int]:
    """How many promises were kept in a week, by area and whether in time: exact, for a noisy table alone.

    Each promise ends once, so it stands in one cell at most.
    """
    areas = Area.objects.values_list("pk", flat=True)
    cells = {(area, when): 0 for area in areas for when in (IN_TIME, AFTER)}
    open_ = Promise.objects.filter(topic__sensitivity=Topic.Sensitivity.OPEN)
    ended = open_.filter(ended_on__gte=start, ended_on__lt=end)
    for area, ended_on, due_on in _given(ended).values_list("area_id", "ended_on", "due_on"):
        cells[area, IN_TIME if ended_on and ended_on <= due_on else AFTER] += 1
    return cells
