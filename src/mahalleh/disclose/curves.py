"""A release's curve over time: points of one or more periods, beside the year before where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

import polars as pl

from mahalleh.disclose.amounts import NOTHING, Amount, amounts
from mahalleh.disclose.changes import YEAR

COARSER: Final[Mapping[str, tuple[int, int, int]]] = {"W": (1, 4, 13), "M": (1, 3, 12)}  # periods of a point
# Choices about what can still be read in a curve; they move how many periods make a point, and no number.
MOSTLY_HIDDEN: Final = 0.2  # share of hidden points above which a curve goes to coarser periods
NEARLY_ALL: Final = 0.9  # ... and above which to the coarsest at once
BLURRED: Final = 0.3  # median error of a year's points, as a share of their numbers, above which it does too
LEAST_POINTS: Final = 12  # a year of fewer points is shown as the whole history instead


UNTOLD: Final = Amount(None, hidden="unknown")


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve.

    Attributes
    ----------
    start, end : datetime.date
        Its first day, and the day after its last.
    now, before : Amount
        What was counted, and what was in the same time a year before.
    """

    start: date
    end: date
    now: Amount
    before: Amount


@dataclass(frozen=True, slots=True)
class Series:
    """A curve.

    Attributes
    ----------
    freq : str
        The release's period: `W` or `M`.
    span : int
        How many periods each point adds up.
    points : tuple of Point
        Oldest first.
    compared : bool
        Whether the year before stands beside it.
    """

    freq: str
    span: int
    points: tuple[Point, ...]
    compared: bool

    @property
    def coarse(self) -> bool:
        """Whether periods had to be added up, since too many of them are hidden."""
        return self.span > 1

    @property
    def hidden(self) -> int:
        """How many points are hidden, to protect people."""
        return sum(point.now.hidden not in (None, "unknown") for point in self.points)

    @property
    def unknown(self) -> int:
        """How many points are gaps, since a source told nothing of their time."""
        return sum(point.now.hidden == "unknown" for point in self.points)

    @property
    def empty(self) -> bool:
        """Whether no point can be shown."""
        return all(point.now.value is None for point in self.points)


def series(cells: pl.DataFrame, starts: Sequence[date], end: date, freq: str, *, threshold: int) -> Series:
    """Draw the curve of some cells of a release, over all its periods.

    Where many of the last year's periods are hidden or blurred by noise, four weeks (or three months) become
    one point; where nearly all are hidden, a quarter (or a year).

    Parameters
    ----------
    cells : polars.DataFrame
        Cells of a release (`Release.cells`), of one period each.
    starts : sequence of datetime.date
        The first days of the release's periods, sorted.
    end : datetime.date
        The day after the last period.
    freq : str
        `W` or `M`.
    threshold : int
        Sums below it are hidden.

    Returns
    -------
    Series
        The last year beside the year before, where the points of a year are twelve or more and both years
        are published; else the whole history.
    """
    year = YEAR[freq]
    finest = _whole(amounts(cells, by=["start"], threshold=threshold))
    span = coarsest_needed([finest.get(start, NOTHING) for start in starts[-year:]], freq)
    found = finest if span == 1 else {}
    while span > 1:
        found = _buckets(cells, starts, span, threshold)
        shown = [amount.hidden is not None for amount in found.values() if amount.hidden != "unknown"]
        wider = [size for size in COARSER[freq] if size > span]
        if not wider or sum(shown) <= len(shown) / 2:
            break
        span = wider[0]
    edges = [*starts, end]
    firsts = range(len(starts) % span, len(starts), span)
    every = [
        Point(starts[i], edges[i + span], found.get(starts[i], NOTHING), NOTHING)
        for i in firsts
        if i + span <= len(starts)
    ]
    points_a_year = year // span
    if points_a_year < LEAST_POINTS or len(every) < 2 * points_a_year:
        return Series(freq, span, tuple(every), compared=False)
    now, before = every[-points_a_year:], every[-2 * points_a_year : -points_a_year]
    paired = tuple(
        Point(point.start, point.end, point.now, past.now) for point, past in zip(now, before, strict=True)
    )
    return Series(freq, span, paired, compared=True)


def coarsest_needed(year: Sequence[Amount], freq: str) -> int:
    """How many periods a curve must add up, judged by the last year's finest ones.

    Periods that are mostly hidden, or whose error is large against their number, tell a reader nothing: their
    sums can be shown, and are surer.

    Parameters
    ----------
    year : sequence of Amount
        The amounts of the last year's periods.
    freq : str
        `W` or `M`.

    Returns
    -------
    int
        1, 4 or 13 weeks; 1, 3 or 12 months.

    Examples
    --------
    >>> coarsest_needed([Amount(100, 3.0)] * 52, "W")
    1
    >>> coarsest_needed([Amount(None, 3.0, "small")] * 52, "W")
    13
    """
    finest, middle, widest = COARSER[freq]
    year = [amount for amount in year if amount.hidden != "unknown"]  # no sum makes them known
    if not year:
        return finest
    hidden = sum(amount.hidden is not None for amount in year) / len(year)
    if hidden > NEARLY_ALL:
        return widest
    errors = [amount.half_width / max(amount.value, 1) for amount in year if amount.value is not None]
    if hidden > MOSTLY_HIDDEN or (errors and median(errors) > BLURRED):
        return middle
    return finest


def _buckets(cells: pl.DataFrame, starts: Sequence[date], span: int, threshold: int) -> dict[date, Amount]:
    """Totals of `span` periods each, counted back from the last, by their first day."""
    skip = len(starts) % span
    firsts = [starts[skip + (i - skip) // span * span] if i >= skip else None for i in range(len(starts))]
    days = pl.DataFrame({"start": list(starts), "first": firsts}, schema={"start": pl.Date, "first": pl.Date})
    dated = cells.join(days, on="start").filter(pl.col("first").is_not_null())
    return _whole(amounts(dated, by=["first"], threshold=threshold))


def _whole(found: Mapping[date, Amount]) -> dict[date, Amount]:
    """Points as they may be drawn: one that lacks a part would look like a fall, so it is unknown."""
    return {key: UNTOLD if amount.unknown else amount for key, amount in found.items()}
