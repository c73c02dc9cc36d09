"""The promise ledger: what organisations owe a place, by when, and whether they kept it. Its only writers.

Rooms promise inside their own transactions; each promise names what it is about by a word of the room's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mahalleh_site.people.models import Organisation
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


def make(
    *,
    subject: str,
    area: Area,
    topic: Topic,
    what: str,
    organisation: Organisation,
    on: date,
    due_on: date,
    role: str = "",
    words: str = "",
    open_to_all: bool = False,
) -> Promise:
    """Promise something. What is sealed is never in the ledger: the caller does not promise it here."""
    return Promise.objects.create(
        subject=subject,
        area=area,
        topic=topic,
        what=what,
        organisation=organisation,
        role=role,
        made_on=on,
        due_on=due_on,
        words=words,
        open_to_all=open_to_all,
    )


def end(*, subject: str, outcome: str, on: date, role: str = "", words: str = "") -> None:
    """What was owed about a subject is settled."""
    Promise.objects.filter(subject=subject, ended_on=None).update(
        ended_on=on, outcome=outcome, role=role, words=words
    )


def change_hands(*, subject: str, organisation: Organisation) -> None:
    """Another organisation owes it now; the day stays."""
    Promise.objects.filter(subject=subject, ended_on=None).update(organisation=organisation)


def show(*, subject: str, open_to_all: bool) -> None:
    """Let the promises about a subject be shown one by one, or no longer."""
    Promise.objects.filter(subject=subject).update(open_to_all=open_to_all)


def forget_words(subjects: Sequence[str]) -> None:
    """Delete the public words about subjects, which are then shown one by one no longer; the days stay."""
    Promise.objects.filter(subject__in=subjects).update(words="", open_to_all=False)


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
