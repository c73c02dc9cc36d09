"""When a source records: the days on which it tells of anything, found in the store itself.

A source may record every day, on Fridays, on a month's last day or whenever somebody sends a file. Between
two such days nothing can become known, however long it has been waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# of a usual recording day's events, under which a day is no recording day: single events are coded on odd
# days. A choice: at half of it odd days within a strike were taken for recording days
ODD: Final = 0.1
# events that would have been recorded in a gap, were recording daily: with fewer, one of twenty gaps or more
# comes by chance, so that a gap says nothing (e to the power of -3 is 0.05)
QUIET: Final = 3.0
QUARTER: Final = 91  # days; sources send a file a quarter at the least


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A source's recording days, ascending, as days since 1970."""

    days: Ints

    def number(self, day: Ints) -> Ints:
        """How many recording days there were up to each day, itself among them."""
        return np.asarray(np.searchsorted(self.days, day, side="right"), dtype=np.int64)

    def up_to(self, day: Ints) -> Ints:
        """The last recording day up to each day; one before all time where there was none."""
        before = np.concatenate([[np.iinfo(np.int32).min], self.days])
        return np.asarray(before[self.number(day)], dtype=np.int64)


def calendar(recorded: Ints, n: Floats, first: int, until: int) -> Calendar:
    """Find a source's recording days from `first` to `until`, of events recorded on these days.

    A recording day is one with at least ODD of a usual one's events, or one of a gap so short that chance
    alone may have left it empty.
    """
    inside = (recorded >= first) & (recorded <= until) & (n > 0)
    size = np.bincount(recorded[inside] - first, n[inside], until - first + 1).astype(np.float64)
    if not size.any():
        return Calendar(np.empty(0, dtype=np.int64))
    usual, rate = _usual(size)
    days = np.flatnonzero((size > 0) & (size >= ODD * usual))
    ends, before = np.append(days, len(size)), np.append(-1, days)
    quiet = (ends - before - 1) * rate < QUIET
    filled = [np.arange(before[gap] + 1, ends[gap]) for gap in np.flatnonzero(quiet)]
    return Calendar(np.sort(np.concatenate([days, *filled])).astype(np.int64) + first)


def _usual(size: Floats) -> tuple[float, float]:
    """How many events a usual recording day has, and a usual day of the year: of each quarter the size of the
    day that recorded its middle event, so that many odd days count for little; and the middle quarter's, so
    that one large file counts for no more than its quarter."""
    quarters = [part for part in np.array_split(size, max(len(size) // QUARTER, 1)) if part.any()]
    sizes = []
    for part in quarters:
        order = np.sort(part)
        sizes.append(order[np.searchsorted(np.cumsum(order), order.sum() / 2)])
    middle = (
        len(quarters) - 1
    ) // 2  # of an even number the smaller: the larger may be the file's other half
    return float(np.sort(sizes)[middle]), float(np.sort([part.mean() for part in quarters])[middle])
