"""The promise ledger's only writers: what organisations owe a place, by when, and what became of it.

Rooms promise inside their own transactions; each promise names what it is about by a word of the room's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mahalleh_site.people.models import Organisation
from mahalleh_site.places import public_words
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
    made = Promise(
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
    made.mark = public_words.mark(made.__dict__)
    made.save(force_insert=True)
    return made


def end(*, subject: str, outcome: str, on: date, role: str = "", words: str = "") -> None:
    """What was owed about a subject is settled."""
    for promise in Promise.objects.filter(subject=subject, ended_on=None):
        promise.ended_on, promise.outcome, promise.role, promise.words = on, outcome, role, words
        promise.mark = public_words.mark(promise.__dict__)
        promise.save(update_fields=["ended_on", "outcome", "role", "words", "mark"])


def change_hands(*, subject: str, organisation: Organisation) -> None:
    """Another organisation owes it now; the day stays, and the words go: they were the first one's."""
    held = Promise.objects.filter(subject=subject, ended_on=None)
    held.update(organisation=organisation, words="", mark=b"")


def show(*, subject: str, open_to_all: bool) -> None:
    """Let the promises about a subject be shown one by one, or no longer."""
    Promise.objects.filter(subject=subject).update(open_to_all=open_to_all)


def forget_words(subjects: Sequence[str]) -> None:
    """Delete the public words about subjects, which are then shown one by one no longer; the days stay."""
    Promise.objects.filter(subject__in=subjects).update(words="", mark=b"", open_to_all=False)
