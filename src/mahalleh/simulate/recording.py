"""Habits of recording: on which day an office tells of what happened, to try out what makes of late reports.

    when = recorded("month-end", days, seed=1)

Whatever the habit, an event is first made ready, half at once and some only after weeks; then it waits for a
day on which its office records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh.panel import period_edges

Days: TypeAlias = NDArray[np.datetime64]
Ints: TypeAlias = NDArray[np.int64]

# Invented, as the city is; they move what `mahalleh.watch.delay` has to find again.
AT_ONCE: Final = 0.5  # of events
SOON: Final = 0.3
SOON_DAYS: Final = 4.0  # mean of the others, of which some come
LATE_DAYS: Final = 20.0  # ... much later
LONGEST: Final = 150  # days: under the 182 after which a period is taken to be told whole
# of a month's events, those in its own file and in the two after it
FILES: Final = {"by-month": (1.0,), "by-month-late": (0.85, 0.1, 0.05)}
BETWEEN_DUMPS: Final = (10, 60)  # days
BETWEEN_STOPS: Final = (150, 250)  # days
STOP: Final = 42  # days
LAST: Final = 300  # days after the newest event, to which recording days are made


def recorded(habit: str, day: Days, *, seed: int, office: int = 0) -> Days:
    """Tell when events are recorded.

    Parameters
    ----------
    habit : str
        One of `HABITS`: each day; on working days; on Fridays; all that is ready on a month's last day,
        Gregorian or Solar Hijri; a file a month at the end of the next, with all of it or with most, the rest
        in the two after it; whenever somebody sends a file; each day but for stops of six weeks, after which
        all that waited is told at once.
    day : (N,) datetime64[D]
        When they happened.
    seed : int
        Of their waiting.
    office : int
        Of the days on which the office records, where these are irregular.

    Returns
    -------
    (N,) datetime64[D]
        Never before `day`.

    Examples
    --------
    >>> recorded("month-end", np.array(["2024-02-03"], dtype="datetime64[D]"), seed=1).astype(str).tolist()
    ['2024-02-29']
    """
    rng = np.random.default_rng([seed, 1])
    happened = np.asarray(day, dtype="datetime64[D]").astype(np.int64)
    if not len(happened):
        return np.asarray(day, dtype="datetime64[D]")
    first, past = int(happened.min()), int(happened.max()) + LAST
    days = HABITS[habit](first, past, np.random.default_rng([office, 2]))
    ready = happened + _waiting(len(happened), rng)
    if habit in FILES:  # a month's file comes with the end of the next, whatever was ready when
        later = rng.choice(len(FILES[habit]), len(happened), p=FILES[habit])
        ready = days[np.searchsorted(days, happened) + 1 + later]
    return np.asarray(days[np.searchsorted(days, ready)].astype("datetime64[D]"))


def _waiting(count: int, rng: np.random.Generator) -> Ints:
    """Days until events are ready."""
    kind = rng.random(count)
    soon, late = rng.exponential(SOON_DAYS, count), rng.exponential(LATE_DAYS, count)
    days = np.where(kind < AT_ONCE, 0.0, np.where(kind < AT_ONCE + SOON, soon, late))
    return np.minimum(days, LONGEST).astype(np.int64)


def _daily(first: int, past: int, rng: np.random.Generator) -> Ints:
    del rng
    return np.arange(first, past)


def _weekdays(*chosen: int) -> Callable[[int, int, np.random.Generator], Ints]:
    """Those days of the week; 0 is Thursday, the first day of 1970."""

    def days(first: int, past: int, rng: np.random.Generator) -> Ints:
        found = _daily(first, past, rng)
        return found[np.isin(found % 7, chosen)]

    return days


def _months(calendar: str) -> Callable[[int, int, np.random.Generator], Ints]:
    """The last days of months."""

    def days(first: int, past: int, rng: np.random.Generator) -> Ints:
        del rng
        span = (date.fromordinal(day + date(1970, 1, 1).toordinal()) for day in (first - 31, past))
        edges = period_edges(*span, freq="M", week_start="monday", calendar=calendar)
        found = np.array([np.datetime64(edge, "D") for edge in edges]).astype(np.int64) - 1
        return found[found >= first]

    return days


def _dumps(first: int, past: int, rng: np.random.Generator) -> Ints:
    return first + np.cumsum(rng.integers(*BETWEEN_DUMPS, (past - first) // BETWEEN_DUMPS[0], endpoint=True))


def _but_for_stops(first: int, past: int, rng: np.random.Generator) -> Ints:
    days = _daily(first, past, rng)
    begun = first + np.cumsum(rng.integers(*BETWEEN_STOPS, len(days) // BETWEEN_STOPS[0]))
    stopped = (days[:, None] >= begun) & (days[:, None] < begun + STOP)
    return days[~stopped.any(axis=1)]


HABITS: Final[Mapping[str, Callable[[int, int, np.random.Generator], Ints]]] = {
    "daily": _daily,
    "working-days": _weekdays(4, 5, 6, 0, 1),
    "weekly": _weekdays(1),
    "month-end": _months("gregorian"),
    "solar-month-end": _months("persian"),
    "by-month": _months("gregorian"),
    "by-month-late": _months("gregorian"),
    "dumps": _dumps,
    "strike": _but_for_stops,
}
