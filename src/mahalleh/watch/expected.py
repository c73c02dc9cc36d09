"""What is usual: expected counts by topic, area and period, and how sure they are.

    expected = expected_counts(counts, places, calendar="iran")
    expected.mean.sel(topic="noise"), expected.of("noise")

A city's totals have a trend, seasons and feasts; each area has its own level, trend and season round them,
shrunk towards the city's as far as the areas are alike. Past rises are left out of the fit. How the city as a
whole is doing just now is taken from its newest totals, so that what is expected of an area is what is usual
for it in a city as it now is. Method, equations and limits: docs/analysts/expected.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mahalleh.errors import WatchError
from mahalleh.watch._design import feasts, harmonics, years
from mahalleh.watch._regression import Fit, fit_shrunk, fit_totals
from mahalleh.watch.results import Baseline, Expected

if TYPE_CHECKING:  # imports of half a second that a scan of plain arrays does without
    import geopandas as gpd
    import xarray as xr

Floats: TypeAlias = NDArray[np.float64]

# What each moves was measured by halving and doubling it (benchmarks/constants.py;
# docs/analysts/expected.md, "What the constants move"). "Nothing": less than 0.5% of the error of areas'
# means and 0.2 points of the tail.

# before the guard: a quarter of weeks, or a year of months. A choice about when to refuse; it moves nothing
LEAST_PERIODS: Final = 12
# of history, before a season can be told from a trend: a season and a half. At 3, areas with seasons of
# their own err 1.7 times as much in their second year, areas without them a quarter less
SEASON_YEARS: Final = 1.5

# prior standard deviations on the log scale: choices, so wide that a year of a city's totals outweighs them
CITY_LEVEL: Final = 10.0  # as good as none; moves nothing
CITY_TREND: Final = 0.3  # a year: a third more or less in a year is rare; moves nothing
CITY_SEASON: Final = 0.7  # of each wave: half or double between summer and winter; moves nothing
CITY_FEAST: Final = 0.4  # of a period that is all feast: a feast brings a third more or less; moves nothing
AREA_LEVEL: Final = 0.5  # of areas: where empirical Bayes begins, which learns its own; moves nothing
AREA_REST: Final = 0.15  # ... of their trends and seasons; moves nothing
LEAST_LEVEL: Final = 0.05  # under what the learnt one never falls, or areas could never differ; moves nothing
LEAST_REST: Final = 0.01  # ... of trends and seasons; moves nothing
# of the city's level just now, at the least: how freely it may follow its totals. The City of London fell by
# three quarters in two months of 2020 (decision 12); the invented city drifts less, and would have 2% less
# error by half
CITY_DRIFT: Final = 0.10
# ... and of a single period round it: by double a city that falls is followed sooner (a sixth less error)
CITY_WEEK: Final = 0.05

# chance of a count this far from its mean, on either side, that is left out of the fit: of 100 areas in five
# years two or three weeks are by mistake. At 1e-3 3% more error where nothing rose; at 1e-6 past rises stay
# in: 6% more
PAST_RISE: Final = 5e-5
# standard deviations, under which no count is so far from its mean (on the low side up to a dispersion of
# nine): saves asking the exact law; moves nothing
SUSPECT: Final = 2.0
# periods over which past rises are looked for: a peak, a month, the longest window. By 1 alone 7% more error
# in the invented city; with 2 and 16 besides 4% less, and the tail as it is
RISE_LENGTHS: Final = (1, 4, 8)
# periods over which one event's followers come. By 2 the invented city's tail grows by a point, by 8 it
# shrinks by two: too much is taken for what lasts
SHORT_RUN: Final = 4
# periods over which areas drift: half a year. By 13 the invented city's tail is nearly halved, since its
# followers count as drift too; by 52 nothing moves, since so few fit into two or three years
LONG_RUN: Final = 26
# standard deviations beyond which an area, or a week of the city, says less about the city (Huber's weights).
# At 4 a falling city is followed sooner (a seventh less error) and areas beside a rise are expected to rise
# too (two fifths more); at 1 it is the other way round, and worse on the whole
TRIMMED: Final = 2.0
# of fitting, weighing and fitting again: 2 err 4% more in the invented city, 6 as much less
ROUNDS: Final = 3
LEAST: Final = 1e-6  # instead of nought, by which is divided; moves nothing


@dataclass(frozen=True, slots=True, eq=False)
class _City:
    """A city's totals: `mean` (P,) by the regression; `factor` (P,) how it did against it, on the log scale;
    `gain` (T,) how far each past factor followed its total, 0 to 1; `prior` (G, G) of the newest factors."""

    mean: Floats
    factor: Floats
    gain: Floats
    prior: Floats


def expected_counts(
    panel: xr.DataArray,
    places: gpd.GeoDataFrame | None = None,
    *,
    calendar: str | None = None,
    guard: int = 8,
    completeness: Mapping[str, tuple[Floats, Floats]] | None = None,
) -> Expected:
    """Estimate the expected counts of every cell of a panel, learnt without its newest `guard` periods.

    Parameters
    ----------
    panel : xarray.DataArray
        Counts (topic, area, period), as `mahalleh.panel` gives them; corrections that leave a cell below zero
        count as zero here.
    places : geopandas.GeoDataFrame, optional
        Whose populations, where known, say what level to expect of an area about which little is known.
    calendar : str, optional
        Feasts that move through the year: `iran`, or a country as `US`, `GB-ENG`.
    guard : int
        Periods: at least the longest window that is scanned, or a rise would hide itself.
    completeness : mapping of str to ((P,) float64, (P,) float64), optional
        By topic, the share of each period that is on record by now, and the standard deviation of its
        logarithm (`mahalleh.watch.delay`): the expected counts are of what is known so far.

    Returns
    -------
    Expected
        By topic, area and period.

    Raises
    ------
    WatchError
        `watch.not-a-panel`, `watch.not-counts`, `watch.bad-setting`, `watch.too-little-history`,
        `watch.unknown-calendar`.

    Notes
    -----
    Equations, assumptions and what they were checked against: docs/analysts/expected.md.
    """
    _check(panel, guard)
    time = years(panel)
    columns = feasts(panel, calendar)
    people = None if places is None else places["population"].reindex(panel["area"].to_numpy()).to_numpy()
    parts: list[Baseline] = []
    shares = []
    method = {}
    for topic in panel["topic"].to_numpy().tolist():
        counts = np.maximum(panel.sel(topic=topic).to_numpy().astype(np.float64), 0.0)
        known, doubt = _known(completeness, topic, counts.shape[1])
        parts.append(_topic(counts, time, columns, people, guard, known, doubt))
        shares.append(known)
        method[topic] = "regression" if _long(time, guard) else "short-history"
    return _labelled(panel, parts, np.stack(shares), method)


def _topic(
    counts: Floats,
    time: Floats,
    columns: Floats,
    people: Floats | None,
    guard: int,
    known: Floats,
    doubt: Floats,
) -> Baseline:
    """One topic's baseline of `counts` (A, P)."""
    past = slice(0, counts.shape[1] - guard)
    long = _long(time, guard)
    centred = time - time[past].mean()
    city_design = _city_design(centred, time, columns, season=long)
    pairs = 2 if time[past][-1] >= 2.5 else 1
    area_design = np.column_stack([np.ones(len(time))])
    if long:
        area_design = np.column_stack([area_design, centred, harmonics(time, pairs)])
    share = _shares(counts[:, past], people)

    weights = np.ones(counts[:, past].shape)
    dispersion = np.ones(len(counts))
    typical = 1.0
    width = area_design.shape[1]
    least = np.array([LEAST_LEVEL] + [LEAST_REST] * (width - 1)) ** 2
    prior = np.array([AREA_LEVEL] + [AREA_REST] * (width - 1)) ** 2
    start = None
    for _ in range(ROUNDS):
        city = _city(counts, weights, city_design, past, typical, known)
        offset = share[:, None] * (city.mean * np.exp(city.factor) * known)[None, :]
        fit = fit_shrunk(
            counts[:, past],
            offset[:, past],
            area_design[past],
            prior,
            weights=weights,
            dispersion=dispersion,
            least=least,
            start=start,
        )
        prior, start = fit.prior, fit.coefficients
        mean = offset * np.exp(fit.coefficients @ area_design.T)
        followed = _followed(fit, city, weights)
        dispersion, typical = _dispersion(counts[:, past], mean[:, past], weights, followed, typical)
        weights = _without_rises(counts[:, past], mean[:, past], dispersion)
    spread = _spread(fit, area_design)
    mean = mean * np.exp(0.5 * (spread**2).sum(axis=2))  # the mean of a log-normal, not its median
    lasting = _lasting(counts[:, past], mean[:, past], weights, dispersion, typical, followed)
    spread = np.concatenate([spread, _wander(lasting, mean, guard)], axis=2)
    mean[:, -guard:] *= _just_now(counts[:, -guard:], mean[:, -guard:], dispersion, city, doubt[-guard:])
    return Baseline(
        mean=np.maximum(mean, LEAST),
        dispersion=1.0 + (dispersion[:, None] - 1.0) * known[None, :],
        spread=spread,
        shared=np.zeros((counts.shape[1], 0)),  # the city as it is now is known by its totals
    )


def _city_design(centred: Floats, time: Floats, columns: Floats, *, season: bool) -> tuple[Floats, Floats]:
    """The columns of the city's regression (P, C) and their prior variances (C,)."""
    waves = harmonics(time, 2) if season else np.empty((len(time), 0))
    held = columns - columns.mean(axis=0)
    design = np.column_stack([np.ones(len(time)), centred, waves, held])
    prior = [CITY_LEVEL, CITY_TREND, *[CITY_SEASON] * waves.shape[1], *[CITY_FEAST] * held.shape[1]]
    return design, np.array(prior) ** 2


def _city(
    counts: Floats,
    weights: Floats,
    design: tuple[Floats, Floats],
    past: slice,
    typical: float,
    known: Floats,
) -> _City:
    """Totals without past rises, their regression, and how each past period stood against it."""
    columns, prior = design
    totals = counts[:, past].sum(axis=0)
    calm = (weights * counts[:, past]).sum(axis=0) / np.maximum(weights.mean(axis=0), LEAST)
    totals = np.where(weights.min(axis=0) < 1, calm, totals)
    held = np.ones(len(totals))
    dispersion = max(typical, 1.0)
    for _ in range(ROUNDS):  # outlying weeks of the whole city say less (Huber's weights)
        fit = fit_totals(totals, columns[past], prior, weights=held * known[past], dispersion=dispersion)
        mean = np.maximum(np.exp(columns @ fit.coefficients), 0.5 / len(totals))
        residual = (totals - mean[past]) / np.sqrt(mean[past])
        freedom = max(len(totals) - columns.shape[1], 1)
        dispersion = max(float((held * residual**2).sum() / freedom), 1.0)
        held = np.minimum(1.0, TRIMMED / np.maximum(np.abs(residual) / np.sqrt(dispersion), LEAST))
    log_ratio = np.log((totals + 0.5) / (mean[past] + 0.5))
    noise = typical / np.maximum(mean[past], LEAST)
    week, drift = _drift(log_ratio, noise)
    gain = (week + drift) / (week + drift + noise)
    factor = np.zeros(len(mean))
    factor[past] = log_ratio * gain
    doubt = columns @ fit.covariance @ columns.T
    newest = np.arange(past.stop, len(mean))
    prior_now = doubt[np.ix_(newest, newest)] + week * np.eye(len(newest)) + drift
    return _City(mean, factor, gain, prior_now)


def _drift(log_ratio: Floats, noise: Floats) -> tuple[float, float]:
    """Variances of the city's log factor: of single periods, and of what lasts (from the lagged products)."""
    centred = log_ratio - np.median(log_ratio)
    held = np.clip(centred, -1.0, 1.0)
    lagged = [float((held[lag:] * held[:-lag]).mean()) for lag in (1, 2, 3, 4) if lag < len(held)]
    lasting = max(float(np.mean(lagged)) if lagged else 0.0, CITY_DRIFT**2)
    single = max(float((held**2).mean() - noise.mean()) - lasting, CITY_WEEK**2)
    return single, lasting


def _just_now(seen: Floats, usual: Floats, dispersion: Floats, city: _City, doubt: Floats) -> Floats:
    """The factor (G,) of the newest periods by the city's own totals, of `seen` and `usual` counts (A, G).

    A Gaussian prior on the log factor, from the regression's doubt, the city's usual drift and the doubt
    about late reports, meets the newest totals. Areas that stand out on either side say less, so that a local
    rise is not taken for the city's. What stays unsure is less than the totals' own noise, which the
    replicates of a scan have and the data, once the totals are followed, have not.
    """
    prior = city.prior + np.diag(doubt**2)
    voice = np.ones(len(seen))
    factor = np.zeros(len(prior))
    for _ in range(ROUNDS):
        told, wanted = (voice[:, None] * seen).sum(axis=0), (voice[:, None] * usual).sum(axis=0)
        over = (voice[:, None] ** 2 * dispersion[:, None] * usual).sum(axis=0)
        noise = over / np.maximum(wanted, LEAST) ** 2
        ratio = np.log((told + 0.5) / (wanted + 0.5))
        # a break larger than any drift widens the prior to its own size, and so is followed
        broken = max(ratio.mean() ** 2 - noise.mean() / len(noise) - prior.mean(), 0.0)
        broad = prior + broken
        factor = broad @ np.linalg.solve(broad + np.diag(noise), ratio)
        scaled = (usual * np.exp(factor)).sum(axis=1)
        away = (seen.sum(axis=1) - scaled) / np.sqrt(dispersion * np.maximum(scaled, LEAST))
        voice = np.minimum(1.0, TRIMMED / np.maximum(np.abs(away), LEAST)) ** 2
    return np.asarray(np.exp(factor))


def _shares(counts: Floats, people: Floats | None) -> Floats:
    """Which share of a city's total an area is expected to have before anything is known of it: (A,)."""
    if people is not None and np.isfinite(people).all() and (people > 0).any():
        share = np.maximum(people, people[people > 0].min() * 0.1)
    else:
        share = np.ones(len(counts))
    return np.asarray(share / share.sum())


def _followed(fit: Fit, city: _City, weights: Floats) -> tuple[Floats, Floats]:
    """How far the fit followed each area's own counts: sums of its smoothers' shares h and of 2h - h^2, (A,).

    Shares of the shrunk coefficients, and the area's part of the city's factors, which followed all areas.
    """
    share = 1.0 - np.einsum("acc->ac", fit.covariance) / fit.prior
    part = weights.sum(axis=0) / len(weights) / len(weights)
    once = share.sum(axis=1) + (part * city.gain).sum()
    twice = (2 * share - share**2).sum(axis=1) + (part * (2 * city.gain - city.gain**2)).sum()
    return np.asarray(once), np.asarray(twice)


def _dispersion(
    counts: Floats, mean: Floats, weights: Floats, followed: tuple[Floats, Floats], guess: float
) -> tuple[Floats, float]:
    """Pearson's dispersion by area, shrunk towards that of all: (A,), and the latter.

    A smoother that follows the data by h takes 2h - h^2 from the degrees of freedom (Hastie and Tibshirani
    1990, 3.5), and h times the third cumulant over phi mean^2 since the residual is also divided by the
    fitted mean (Farrington 1996, Fletcher 2012: Pearson's estimate is too low where counts are sparse); for
    NB1 that is h (2 phi - 1) / mean. The variance of an area's estimate is about (2 phi^2 + phi (6 phi^2 -
    6 phi + 1) / mean) / n, by NB1's fourth cumulant; how much areas truly differ is what their estimates vary
    beyond that.
    """
    mean = np.maximum(mean, LEAST)
    squares = (weights * (counts - mean) ** 2 / mean).sum(axis=1)
    usual = np.maximum(mean.mean(axis=1), 0.02)
    cells = weights.sum(axis=1)
    once, twice = followed
    freedom = np.maximum(cells - twice - once * (2 * guess - 1) / usual, 0.5 * cells + 0.5)
    own = squares / freedom
    trust = freedom / (2.0 + 1.0 / usual)
    typical = max(float((trust * own).sum() / trust.sum()), 1.0)
    fourth = typical * (6 * typical**2 - 6 * typical + 1) / usual
    sampling = (2 * typical**2 + fourth) / freedom
    between = max(float(np.average((own - typical) ** 2 - sampling, weights=trust)), 0.0)
    pull = between / (between + sampling)
    return np.maximum(typical + pull * (own - typical), 1.0), typical


def _lasting(
    counts: Floats,
    mean: Floats,
    weights: Floats,
    dispersion: Floats,
    typical: float,
    followed: tuple[Floats, Floats],
) -> tuple[float, float]:
    """What makes an area's counts stay high or low for a while: more dispersion over months than over weeks.

    Returns the excess of the dispersion over SHORT_RUN periods, which events that set off others give (it is
    the same for large and small areas), and the variance of the log level over LONG_RUN periods, which is
    how areas drift; each 0 where the history is too short to tell.
    """
    _, twice = followed
    short = _rolled(counts, mean, weights, SHORT_RUN)
    excess = 0.0
    if short is not None and short[0].shape[1] > twice.mean() + LEAST_PERIODS / 2:
        _, run = _dispersion(*short, followed, typical)
        excess = max(run - typical, 0.0)
    drift = 0.0
    long = _rolled(counts, mean, weights, LONG_RUN)
    if long is not None and long[0].shape[1] > twice.mean() + 2:
        seen, usual, whole = long
        free = 1 - twice.mean() / seen.shape[1]
        chance = (dispersion[:, None] + excess) * usual
        drift = float((whole * ((seen - usual) ** 2 / free - chance)).sum() / (whole * usual**2).sum())
    return excess, max(drift, 0.0)


def _rolled(
    counts: Floats, mean: Floats, weights: Floats, length: int
) -> tuple[Floats, Floats, Floats] | None:
    """Sums over runs of `length` periods one after the other, the newest last; weight 1 where all count."""
    runs = counts.shape[1] // length
    if runs < 1:
        return None
    cut = counts.shape[1] - runs * length

    def fold(values: Floats) -> Floats:
        return values[:, cut:].reshape(len(values), runs, length)

    kept = fold(weights)
    share = np.maximum(kept.mean(axis=2), LEAST)
    seen, usual = (fold(weights * counts)).sum(axis=2) / share, fold(weights * mean).sum(axis=2) / share
    return seen, usual, (kept.mean(axis=2) == 1.0).astype(np.float64)


def _wander(lasting: tuple[float, float], mean: Floats, guard: int) -> Floats:
    """Columns of the spread (A, P, C) for what lasts: a factor a run of newest periods, and one for all."""
    excess, drift = lasting
    newest = np.arange(mean.shape[1])[-guard:]
    runs = -(-guard // SHORT_RUN)
    out = np.zeros((*mean.shape, runs + 1))
    for run in range(runs):
        stop = mean.shape[1] - run * SHORT_RUN
        periods = np.arange(max(stop - SHORT_RUN, newest[0]), stop)
        usual = np.maximum(mean[:, periods].mean(axis=1) * SHORT_RUN, LEAST)
        out[:, periods, run] = np.sqrt(np.log1p(excess / usual))[:, None]
    out[:, newest, runs] = np.sqrt(np.log1p(drift))
    return out


def _without_rises(counts: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Weights (A, T): 0 where a past count over some periods is too far from its mean to be chance."""
    weights = np.ones(counts.shape)
    for length in RISE_LENGTHS:
        if length > counts.shape[1]:
            continue
        seen, usual = _rolling(counts, length), np.maximum(_rolling(mean, length), LEAST)
        over = np.broadcast_to(np.maximum(dispersion[:, None], 1.0 + 1e-6), usual.shape)
        far = np.abs(seen - usual) > SUSPECT * np.sqrt(over * usual)  # the exact law is asked of these alone
        size, chance, count = usual[far] / (over[far] - 1.0), 1.0 / over[far], seen[far]
        above = special.betainc(np.maximum(count, LEAST), size, 1.0 - chance)  # as many or more
        below = special.betainc(size, count + 1.0, chance)  # as many or fewer
        far[far] = (above < PAST_RISE) | (below < PAST_RISE)
        for back in range(length):
            stop = counts.shape[1] - length + 1 + back
            weights[:, back:stop][far] = 0.0
    return weights


def _rolling(values: Floats, length: int) -> Floats:
    """Sums over `length` periods, by the first of them: (A, T - length + 1)."""
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    return np.asarray(sums[:, length:] - sums[:, :-length])


def _spread(fit: Fit, design: Floats) -> Floats:
    """How unsure each area's log mean is: (A, P, C) such that its square summed is the variance."""
    return np.asarray(np.einsum("pc,acd->apd", design, np.linalg.cholesky(fit.covariance)))


def _long(time: Floats, guard: int) -> bool:
    return bool(time[-guard - 1] - time[0] >= SEASON_YEARS)


def _known(
    completeness: Mapping[str, tuple[Floats, Floats]] | None, topic: str, periods: int
) -> tuple[Floats, Floats]:
    if completeness is None or topic not in completeness:
        return np.ones(periods), np.zeros(periods)
    share, doubt = completeness[topic]
    return np.clip(np.asarray(share, dtype=np.float64), LEAST, 1.0), np.asarray(doubt, dtype=np.float64)


def _check(panel: Any, guard: int) -> None:
    if getattr(panel, "dims", None) != ("topic", "area", "period"):
        raise WatchError("watch.not-a-panel", given=getattr(panel, "dims", type(panel).__name__))
    if "period" not in panel.coords or "period_end" not in panel.coords:
        raise WatchError("watch.not-a-panel", given=tuple(panel.coords))
    if panel.dtype.kind == "f" and not np.isfinite(panel.to_numpy()).all():
        wrong = ~np.isfinite(panel.to_numpy()).all(axis=(0, 2))
        raise WatchError("watch.not-counts", areas=panel["area"].to_numpy()[wrong].tolist())
    if guard < 1:
        raise WatchError("watch.bad-setting", key="guard", given=guard, low=1, high=panel.sizes["period"])
    left = panel.sizes["period"] - guard
    if left < LEAST_PERIODS:
        raise WatchError("watch.too-little-history", given=max(left, 0), guard=guard, wanted=LEAST_PERIODS)


def _labelled(
    panel: xr.DataArray, parts: list[Baseline], shares: Floats, method: Mapping[str, str]
) -> Expected:
    """Baselines side by side, with the panel's labels."""
    import xarray as xr

    cells = {name: panel.coords[name] for name in ("topic", "area", "period", "period_end")}
    times = {name: panel.coords[name] for name in ("topic", "period", "period_end")}
    return Expected(
        mean=xr.DataArray(np.stack([part.mean for part in parts]), dims=panel.dims, coords=cells),
        dispersion=xr.DataArray(np.stack([part.dispersion for part in parts]), dims=panel.dims, coords=cells),
        spread=xr.DataArray(
            np.stack([part.spread for part in parts]), dims=(*panel.dims, "factor"), coords=cells
        ),
        shared=xr.DataArray(
            np.stack([part.shared for part in parts]), dims=("topic", "period", "city_factor"), coords=times
        ),
        completeness=xr.DataArray(shares, dims=("topic", "period"), coords=times),
        method=method,
    )
