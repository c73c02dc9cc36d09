"""Farrington's algorithm, improved and original: one series at a time, without neighbours. The yardstick.

    found = farrington(counts, dates, newest=52)
    found.upper, found.alarm

Farrington, Andrews, Beale and Catchpole (1996), "A statistical algorithm for the early detection of outbreaks
of infectious disease"; Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett (2013), "An improved
algorithm for outbreak detection in multiple surveillance systems". Method page: docs/analysts/farrington.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mahalleh.errors import Faults, WatchError
from mahalleh.watch._inputs import read_counts
from mahalleh.watch._regression import Fit, fit_areas

Floats: TypeAlias = NDArray[np.float64]

FREE: Final = 1e12  # a prior variance that shrinks nothing
LEAST_MEAN: Final = 1e-12  # instead of nought, by which is divided
LEAST_ALPHA: Final = 1e-6  # beyond, a double's rounding decides the bound
WEEK: Final = np.timedelta64(7, "D")
NEGATIVE_BINOMIAL: Final = "negative-binomial"
TWO_THIRDS: Final = "two-thirds"


@dataclass(frozen=True, slots=True, eq=False)
class Farrington:
    """What Farrington's algorithm says of S series and N monitored weeks.

    Attributes
    ----------
    expected, standard_error : (S, N) float64
        The expected count, and how sure it is.
    dispersion : (S, N) float64
        Variance over mean, at least 1.
    upper : (S, N) float64
        Bound of the one-sided prediction interval; NaN where too few were told lately to alarm at all.
    p_value : (S, N) float64
        The chance of as many or more.
    score : (S, N) float64
        (observed - expected) / (upper - expected); NaN as `upper`.
    alarm : (S, N) bool
        Whether the count is above the bound.
    trend : (S, N) bool
        Whether the fit kept a trend.
    """

    expected: Floats
    standard_error: Floats
    dispersion: Floats
    upper: Floats
    p_value: Floats
    score: Floats
    alarm: NDArray[np.bool_]
    trend: NDArray[np.bool_]


def farrington(
    counts: ArrayLike,
    dates: ArrayLike | None = None,
    *,
    newest: int,
    years: int = 4,
    half_window: int = 3,
    seasons: int = 10,
    skip: int = 26,
    outlying: float = 2.58,
    trend_level: float = 1.0,
    bound: str = NEGATIVE_BINOMIAL,
    alpha: float = 0.05,
    least_cases: tuple[int, int] = (5, 4),
) -> Farrington:
    """Find upper bounds for the `newest` weeks of weekly series.

    The defaults are the improved algorithm [2]_. The original [1]_ is `seasons=1, skip=half_window,
    outlying=1, trend_level=0.05, bound="two-thirds"`.

    Parameters
    ----------
    counts : (S, P) or (P,) int
        Counts by week.
    dates : (P,) datetime64, optional
        The weeks' first days; any run of weeks where None.
    newest : int
        How many weeks are judged.
    years : int
        How many years back the history goes.
    half_window : int
        Weeks on either side of the same week of earlier years, 0 to 25.
    seasons : int
        Parts into which the year is cut: the weeks like now, and those between; 1 takes the weeks like now
        alone.
    skip : int
        The last weeks, 0 to 52, that are no history.
    outlying : float
        Past weeks with an Anscombe residual above it weigh less.
    trend_level : float
        A trend is kept from three years of history on, where it does not lead beyond any count seen and its
        p-value is under this.
    bound : str
        The quantile of a negative binomial with the fitted mean and dispersion (`negative-binomial`), or of a
        normal count to the power of two thirds, with the mean's own standard error (`two-thirds`).
    alpha : float
        The chance of a count above the bound.
    least_cases : (int, int)
        A count alarms only where at least so many cases came in the last so many weeks.

    Returns
    -------
    Farrington
        (S, N) arrays.

    Raises
    ------
    WatchError
        `watch.too-little-history`, `watch.bad-choice`, `watch.bad-setting`, `watch.not-weeks`, and as `scan`
        for counts that are none.

    References
    ----------
    .. [1] C. P. Farrington, N. J. Andrews, A. D. Beale and M. A. Catchpole (1996), "A statistical algorithm
       for the early detection of outbreaks of infectious disease".
    .. [2] A. Noufaily et al. (2013), "An improved algorithm for outbreak detection in multiple surveillance
       systems".
    """
    if bound not in (NEGATIVE_BINOMIAL, TWO_THIRDS):
        raise WatchError(
            "watch.bad-choice", key="bound", given=bound, allowed=f"{NEGATIVE_BINOMIAL}, {TWO_THIRDS}"
        )
    table, _ = read_counts(np.atleast_2d(np.asarray(counts)))
    periods = table.shape[1]
    _within(
        newest=(newest, 1, periods),
        years=(years, 1, periods),
        half_window=(half_window, 0, 25),  # more, and the windows of two years would meet
        skip=(skip, 0, 52),  # less, and a week would be its own history
        alpha=(alpha, LEAST_ALPHA, 1 - LEAST_ALPHA),
    )
    _within(
        seasons=(seasons, 1, 52 - 2 * half_window),  # as many weeks lie between the windows of two years
        least_cases=(least_cases[1], 1, 52),  # of weeks; a year lies before the first that is judged
    )
    day = _weeks(dates, periods)
    back = [_references(day, now, years) for now in range(periods - newest, periods)]
    if any(not len(one) or one[-1] < half_window for one in back):
        wanted = int(years * 53 + half_window + newest)
        raise WatchError("watch.too-little-history", given=periods, guard=newest, wanted=wanted)
    weeks = [
        _week(table.astype(np.float64), now, one, half_window, seasons, skip, outlying, trend_level)
        for now, one in zip(range(periods - newest, periods), back, strict=True)
    ]
    expected, error, dispersion, trend = (np.stack(part, axis=1) for part in zip(*weeks, strict=True))
    observed = table[:, -newest:]
    sums = np.concatenate([np.zeros((len(table), 1)), np.cumsum(table, axis=1)], axis=1)
    lately = (
        sums[:, periods - newest + 1 :] - sums[:, periods - newest + 1 - least_cases[1] : -least_cases[1]]
    )
    enough = lately >= least_cases[0]
    if bound == TWO_THIRDS:
        above, p_value = _two_thirds(observed, expected, error, dispersion, alpha)
    else:
        above = upper_bound(expected, dispersion, alpha)
        p_value = _at_least(observed, expected, dispersion)
    upper = np.where(enough, above, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (observed - expected) / (upper - expected)
    return Farrington(
        expected=expected,
        standard_error=error,
        dispersion=dispersion,
        upper=upper,
        p_value=p_value,
        score=score,
        alarm=enough & (observed > np.nan_to_num(upper, nan=np.inf)),
        trend=trend,
    )


def _within(**settings: tuple[float, float, float]) -> None:
    """Refuse settings that are not between their least and their most."""
    faults = Faults(WatchError)
    for key, (given, low, high) in settings.items():
        if not low <= given <= high:
            faults.add("watch.bad-setting", key=key, given=given, low=low, high=high)
    faults.raise_if_any()


def _weeks(dates: ArrayLike | None, periods: int) -> NDArray[np.datetime64]:
    """The first days of all weeks: those given, if they are seven days apart and one a count."""
    if dates is None:
        return np.datetime64("2000-01-03") + WEEK * np.arange(periods)
    day = np.asarray(dates, dtype="datetime64[D]")
    if day.shape != (periods,):
        raise WatchError("watch.not-weeks", wanted=periods, given=day.size, after="-")
    if (wrong := np.flatnonzero(np.diff(day) != WEEK)).size:
        raise WatchError("watch.not-weeks", wanted=periods, given=day.size, after=day[wrong[0]])
    return day


def upper_bound(mean: Floats, dispersion: Floats, alpha: float) -> Floats:
    """Find the least count that a negative binomial stays at or under with chance 1 - alpha.

    Parameters
    ----------
    mean, dispersion : (...) float64
        Its mean, and its variance over the mean; Poisson where that is 1.
    alpha : float
        The chance of more.

    Returns
    -------
    (...) float64
        Whole counts.

    Examples
    --------
    >>> upper_bound(np.array([4.0]), np.array([1.0]), 0.05)  # P(Poisson(4) <= 8) = 0.979, P(<= 7) = 0.949
    array([8.])
    """
    high = np.ceil(mean + 12 * np.sqrt(dispersion * mean) + 40 * dispersion)
    low = np.full(mean.shape, -1.0)
    while (high - low > 1).any():  # halving: the law has no inverse in closed form
        middle = np.floor((low + high) / 2)
        enough = 1 - _at_least(middle + 1, mean, dispersion) >= 1 - alpha
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(high)


def _two_thirds(
    observed: ArrayLike, mean: Floats, error: Floats, dispersion: Floats, alpha: float
) -> tuple[Floats, Floats]:
    """Upper bounds and chances of as many or more where counts to the power of 2/3 are normal, whose variance
    is 4/9 mean^(1/3) (dispersion + error^2 / mean) (Farrington et al. 1996, section 3.5)."""
    deviation = np.sqrt(4 / 9 * np.cbrt(mean) * (dispersion + error**2 / mean))
    centre = mean ** (2 / 3)
    upper = (centre + special.ndtri(1 - alpha) * deviation) ** 1.5
    power = np.asarray(observed, dtype=np.float64) ** (2 / 3)
    return upper, np.asarray(special.ndtr((centre - power) / deviation))


def _at_least(count: ArrayLike, mean: Floats, dispersion: Floats) -> Floats:
    """The chance of as many or more, of a negative binomial with variance dispersion x mean."""
    n = np.maximum(np.asarray(count, dtype=np.float64), 0.0)
    over = np.maximum(dispersion - 1.0, 1e-9)
    many = np.maximum(n, 1e-300)
    tail = np.where(
        dispersion > 1.0 + 1e-9,
        special.betainc(many, mean / over, 1.0 - 1.0 / np.maximum(dispersion, 1.0 + 1e-9)),
        special.gammainc(many, mean),
    )
    return np.where(n <= 0, 1.0, tail)


def _references(day: NDArray[np.datetime64], now: int, years: int) -> NDArray[np.int64]:
    """The weeks of this one and of the years before, newest first: those nearest to the same date."""
    date = day[now].astype(object)
    found = []
    for back in range(years + 1):
        try:
            same = date.replace(year=date.year - back)
        except ValueError:  # 29 February: the day after, as R's calendar has it
            same = date.replace(year=date.year - back, month=3, day=1)
        found.append(int(np.abs((day - np.datetime64(same)).astype(np.int64)).argmin()))
        if day[0] > np.datetime64(same):
            return np.empty(0, dtype=np.int64)
    return np.array(found)


def _week(
    counts: Floats,
    now: int,
    back: NDArray[np.int64],
    half_window: int,
    seasons: int,
    skip: int,
    outlying: float,
    trend_level: float,
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Expected count, its standard error, dispersion and whether a trend was kept, (S,) each, of one week."""
    season = _seasons(counts.shape[1], now, back, half_window, seasons)
    used = np.flatnonzero(season[: max(now - skip, 0)] > 0)
    history = counts[:, used]
    # the season of the week itself is the level that others differ from
    groups = [own for one in range(1, seasons) if (own := season[used] == one).any()]
    columns = 1 + len(groups) + (len(back) > 3)
    if len(used) <= columns:
        raise WatchError("watch.too-little-history", given=len(used), guard=skip, wanted=columns + 1)
    flat = np.column_stack([np.ones(len(used)), *groups]).astype(np.float64)
    time = (used - used[0]) / 52.0
    ahead = (now - used[0]) / 52.0
    fit, dispersion, _ = _fit(history, flat, outlying)
    expected, variance = np.exp(fit.coefficients[:, 0]), fit.covariance[:, 0, 0]
    trend = np.zeros(len(counts), dtype=bool)
    if len(back) > 3:
        leaning, over, _ = _fit(history, np.column_stack([flat, time]), outlying)
        slope, spread = leaning.coefficients[:, -1], leaning.covariance
        reached = np.exp(leaning.coefficients[:, 0] + slope * ahead)
        unsure = spread[:, 0, 0] + 2 * ahead * spread[:, 0, -1] + ahead**2 * spread[:, -1, -1]
        # two-sided, by Student's distribution, as is usual where the dispersion is estimated
        freedom = len(used) - flat.shape[1] - 1
        chance = 2 * special.stdtr(freedom, -np.abs(slope) / np.sqrt(over * spread[:, -1, -1]))
        trend = (reached <= history.max(axis=1)) & ((chance < trend_level) | (trend_level >= 1))
        expected, variance = np.where(trend, reached, expected), np.where(trend, unsure, variance)
        dispersion = np.where(trend, over, dispersion)
    return expected, expected * np.sqrt(dispersion * variance), dispersion, trend


def _seasons(
    periods: int, now: int, back: NDArray[np.int64], half_window: int, seasons: int
) -> NDArray[np.int64]:
    """By week its part of the year: `seasons` for weeks like now, from 1 for those after them; 0 unused."""
    out = np.zeros(periods, dtype=np.int64)
    out[now - half_window : now + 1] = seasons
    for later, earlier in pairwise(back.tolist()):
        out[earlier - half_window : earlier + half_window + 1] = seasons
        if seasons > 1:
            between = np.arange(earlier + half_window + 1, later - half_window)
            for number, part in enumerate(np.array_split(between, seasons - 1), 1):
                out[part] = number
    return out


def _fit(counts: Floats, design: Floats, outlying: float) -> tuple[Fit, Floats, Floats]:
    """A quasi-Poisson regression of each series, twice: the second time outliers weigh less.

    Returns the second fit, its dispersion (S,) and its weights (S, T).
    """
    series, weeks = counts.shape
    free, one, even = np.full(design.shape[1], FREE), np.ones(series), np.ones(counts.shape)
    fit = fit_areas(counts, even, design, free, weights=even, dispersion=one, start=None)
    mean, dispersion = _dispersion(counts, fit, design, even)
    leverage = mean * np.einsum("tc,scd,td->st", design, fit.covariance, design, optimize=True)
    # Anscombe residuals of a Poisson count, standardised (Farrington et al. 1996, eq. 7)
    residual = 1.5 * (counts ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
    residual = residual / np.sqrt(dispersion[:, None] * np.maximum(1 - leverage, LEAST_MEAN))
    weights = np.where(residual > outlying, 1.0 / np.maximum(residual, outlying) ** 2, 1.0)
    weights *= weeks / weights.sum(axis=1, keepdims=True)
    fit = fit_areas(counts, even, design, free, weights=weights, dispersion=one, start=None)
    return fit, _dispersion(counts, fit, design, weights)[1], weights


def _dispersion(counts: Floats, fit: Fit, design: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Fitted means (S, T) and Pearson's dispersion (S,), at least 1."""
    mean = np.maximum(np.exp(fit.coefficients @ design.T), LEAST_MEAN)
    freedom = counts.shape[1] - design.shape[1]
    pearson = (weights * (counts - mean) ** 2 / mean).sum(axis=1) / freedom
    return mean, np.maximum(pearson, 1.0)
