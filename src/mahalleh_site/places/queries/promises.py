"""The promise ledger as it is read: what organisations owe a place, and whether they kept it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mahalleh_site.places.models import Area, Promise, Topic

LATELY = 90  # days that a kept promise stays on a page
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Ledger:
    """The promises of a place: sums of the last `LATELY` days, and those that may be shown one by one."""

    due: int
    late: int
    oldest_late: date | None
    kept: int
    kept_in_time: int
    listed: tuple[Promise, ...]

    @property
    def share_in_time(self) -> float:
        """The share of kept promises that were in time, in quarters, so that one more shows little."""
        return round(4 * self.kept_in_time / self.kept) / 4 if self.kept else 0.0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.due or self.late or self.kept)


def ledger(areas: Sequence[Area] | None, today: date) -> Ledger:
    """The promises of a place that these areas make up, or of the whole city.

    Careful topics stand in no ledger: a place finer than its district would be told of them.
    """
    all_ = Promise.objects.filter(topic__sensitivity=Topic.Sensitivity.OPEN)
    if areas is not None:
        all_ = all_.filter(area__in=areas)
    owed = list(all_.filter(ended_on=None).select_related("organisation", "topic", "area"))
    late = [promise for promise in owed if promise.due_on < today]
    since = date.fromordinal(today.toordinal() - LATELY)
    ended = list(
        all_.filter(ended_on__gte=since)
        .exclude(outcome=Promise.Outcome.DROPPED)
        # a promise that ended in another promise was put off, not kept
        .exclude(what=Promise.What.ACT, outcome=Promise.Outcome.PROMISED)
        .select_related("organisation", "topic", "area")
        .order_by("-ended_on", "-id")
    )
    listed = [*late, *(each for each in owed if each.due_on >= today), *ended]
    return Ledger(
        due=len(owed) - len(late),
        late=len(late),
        oldest_late=min((promise.due_on for promise in late), default=None),
        kept=len(ended),
        kept_in_time=sum(promise.in_time for promise in ended),
        listed=tuple(promise for promise in listed if promise.open_to_all)[:SHOWN],
    )
