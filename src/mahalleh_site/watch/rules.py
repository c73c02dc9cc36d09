"""The rules of signals: their states, who moves them, when they expire, coarse words. No Django here.

A method only ever opens a signal. From then on a person's decision moves it, and one thing happens by itself:
a signal that nobody decided on for 28 days expires, which the public sees.

| from / verb | watch | dismiss | open_problem | (28 days pass) |
| --- | --- | --- | --- | --- |
| open | watching | dismissed | problem | expired |
| watching | watching | dismissed | problem | |
| dismissed | watching | | problem | |
| expired | watching | dismissed | problem | |
| problem | | | | |

A problem is worked on in its own room; nothing here can undo or send anyone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

STATUSES: Final = ("open", "watching", "dismissed", "problem", "expired")
VERBS: Final = ("watch", "dismiss", "open_problem")
EXPIRY: Final = timedelta(days=28)
SHORTEST_REASON: Final = 10  # characters: a word alone explains nothing

TRANSITIONS: Final = {
    ("open", "watch"): "watching",
    ("open", "dismiss"): "dismissed",
    ("open", "open_problem"): "problem",
    ("watching", "watch"): "watching",
    ("watching", "dismiss"): "dismissed",
    ("watching", "open_problem"): "problem",
    ("dismissed", "watch"): "watching",
    ("dismissed", "open_problem"): "problem",
    ("expired", "watch"): "watching",
    ("expired", "dismiss"): "dismissed",
    ("expired", "open_problem"): "problem",
}
# Steps in which the public reads a ratio of observed to expected: never a count, never a decimal.
STEPS: Final = ((1.3, "some"), (1.75, "half"), (2.5, "twice"), (4.0, "thrice"))


def after(status: str, verb: str) -> str | None:
    """The state that a decision leads to, or None where it may not be made."""
    return TRANSITIONS.get((status, verb))


def allowed(status: str) -> tuple[str, ...]:
    """The decisions that may be made on a signal in this state."""
    return tuple(verb for verb in VERBS if (status, verb) in TRANSITIONS)


def expires_on(opened: date) -> date:
    """The day from which an undecided signal counts as expired."""
    return opened + EXPIRY


def is_expired(status: str, due: date, today: date) -> bool:
    """Whether a signal runs out.

    | status | due | today | |
    | --- | --- | --- | --- |
    | open | 28 May | 27 May | no |
    | open | 28 May | 28 May | yes |
    | watching, dismissed, problem, expired | any | any | no |
    """
    return status == "open" and today >= due


def weighed(considered: Iterable[str], other: str) -> bool:
    """Whether at least one option without enforcement was considered."""
    return any(option.strip() for option in considered) or bool(other.strip())


def step(observed: float, expected: float) -> str:
    """A rise in coarse steps.

    | observed / expected | step |
    | --- | --- |
    | under 1.3 | some |
    | under 1.75 | half |
    | under 2.5 | twice |
    | under 4 | thrice |
    | from 4, or nothing was expected | many |
    """
    if expected <= 0:
        return "many"
    return next((code for limit, code in STEPS if observed / expected < limit), "many")


def seed(topic: str, freq: str, start: date) -> int:
    """The seed of a look, from what it looks at: the same look draws the same numbers on every machine.

    At most 2**53, so that JSON and every database hold it exactly.
    """
    text = f"watch:{topic}:{freq}:{start.isoformat()}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 11


def in_use(*, switched_on: bool, expires: date | None, complete: bool, today: date) -> bool:
    """Guard-rail 9: whether a method may work now.

    | switched on | entry complete | expires | may work |
    | --- | --- | --- | --- |
    | yes | yes | later than today | yes |
    | yes | yes | today, before, or never set | no |
    | yes | no | any | no |
    | no | any | any | no |
    """
    return switched_on and complete and expires is not None and today < expires
