"""A curve over time: points of one or more periods, the year before beside it where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from mahalleh_site.places.queries.board import amounts
from mahalleh_site.places.rules import COARSER, NOTHING, YEAR, Amount, coarsest_needed

LEAST_POINTS = 12  # a year of fewer points is shown as the whole history instead


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its days (`end` just outside), its amount, and the same time a year before."""

    start: date
    end: date
    now: Amount
    before: Amount


@dataclass(frozen=True, slots=True)
class Series:
    """A curve. `span`: periods that each point adds up; `compared`: the year before is beside it."""

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
        """How many points are hidden."""
        return sum(point.now.hidden is not None for point in self.points)

    @property
    def empty(self) -> bool:
        """Whether no point can be shown."""
        return all(point.now.value is None for point in self.points)


def series(frame: pl.DataFrame, starts: Sequence[date], end: date, freq: str) -> Series:
    """The curve of the cells of `frame`, whose periods begin on sorted `starts`, the last ending at `end`.

    Where many of the last year's periods are hidden or blurred by noise, four weeks (or three months) become
    one point; where nearly all are hidden, a quarter (or a year).
    """
    year = YEAR[freq]
    finest = amounts(frame, by=["start"])
    span = coarsest_needed([finest.get(start, NOTHING) for start in starts[-year:]], freq)
    found = finest if span == 1 else {}
    while span > 1:
        found = _buckets(frame, starts, span)
        shown = [amount.hidden is not None for amount in found.values()]
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


def _buckets(frame: pl.DataFrame, starts: Sequence[date], span: int) -> dict[date, Amount]:
    """Totals of `span` periods each, counted back from the last, by their first day."""
    skip = len(starts) % span
    firsts = [starts[skip + (i - skip) // span * span] if i >= skip else None for i in range(len(starts))]
    days = pl.DataFrame({"start": list(starts), "first": firsts}, schema={"start": pl.Date, "first": pl.Date})
    return amounts(frame.join(days, on="start").filter(pl.col("first").is_not_null()), by=["first"])
