"""How much of the newest periods is on record yet, by the store's own record of how late events arrive.

    known = completeness(events, edges, as_of=day, newest=8)
    expected_counts(counts, places, completeness=known)

Each source has its recording days, and each topic of it a law of how long its events wait for one. What of a
period is on record is what that law says of each of its days, whatever its length and on whatever day it is
looked at. Of late reports in surveillance: Lawless (1994), Salmon et al. (2015). Method page:
docs/analysts/delay.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._recording import Floats, Ints
from mahalleh.watch._streams import FEWEST, HORIZON, Stream, streams

if TYPE_CHECKING:
    import polars as pl

Known: TypeAlias = dict[str, tuple[Floats, Floats]]

LEAST: Final = 0.02  # a share below which a period says nothing yet: a choice; it bounds a division by it
UNKNOWN: Final = 1.0  # ... and the least doubt of it, on the log scale: a factor of three either way
ROUNDING: Final = 9  # digits: weights that should add up to one do so but for rounding


def completeness(
    events: pl.DataFrame,
    edges: NDArray[np.datetime64],
    *,
    as_of: date,
    newest: int,
    topics: Collection[str] | None = None,
) -> Known:
    """Estimate which share of each period's events is on record by now.

    Parameters
    ----------
    events : polars.DataFrame
        By the schema of `mahalleh.events`; those recorded after `as_of` are not looked at.
    edges : (P + 1,) datetime64
        First days of the periods, and the day after the last.
    as_of : datetime.date
        The day of looking.
    newest : int
        How many of the newest periods may be incomplete.
    topics : collection of str, optional
        Whose shares are asked; all of them. The others still tell when a source records.

    Returns
    -------
    dict of str to ((P,) float64, (P,) float64)
        By topic the shares, in (0, 1], 1 but for the `newest` periods; and the standard deviation of their
        logarithm: how shares differed from period to period, beyond chance, and how well they are known.

    Notes
    -----
    A topic whose events are never late, or of which too few periods are told whole, is complete. Periods that
    began before a source recorded anything, or most of whose events came long after, were brought in all at
    once and are not learnt from. Equations: docs/analysts/delay.md.
    """
    import polars as pl

    day = np.asarray(edges, dtype="datetime64[D]").astype(np.int64)
    until = int(np.datetime64(as_of, "D").astype(np.int64))
    monthly = pl.col("resolution") == "month"
    when = pl.col("time").dt.date()
    known = events.filter(pl.col("recorded") <= as_of).select(
        "topic",
        "source",
        pl.when(monthly).then(when.dt.month_end()).otherwise(when).to_physical().cast(pl.Int64).alias("day"),
        when.to_physical().cast(pl.Int64).alias("begun"),
        monthly.alias("monthly"),
        pl.col("recorded").to_physical().cast(pl.Int64),
        pl.col("n").cast(pl.Float64),
    )
    if known.is_empty():
        return {}
    told = min(until, int(known["recorded"].max()))  # type: ignore[arg-type]  # days as numbers
    every = [str(topic) for topic in known["topic"].unique(maintain_order=True)]
    found: dict[str, list[Stream]] = {topic: [] for topic in every if topics is None or topic in topics}
    for _, own in known.group_by(["source"], maintain_order=True):
        for topic, stream in streams(own, day, until, told, found):
            found[topic].append(stream)
    return {topic: _shares(parts, day, until, newest) for topic, parts in found.items()}


def _shares(parts: Sequence[Stream], edges: Ints, until: int, newest: int) -> tuple[Floats, Floats]:
    """A topic's shares and their doubt, of what its sources tell in proportion to how much they do."""
    first, past = edges[:-1], edges[1:]
    share, doubt = np.ones(len(first)), np.zeros(len(first))
    weight = np.array([part.weight for part in parts])
    if weight.sum() <= 0:  # nothing is known of lateness, or all was taken back
        return share, doubt
    weight = weight / weight.sum()
    new = np.arange(max(len(first) - newest, 0), len(first))
    at = np.full((len(new), 1), until)
    by_part = [part.share(first[new], past[new], at)[:, 0] for part in parts]
    stages = _stages(parts, weight, first, past)
    for p, one in zip(new, np.round(weight @ by_part, ROUNDING), strict=True):
        share[p] = ratio = min(max(float(one), LEAST), 1.0)
        apart = np.sqrt(_variance(*stages, ratio)) / ratio
        doubt[p] = max(apart, UNKNOWN if one < LEAST else 0.0)
    return share, doubt


def _stages(
    parts: Sequence[Stream], weight: Floats, first: Ints, past: Ints
) -> tuple[Floats, Floats, Floats]:
    """Of the periods that all parts are learnt from, by days from their last day: what the laws say (L, K),
    what was on record, and all there is (L,)."""
    learnt = parts[0].periods
    for part in parts[1:]:
        learnt = np.intersect1d(learnt, part.periods)
    said, on_record = np.zeros((len(learnt), HORIZON + 1)), np.zeros((len(learnt), HORIZON + 2))
    at = past[learnt][:, None] - 1 + np.arange(HORIZON + 1)
    for much, part in zip(weight, parts, strict=True):
        if len(learnt):
            said += much * part.share(first[learnt], past[learnt], at)
            on_record += part.on_record[np.searchsorted(part.periods, learnt)]
    told = on_record[:, -1] > 0
    return said[told], on_record[told, :-1], on_record[told, -1]


def _variance(said: Floats, on_record: Floats, total: Floats, ratio: float) -> float:
    """The squared error of `ratio` as a new period's share.

    How shares differ between periods beyond what counting alone gives, by moments (Kleinman 1973,
    "Proportions with extraneous variance"), each period on the day on which its law said most nearly the
    same; and the ratio's own error. Of a new period the noise of counting is left out, since a thinned count
    has it already.
    """
    most = ratio * (1 - ratio)
    if len(total) < FEWEST:
        return most * 2
    row = np.arange(len(total))
    then = np.abs(said - ratio).argmin(axis=1)
    missed = on_record[row, then] / total - said[row, then]
    weight = total / total.sum()
    alone = most / float(total.sum())
    lumped = float((weight**2).sum())
    between = (float((weight * missed**2).sum()) - (len(total) - 1) * alone) / (1 - lumped)
    between = min(max(between, 0.0), most)  # more, and shares would leave 0 to 1
    return between * (1 + lumped) + alone
