"""A burst of near-duplicate reports from one spot counts less than so many reports from many places.

    events, damping = damp(events)
    damping.left_out("noise", ["a1", "a2"], first_day, past_day)

Whether many reports are many people cannot be known without knowing people (Douceur 2002, "The Sybil
attack"), which this project does not want to. So reports of one source about one topic, in one cell on one
day, count in full as far as that spot is used to; beyond it, by the logarithm (as repeated words do in text
retrieval: Manning, Raghavan and Schuetze 2008, section 6.4.1). Reasons and limits: docs/analysts/alarms.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mahalleh.events import SCHEMA

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
Ints: TypeAlias = NDArray[np.int64]

# Choices, on the cautious side: with them 9 of 456,010 reports of the sample city are damped and 433 of
# 216,423 in St. Louis (docs/analysts/alarms.md). Lower ones damp more.
LEAST_CAP: Final = 3  # a few neighbours may each report the same thing
WHOLE_AREA: Final = 2  # times as much may come from a whole neighbourhood, where the cell is not known
MONTHS: Final = 3  # a spot is used to what it has seen in so many different months: a burst is not, twice
SPOT: Final = ("source", "topic", "area", "cell")


@dataclass(frozen=True, slots=True, eq=False)
class Damping:
    """What was counted less.

    Attributes
    ----------
    rows : polars.DataFrame
        One a spot and day: source, topic, area, cell, day, `reports` that came, `cap`, and `counted`.
    reports, counted : int
        All reports that came, and what remains of them.
    """

    rows: pl.DataFrame
    reports: int
    counted: int

    def left_out(self, topic: str, areas: Iterable[str], first: date, past: date) -> int:
        """Count the reports of a topic and areas that were not counted.

        Parameters
        ----------
        topic : str
            Which.
        areas : iterable of str
            Their ids.
        first, past : datetime.date
            The first day, and the day after the last.

        Returns
        -------
        int
            Reports.
        """
        inside = self.rows.filter(
            pl.col("topic") == topic,
            pl.col("area").is_in(list(areas)),
            pl.col("day") >= first,
            pl.col("day") < past,
        )
        return int(inside.select(pl.col("reports") - pl.col("counted")).sum().item())


def damped(reports: Ints, cap: Ints) -> Ints:
    """Damp counts: up to the cap they count in full; each doubling of one plus the excess counts as one more.

    Parameters
    ----------
    reports : (n,) int64
        Reports from one spot on one day; corrections may make them negative.
    cap : (n,) int64
        What the spot is used to.

    Returns
    -------
    (n,) int64
        Never fewer where reports are more; a count of at most the cap plus one stays as it is.

    Examples
    --------
    >>> damped(np.array([3, 4, 100]), np.array([3, 3, 3]))  # 3 + floor(log2(1 + 97)) = 9
    array([3, 4, 9])
    """
    excess = np.maximum(reports - cap, 0)
    # frexp gives the number of binary digits, exactly, where a logarithm might fall short of a whole number
    digits = np.frexp((1 + excess).astype(np.float64))[1].astype(np.int64) - 1
    counted: Ints = np.minimum(reports, cap) + digits
    return counted


def damp(events: Frame) -> tuple[Frame, Damping]:
    """Let bursts from one spot count less.

    Only `need` events whose day is known are damped. Damped days keep their first reports by day of
    recording; what counts for nothing is left out. Counts stay whole.

    Parameters
    ----------
    events : polars.DataFrame or polars.LazyFrame
        By the schema of `mahalleh.events`.

    Returns
    -------
    events : polars.DataFrame or polars.LazyFrame
        In the same schema and of the same kind of frame. Rows that are not damped keep their order; the
        damped ones follow.
    damping : Damping
        What was damped where.

    Notes
    -----
    The cap of a spot is the third largest of its monthly maxima of reports a day, at least 3: what it has
    been used to in three different months. So a burst must come back for three months before it passes for
    usual, and reports that are added never lower a cap or a count. Events without a cell have their whole
    area for a spot, with twice that cap.
    """
    lazy = events.lazy()
    daily = _daily(lazy)
    caps = (
        daily.group_by(*SPOT, pl.col("day").dt.truncate("1mo").alias("month"))
        .agg(pl.col("reports").max())
        .group_by(*SPOT)
        .agg(cap=pl.col("reports").top_k(MONTHS).min(), months=pl.len())
        .with_columns(
            cap=pl.when(pl.col("months") >= MONTHS)
            .then(pl.max_horizontal("cap", pl.lit(LEAST_CAP)))
            .otherwise(LEAST_CAP)
            * pl.when(pl.col("cell").is_null()).then(WHOLE_AREA).otherwise(1)
        )
        .drop("months")
    )
    over = (
        daily.join(caps, on=SPOT, nulls_equal=True)
        .filter(pl.col("reports") > pl.col("cap") + 1)  # one beyond the cap still counts in full
        .sort(*SPOT, "day")
    )
    counted = damped(over["reports"].to_numpy(), over["cap"].to_numpy())
    rows = over.with_columns(counted=pl.Series(counted, dtype=pl.Int64)).select(
        *SPOT, "day", "reports", "cap", "counted"
    )
    everything = int(daily["reports"].sum())
    damping = Damping(rows, everything, everything - int((rows["reports"] - rows["counted"]).sum()))
    if rows.is_empty():
        return events, damping
    return _replaced(events, rows), damping


def _daily(events: pl.LazyFrame) -> pl.DataFrame:
    """Reports by spot and day, as far as days are known."""
    return (
        events.filter(_may_be_damped())
        .group_by(*SPOT, pl.col("time").dt.date().alias("day"))
        .agg(pl.col("n").cast(pl.Int64).sum().alias("reports"))
        .collect()
    )


def _may_be_damped() -> pl.Expr:
    return (pl.col("kind") == "need") & (pl.col("resolution") != "month")


def _replaced(events: Frame, rows: pl.DataFrame) -> Frame:
    """The events with the damped days' rows recounted, in the order in which they were recorded."""
    keys = [*SPOT, "day"]
    dated = events.lazy().with_columns(
        day=pl.when(_may_be_damped()).then(pl.col("time").dt.date())  # none else joins a damped day
    )
    mine: Any = {"on": keys, "nulls_equal": True}
    burst = (
        dated.filter(pl.col("day").is_not_null())
        .join(rows.lazy().select(*keys, "cap"), **mine)
        .sort(*keys, "recorded", "time", "resolution", "n", nulls_last=False)
        .collect()
    )
    running = burst.select(
        until=pl.col("n").cast(pl.Int64).cum_sum().over(keys), n=pl.col("n").cast(pl.Int64), cap="cap"
    )
    until, n, cap = (running[name].to_numpy() for name in ("until", "n", "cap"))
    fewer = damped(until, cap) - damped(until - n, cap)
    recounted = (
        burst.with_columns(n=pl.Series(fewer, dtype=SCHEMA["n"])).filter(pl.col("n") != 0).select(*SCHEMA)
    )
    rest = dated.join(rows.lazy().select(keys), how="anti", maintain_order="left", **mine).select(*SCHEMA)
    whole = pl.concat([rest, recounted.lazy()])
    return whole if isinstance(events, pl.LazyFrame) else whole.collect()
