"""How late a source records: the law of the time from an event to the recording day that told of it.

Time is counted in days, or in recording days, whichever explains the past better. An event told on one
recording day and not yet on the one before became known somewhere between: the law of days is the
nonparametric estimate of greatest likelihood from such intervals (Turnbull 1976, "The empirical distribution
function with arbitrarily grouped, censored and truncated data").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mahalleh.watch._recording import Calendar, Floats, Ints

BEFORE: Final = 31  # days: an event known by its month alone may be told before the month's last day
STEPS: Final = 400  # of the estimate, at most: a month's last days are then known to 1e-5
STILL: Final = 1e-6  # largest change of a step at which it stands
SMALLEST: Final = 1e-300  # instead of nought, by which is divided


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """The share `by` each waiting time, from -BEFORE on, in days or in recording days (`in_days`)."""

    by: Floats
    in_days: bool

    def told(self, day: Ints, at: Ints, calendar: Calendar) -> Floats:
        """The share of events of each `day` that is on record on day `at`; shapes as they broadcast."""
        days, occasions = calendar.up_to(at) - day, calendar.number(at) - calendar.number(day - 1) - 1
        place = np.clip((days if self.in_days else occasions) + BEFORE + 1, 0, len(self.by))
        return np.asarray(np.concatenate([[0.0], self.by])[place])


def law(day: Ints, recorded: Ints, n: Floats, calendar: Calendar, longest: int, early: bool) -> Law:
    """Learn from events of `day` that were recorded on day `recorded`, `n` times each.

    `longest`: days beyond which an event is not waited for. `early`: whether events may be told before their
    day, which is then the last of their month.
    """
    cells = BEFORE + longest + 2  # the last is for whatever comes later
    first = 0 if early else BEFORE
    late = recorded - day > longest
    high = np.where(late, cells - 1, np.clip(recorded - day + BEFORE, first, cells - 2))
    before = calendar.up_to(recorded - 1) - day + BEFORE
    low = np.where(late, cells - 2, np.clip(before, first - 1, high - 1))
    days = _likeliest(low, high, n, cells)
    count = calendar.number(recorded) - calendar.number(day - 1) - 1 + BEFORE
    high = np.where(late, cells - 1, np.clip(count, first, cells - 2))
    occasions = _likeliest(high - 1, high, n, cells)
    in_days = days[1] >= occasions[1]
    return Law((days if in_days else occasions)[0][:-1], in_days)


def _likeliest(low: Ints, high: Ints, n: Floats, cells: int) -> tuple[Floats, float]:
    """The cumulative law of greatest likelihood of waits in (low, high], and its Akaike score.

    By expectation and maximisation: each event's weight is laid over its interval as the law now is.
    """
    code, back = np.unique((low + 1) * cells + high, return_inverse=True)
    weight = np.bincount(back, n)
    start, stop = code // cells, code % cells + 1
    total = weight.sum()
    exact = bool((stop - start == 1).all())
    mass = np.bincount(start, weight / total, cells) if exact else np.full(cells, 1.0 / cells)
    for _ in range(0 if exact else STEPS):
        cumulative = np.concatenate([[0.0], np.cumsum(mass)])
        share = weight / np.maximum(cumulative[stop] - cumulative[start], SMALLEST)
        over = np.cumsum(np.bincount(start, share, cells + 1) - np.bincount(stop, share, cells + 1))[:-1]
        moved = mass * np.maximum(over, 0.0) / total
        still = np.abs(moved - mass).max() < STILL
        mass = moved
        if still:
            break
    cumulative = np.minimum(np.concatenate([[0.0], np.cumsum(mass)]), 1.0)
    fit = float((weight * np.log(np.maximum(cumulative[stop] - cumulative[start], SMALLEST))).sum())
    return cumulative[1:], fit - int((mass * total > 0.5).sum())
