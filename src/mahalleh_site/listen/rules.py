"""The rules of listening: states and what leads from one to another, who receives what, dates. No Django.

A report's states (`TRANSITIONS`): from, verb, to. `RESIDENT` names the verbs of residents; all others belong
to whoever may work on the report.

| | take | answer as done | decline | promise | forward | merge | refuse | withdraw | better: no |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| held | | | | | | | refused | withdrawn | |
| new | open | closed | declined | promised | new | merged | refused | withdrawn | |
| open, reopened | open | closed | declined | promised | new | merged | refused | withdrawn | |
| promised | open | closed | declined | promised | new | merged | | withdrawn | |
| closed, declined | | | | | | | | withdrawn | reopened |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from mahalleh_site.sealed.rules import Course

_WORKED_ON: Final = {
    "take": "open",
    "answer": "closed",
    "decline": "declined",
    "promise": "promised",
    "forward": "new",  # to whoever receives it
    "merge": "merged",
    "refuse": "refused",
    "withdraw": "withdrawn",
}
TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "held": {"accept": "new", "refuse": "refused", "withdraw": "withdrawn"},
    "new": _WORKED_ON,
    "open": _WORKED_ON,
    "reopened": _WORKED_ON,
    "promised": {verb: after for verb, after in _WORKED_ON.items() if verb != "refuse"},
    "closed": {"withdraw": "withdrawn", "reopen": "reopened"},
    "declined": {"withdraw": "withdrawn", "reopen": "reopened"},
    "merged": {"withdraw": "withdrawn", "part": "open"},
    "withdrawn": {},
    "refused": {"accept": "new"},
}
RESIDENT: Final = frozenset({"withdraw", "reopen"})
OPEN: Final = frozenset({"held", "new", "open", "promised", "reopened"})
ANSWERED: Final = frozenset({"closed", "declined"})
ENDED: Final = frozenset({"closed", "declined", "merged", "withdrawn", "refused"})
COURSE: Final = Course(TRANSITIONS, ENDED)
COUNTED: Final = frozenset({"new", "open", "promised", "closed", "declined", "reopened"})
NEEDS_ANSWER: Final = frozenset({"answer", "decline", "promise"})  # verbs that say something to the resident
NOT_BETTER: Final = frozenset({"no", "worse"})

REOPENED_DAYS: Final = 7  # ... and one that was answered and is not better, or of which more was written
PROMISE_DAYS: Final = 180  # the farthest day that may be promised
HELD_DAYS: Final = 3  # by when somebody looks at a report that was held

PHOTOS: Final = 3
WORDS: Final = 4000  # letters
HELD_FROM: Final = 6  # reports an hour by the same visitor; from here on they are held for a look
REFUSED_FROM: Final = 60  # ... and from here on the visitor is asked to wait
TRIES: Final = 60  # receipts that open nothing, and deeds with one that opens, an hour by the same visitor
DRAWN: Final = 40_000  # what drawing photos may cost an hour by the same visitor: forty of the dearest
DRAWN_FOR_PROGRAMS: Final = 20 * DRAWN  # ... and by a program, behind which stand many residents
HOUR: Final = 3600


def staff_verbs(status: str) -> tuple[str, ...]:
    """What staff may do from here, in the table's order."""
    return tuple(verb for verb in TRANSITIONS[status] if verb not in RESIDENT)


@dataclass(frozen=True, slots=True)
class Way:
    """A route as the rules see it: an organisation, and for which topic and place; None means any."""

    organisation: int
    kind: str
    topic: str | None = None
    district: str | None = None
    area: str | None = None


def receivers(
    ways: Iterable[Way], *, topic: str, area: str, district: str | None, care: str, police: bool
) -> tuple[int, ...]:
    """The organisations that receive a report: those of the most particular ways that fit.

    A way for the topic is more particular than one for any topic; of those alike, one for the area more than
    one for its district, and that more than one for the whole city. `care`: how careful the topic is. What is
    sealed goes by a way for its topic alone; what is not open goes to the police only where the resident says
    so (`police`).
    """
    fitting: list[tuple[tuple[int, int], int]] = []
    ways = list(ways)
    for way in ways:
        if way.topic not in (None, topic) or (care == "sealed" and way.topic is None):
            continue
        if way.area not in (None, area) or way.district not in (None, district):
            continue
        if care != "open" and way.kind == "police" and not police:
            continue
        place = 2 if way.area else 1 if way.district else 0
        fitting.append(((int(way.topic is not None), place), way.organisation))
    if care == "open":
        return _best(fitting)
    # what is not open goes to its service first; the police read it beside the service, never in its place
    officers = {way.organisation for way in ways if way.kind == "police"}
    services = [(rank, organisation) for rank, organisation in fitting if organisation not in officers]
    besides = [(rank, organisation) for rank, organisation in fitting if organisation in officers]
    return (*_best(services), *_best(besides))


def _best(fitting: list[tuple[tuple[int, int], int]]) -> tuple[int, ...]:
    best = max((rank for rank, _organisation in fitting), default=None)
    return tuple(dict.fromkeys(organisation for rank, organisation in fitting if rank == best))


def due(verb: str, today: date, *, answer_days: int = 0) -> date:
    """By when something is due after a verb: the first answer, a look at what was held, another answer."""
    days = {"reopen": REOPENED_DAYS, "add": REOPENED_DAYS, "hold": HELD_DAYS}.get(verb, answer_days)
    return today + timedelta(days=days)


def good_promise(day: date, today: date) -> bool:
    """Whether a day may be promised: not in the past, and not so far that it is none."""
    return today <= day <= today + timedelta(days=PROMISE_DAYS)
