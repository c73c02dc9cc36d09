"""The promise ledger's only writers: what organisations owe a place, by when, and what became of it.

Rooms promise inside their own transactions; each promise names what it is about by a word of the room's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mahalleh_site.people.models import Organisation
from mahalleh_site.places.models import Area, Promise, Topic


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
