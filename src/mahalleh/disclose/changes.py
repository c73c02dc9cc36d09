"""The last year of a release beside the year before: sums, and changes beyond chance and noise."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from mahalleh.disclose.amounts import Amount, amounts
from mahalleh.disclose.noise import variance

YEAR: Final[Mapping[str, int]] = {"W": 52, "M": 12}  # periods that make a year's window
NORMAL: Final = 1.96  # standard deviations that hold 95% of a normal distribution


@dataclass(frozen=True, slots=True)
class Window:
    """The last year of a release, and the one before.

    Attributes
    ----------
    start, end : datetime.date
        Its first day, and the day after its last.
    periods : int
        How many periods it holds.
    before_start : datetime.date or None
        The first day of the year before, which ends where this one begins; None where the release is too
        young to hold it whole.
    """

    start: date
    end: date
    periods: int
    before_start: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change against the year before.

    Attributes
    ----------
    kind : str
        `more`, `fewer`, `same` (no clear change) or `unknown`.
    share : float or None
        How much: 0.31 is 31% more or fewer.
    judged : str
        `better`, `worse` or empty, by the topic's direction.
    """

    kind: str
    share: float | None = None
    judged: str = ""


def window(starts: Sequence[date], end: date, freq: str) -> Window:
    """Find the last year of a release; what there is, where it is younger.

    Parameters
    ----------
    starts : sequence of datetime.date
        The first days of the release's periods, sorted.
    end : datetime.date
        The day after the last period.
    freq : str
        `W` or `M`.

    Returns
    -------
    Window
        52 weeks or 12 months, and the same before.

    Examples
    --------
    >>> from datetime import timedelta
    >>> weeks = [date(2020, 1, 4) + timedelta(weeks=i) for i in range(110)]
    >>> window(weeks, date(2022, 2, 12), "W")
    Window(start=datetime.date(2021, 2, 13), end=datetime.date(2022, 2, 12), periods=52, \
before_start=datetime.date(2020, 2, 15))
    """
    size = YEAR[freq]
    if not starts:
        return Window(end, end, 0, None)
    before = starts[-2 * size] if len(starts) >= 2 * size else None
    return Window(starts[-min(size, len(starts))], end, min(size, len(starts)), before)


def years(
    cells: pl.DataFrame, span: Window, *, by: str, threshold: int
) -> tuple[dict[Hashable, Amount], dict[Hashable, Amount]]:
    """Add up the last year and the year before.

    Parameters
    ----------
    cells : polars.DataFrame
        Cells of a release (`Release.cells`).
    span : Window
        The two years.
    by : str
        A column, such as topic or place.
    threshold : int
        Sums below it are hidden.

    Returns
    -------
    now, before : dict of hashable to Amount
        Sums by the column's values; the second is empty where the release is too young.
    """
    now = amounts(cells.filter(pl.col("start") >= span.start), by=[by], threshold=threshold)
    if span.before_start is None:
        return now, {}
    before = cells.filter((pl.col("start") >= span.before_start) & (pl.col("start") < span.start))
    return now, amounts(before, by=[by], threshold=threshold)


def bursts(cells: pl.DataFrame, span: Window, *, by: str) -> dict[Hashable, float]:
    """Estimate how much more periods vary than happenings that come one by one.

    The index of dispersion (variance over mean) within each of the two years, less the variance of the
    privacy noise, which is known (`mahalleh.disclose.noise.variance`).

    Parameters
    ----------
    cells : polars.DataFrame
        Cells of a release (`Release.cells`).
    span : Window
        The two years.
    by : str
        A column, such as topic or place.

    Returns
    -------
    dict of hashable to float
        The index by the column's values, at least 1: as counts of a Poisson process vary.
    """
    if cells.is_empty():
        return {}
    told = pl.col("value").is_not_null()  # of unknown periods there is none
    recent = cells.filter((pl.col("start") >= (span.before_start or span.start)) & told)
    noise = {epsilon: variance(epsilon) for epsilon in recent["epsilon"].unique()}
    of_draw = pl.col("epsilon").replace_strict(noise, return_dtype=pl.Float64)
    sums = recent.group_by(by, "start").agg(
        pl.col("value").sum(), (pl.col("draws") * of_draw).sum().alias("noise")
    )
    each = sums.group_by(by, (pl.col("start") >= span.start).alias("now")).agg(
        pl.col("value").var().alias("variance"), pl.col("value").mean().alias("mean"), pl.col("noise").mean()
    )
    excess = (pl.col("variance") - pl.col("noise")).mean() / pl.col("mean").mean().clip(lower_bound=1.0)
    found = each.group_by(by).agg(excess.fill_null(1.0).clip(lower_bound=1.0).alias("bursts"))
    return dict(found.select(by, "bursts").iter_rows())


def compare(now: Amount, before: Amount, *, direction: str = "less", bursts: float = 1.0) -> Change:
    """Tell a change from `before` to `now`, clear only where chance and noise together do not explain it.

    Parameters
    ----------
    now, before : Amount
        Two sums over equally long spans.
    direction : str
        Whether `less` or `more` is better, or `none`.
    bursts : float
        How much more counts vary than a Poisson process (`bursts`); less than 1 counts as 1.

    Returns
    -------
    Change
        As the table in Notes has it.

    Notes
    -----
    | now | before | kind |
    | --- | --- | --- |
    | missing or hidden | any | unknown |
    | any | missing, hidden or 0 | unknown |
    | of fewer periods than it spans | any, or the other way round | unknown |
    | within the range | | same |
    | above, below | | more, fewer |

    The range of the difference adds three independent parts: both counts' privacy noise, and the chance in
    which counts vary: variance = bursts * count [1]_.

    References
    ----------
    .. [1] P. McCullagh and J. A. Nelder (1989), "Generalized linear models", 4.5.

    Examples
    --------
    >>> compare(Amount(130), Amount(100))  # 30 > 1.96 * sqrt(230) = 29.7
    Change(kind='more', share=0.3, judged='worse')
    >>> compare(Amount(130), Amount(100), bursts=2.0).kind
    'same'
    """
    if now.shown is None or not before.shown or now.unknown or before.unknown:
        return Change("unknown")
    difference = now.shown - before.shown
    chance = NORMAL**2 * max(bursts, 1.0) * (now.shown + before.shown)
    spread = math.sqrt(now.half_width**2 + before.half_width**2 + chance)
    share = abs(difference) / before.shown
    if abs(difference) <= spread:
        return Change("same", share)
    kind = "more" if difference > 0 else "fewer"
    better = {"less": "fewer", "more": "more"}.get(direction)
    return Change(kind, share, "" if better is None else ("better" if kind == better else "worse"))
