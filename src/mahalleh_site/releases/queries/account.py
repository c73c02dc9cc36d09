"""The account as pages read it: what publishing has cost, as it was drawn up when something was published."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings

from mahalleh.disclose import Cost
from mahalleh_site.house import rooms
from mahalleh_site.releases import frozen

SEVERAL: Final = 10  # events of one person, of which the page tells what they have cost together


@dataclass(frozen=True, slots=True)
class Line:
    """What something has cost at most. `of`: event, corrected, person, answer or referral.

    `guesses`: of a hundred guesses whether it was counted how many are right at most; a coin has 50.
    `epsilon`, `least` and `delta`: pure, and the smaller one of zCDP but for a chance of `delta`, where it is
    smaller.
    """

    of: str
    epsilon: float
    guesses: int
    least: float
    delta: float

    @property
    def published(self) -> bool:
        """Whether anything was published of it."""
        return self.epsilon > 0


@dataclass(frozen=True, slots=True)
class Account:
    """What everything published has cost until `day`. `tables`: title of each, and what it has cost."""

    day: date
    cap: float
    lines: tuple[Line, ...]
    tables: tuple[tuple[str, float], ...]
    several: int = SEVERAL

    @property
    def event(self) -> Line:
        """What one event has cost."""
        return self.lines[0]


def current() -> Account | None:
    """The account of the last publication; None before the first."""
    try:
        document = json.loads(frozen.account_path(settings.VAR).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    units = document["units"]
    event = units["event"]
    lines = (
        _line("event", _cost(event["one"])),
        _line("corrected", _cost(event["corrected"])),
        _line("person", _cost(event["one"]).times(SEVERAL)),
        *(_line(unit, _cost(units[unit]["one"])) for unit in ("answer", "referral")),
    )
    return Account(date.fromisoformat(document["day"]), document["cap"], lines, _tables(units))


def _cost(given: Mapping[str, float]) -> Cost:
    return Cost(given["epsilon"], given["rho"])


def _line(of: str, cost: Cost) -> Line:
    least, delta = cost.least
    return Line(of, cost.epsilon, math.ceil(100 * cost.guess - 1e-9), least, delta)


def _tables(units: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """Every table of the account that a manifest still names, by its title."""
    known = rooms.published()
    return tuple(
        (str(known[name][0].title), cost["epsilon"])
        for unit in units.values()
        for name, cost in unit["tables"].items()
        if name in known
    )
