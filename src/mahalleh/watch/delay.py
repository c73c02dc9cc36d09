"""How much of the newest periods is on record yet, by the store's own record of how late events arrive.

    known = completeness(events, edges, as_of=day, newest=8)
    expected_counts(counts, places, completeness=known)

For a period that ended so many days ago, the earlier periods tell which share of their events was on record
so many days after their own end: the ratio of sums of the chain ladder (Mack 1993, "Distribution-free
calculation of the standard error of chain ladder reserve estimates"), used for late reports by Lawless (1994)
and in surveillance by Salmon et al. (2015). Method page: docs/analysts/delay.md.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

Floats: TypeAlias = NDArray[np.float64]
Known: TypeAlias = dict[str, tuple[Floats, Floats]]

# days after which a period is taken to be told whole: in St. Louis it takes half a year (decision 14). Less
# takes late reports for missing; more learns from longer ago
HORIZON: Final = 182
# periods that a share is learnt from: half a year of weeks, since ways of recording change
RECENT: Final = 26
FEWEST: Final = 4  # ... and without which nothing is said: a variance of three is no variance. A choice
# of a period's events that were on record by HORIZON: the majority, or it came in afterwards
LIVE: Final = 0.5
LEAST: Final = 0.02  # a share below which a period says nothing yet: a choice; it bounds a division by it
UNKNOWN: Final = 1.0  # ... and the least doubt of it, on the log scale: a factor of three either way


def completeness(events: pl.DataFrame, edges: NDArray[np.datetime64], *, as_of: date, newest: int) -> Known:
    """Estimate which share of each period's events is on record by now.

    Parameters
    ----------
    events : polars.DataFrame
        By the schema of `mahalleh.events`; those recorded after `as_of` are not looked at.
    edges : (P + 1,) datetime64
        First days of the periods, and the day after the last.
    as_of : datetime.date
        The day of looking; a store whose newest record is older is as of that day.
    newest : int
        How many of the newest periods may be incomplete.

    Returns
    -------
    dict of str to ((P,) float64, (P,) float64)
        By topic the shares, in (0, 1], 1 but for the `newest` periods; and the standard deviation of their
        logarithm: how shares differed from period to period, beyond chance, and how well they are known.

    Notes
    -----
    A topic whose events are never late, or of which too few periods are told whole, is complete. Periods that
    began before anything was recorded, or most of whose events came long after, were brought in all at once
    and are not learnt from. Equations: docs/analysts/delay.md.
    """
    import polars as pl

    day = np.asarray(edges, dtype="datetime64[D]")
    known = events.filter(pl.col("recorded") <= as_of).select(
        "topic", pl.col("time").dt.date().alias("day"), "recorded", pl.col("n").cast(pl.Float64)
    )
    found: Known = {}
    if known.is_empty():
        return found
    # a store says nothing of the days after its newest record
    told = known["recorded"].to_numpy().astype("datetime64[D]").max()
    for (topic,), own in known.group_by(["topic"], maintain_order=True):
        period = np.searchsorted(day, own["day"].to_numpy().astype("datetime64[D]"), side="right") - 1
        inside = (period >= 0) & (period < len(day) - 1)
        recorded = own["recorded"].to_numpy().astype("datetime64[D]")
        late = (recorded - day[period + inside]).astype(np.int64)
        begun = int(np.searchsorted(day, recorded.min()))
        found[str(topic)] = _shares(
            period[inside],
            late[inside],
            own["n"].to_numpy()[inside],
            day,
            told,
            newest,
            begun,
        )
    return found


def _shares(
    period: NDArray[np.int64],
    late: NDArray[np.int64],
    n: Floats,
    day: NDArray[np.datetime64],
    told: np.datetime64,
    newest: int,
    begun: int,
) -> tuple[Floats, Floats]:
    """`late`: days from the day after an event's period to its record, negative within the period; `begun`:
    the first period that began when recording had."""
    periods = len(day) - 1
    share, doubt = np.ones(periods), np.zeros(periods)
    age = (told - day[1:]).astype(np.int64)  # days from each period's end to the newest record
    whole = np.flatnonzero((age >= HORIZON) & (np.arange(periods) >= begun))[-RECENT:]
    if len(whole) < FEWEST:
        return share, doubt
    at = np.searchsorted(whole, period)
    learnt = (at < len(whole)) & (whole[np.minimum(at, len(whole) - 1)] == period)
    last, row, count = late[learnt], at[learnt], n[learnt]
    total = np.bincount(row, count, len(whole))
    # what was brought in long after, all at once, tells nothing of how late events arrive
    live = (total > 0) & (np.bincount(row, count * (last <= HORIZON), len(whole)) >= LIVE * total)
    if live.sum() < FEWEST:
        return share, doubt
    total = total[live]
    for p in range(max(periods - newest, 0), periods):
        by_then = np.bincount(row, count * (last <= age[p]), len(whole))[live]
        found = float(by_then.sum() / total.sum())
        ratio = min(max(found, LEAST), 1.0)
        share[p] = ratio
        doubt[p] = max(np.sqrt(_variance(by_then, total, ratio)) / ratio, UNKNOWN if found < LEAST else 0.0)
    return share, doubt


def _variance(by_then: NDArray[Any], total: NDArray[Any], ratio: float) -> float:
    """The squared error of `ratio` as a new period's share.

    How shares differ between periods beyond what counting alone gives, by moments (Kleinman 1973,
    "Proportions with extraneous variance"), and the ratio's own error. Of a new period the noise of counting
    is left out, since a thinned count has it already.
    """
    weight = total / total.sum()
    alone = ratio * (1 - ratio) / float(total.sum())
    squares = float((weight * (by_then / total - ratio) ** 2).sum())
    lumped = float((weight**2).sum())
    between = (squares - (len(total) - 1) * alone) / (1 - lumped)
    between = min(max(between, 0.0), ratio * (1 - ratio))  # more, and shares would leave 0 to 1
    return between * (1 + lumped) + alone
