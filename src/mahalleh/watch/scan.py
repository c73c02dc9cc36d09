"""Space-time scan: where and since when there is more than expected, and how often chance alone does so.

    result = scan(counts, coordinates=xy, population=people, model="poisson", seed=1)
    result.clusters[0].areas, result.clusters[0].p_value

Method, sources and what it was held against: docs/analysts/scan.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mahalleh.errors import WatchError
from mahalleh.watch import _inputs
from mahalleh.watch._accelerate import cores
from mahalleh.watch._circles import circles
from mahalleh.watch._connected import connected
from mahalleh.watch._draws import Draws, Predictive, Sliding, binomial_cells, permuted_cells, poisson_cells
from mahalleh.watch._replicates import Mapper, Problem, best_by_root, maxima
from mahalleh.watch._statistics import CONDITIONAL, EXPECTATION, SCORE
from mahalleh.watch._zones import Zones
from mahalleh.watch.results import Baseline, Cluster, ScanResult

if TYPE_CHECKING:
    import geopandas as gpd

Floats: TypeAlias = NDArray[np.float64]

EULER: Final = 0.5772156649015329
ROOM: Final = 1 << 15  # whole numbers that lie within one narrow lane: weights are put on a scale that fits
HEADROOM: Final = 8  # ... with counts so many times the expected
TIE_DIGITS: Final = (
    9  # ratios of one zone found from two centres differ by rounding: the first centre's is kept
)


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """A model's reading of the input: `mean` (A, P) of all periods, what zones weigh, and how to draw."""

    mean: Floats
    weight: Floats
    draws: Draws
    statistic: int
    total: float
    per_case: Floats | None = None


def scan(
    cases: Any,
    *,
    model: str,
    seed: int,
    places: gpd.GeoDataFrame | None = None,
    coordinates: ArrayLike | None = None,
    population: ArrayLike | None = None,
    expected: Any = None,
    zones: str = "circles",
    max_periods: int = 8,
    max_population: float = 0.1,
    max_areas: int | None = None,
    max_radius: float | None = None,
    min_cases: int = 2,
    prospective: bool = True,
    replicates: int = 999,
    secondary: str = "no-overlap",
    statistic: str = "ratio",
    threads: int | None = None,
    over: Mapper | None = None,
) -> ScanResult:
    """Look at every zone over every window for more cases than expected.

    `cases` (A, P): counts, or a DataArray (area, period). Where the areas lie: `places`, whose centroids are
    taken, or planar `coordinates` (A, 2).

    `model`: `poisson`, conditional on the total, with `population` (A,) or (A, P), or known `expected` counts
    up to a factor (Kulldorff 1997, 2001); `permutation` of the cases' places and times, which needs no
    population (Kulldorff et al. 2005); `expectation`, Poisson with known `expected` counts (Neill 2009);
    `negative-binomial`, the same with a `Baseline`: each count is weighed by one over its dispersion, and
    replicates are drawn from the baseline's predictive distribution, the uncertainty of its parameters
    included. `statistic`: the likelihood `ratio`, or for the latter two the `score` of Tango et al. (2011).

    Zones are `circles` round areas or `connected` along borders (needs `places`), up to `max_population` (a
    share of the population; of the cases under permutation, of the expected where there is no population),
    `max_areas` and `max_radius` (metres with places, else the coordinates' unit). Windows of 1 to
    `max_periods` periods end with the last period, or with any where not `prospective`. A zone counts from
    `min_cases` on. `secondary`: further clusters that share no area with a stronger one (`no-overlap`), or
    `none`.

    Replicates are the same for one `seed` (0 to 2**64 - 1) whatever the `threads`; `over` is a `map` that
    runs blocks of them elsewhere.

    Raises:
        WatchError: input or settings that mean nothing, every fault with its areas.
    """
    counts, labels = _inputs.read_counts(cases)
    _inputs.check_options(
        model=model,
        zones=zones,
        secondary=secondary,
        statistic=statistic,
        max_periods=max_periods,
        periods=counts.shape[1],
        max_population=max_population,
        max_areas=max_areas,
        max_radius=max_radius,
        replicates=replicates,
        min_cases=min_cases,
        seed=seed,
        threads=threads,
    )
    ground = _inputs.read_ground(places, coordinates, labels, zones=zones)
    people = _inputs.read_population(population, places, counts, labels)
    periods = counts.shape[1]
    window = slice(0 if not prospective else periods - max_periods, periods)
    study = _study(model, counts, labels, people, expected, window, score=statistic == "score")

    began = perf_counter()
    forest = _forest(ground, study.weight, zones, max_population, max_areas, max_radius)
    zoned = perf_counter()
    problem = _problem(study, forest, window, max_periods, min_cases, prospective=prospective)
    best, entry, which = best_by_root(problem, counts[:, window] * problem.weights)
    looked = perf_counter()
    chance = maxima(
        problem, study.draws, replicates=replicates, seed=seed, threads=threads or cores(), over=over
    )
    done = perf_counter()
    found = _choose(problem, best, entry, which, only_first=secondary == "none")
    clusters = tuple(_cluster(c, counts, study, labels, chance, window.start, value) for c, value in found)
    seconds = {"zones": zoned - began, "observed": looked - zoned, "replicates": done - looked}
    return ScanResult(model, clusters, chance, len(forest.area), seconds)


def sliding_maxima(
    baseline: Baseline,
    *,
    seed: int,
    courses: int,
    weeks: int,
    places: gpd.GeoDataFrame | None = None,
    coordinates: ArrayLike | None = None,
    population: ArrayLike | None = None,
    zones: str = "circles",
    max_periods: int = 8,
    max_population: float = 0.1,
    max_areas: int | None = None,
    max_radius: float | None = None,
    min_cases: int = 2,
    threads: int | None = None,
) -> Floats:
    """What weekly scans of a city without any rise would find: (courses, weeks) largest statistics.

    In each course the city goes on at the level of the baseline's last period, its uncertain parameters
    drawn once; every week's scan sees the last `max_periods` periods, most of which the week before saw too.
    The other settings are those of `scan` with the model `negative-binomial`.

    Raises:
        WatchError: as `scan`.
    """
    baseline = _inputs.check_baseline(baseline, (baseline.mean.shape[0], baseline.mean.shape[1]))
    labels = tuple(places.index) if places is not None else tuple(range(len(baseline.mean)))
    ground = _inputs.read_ground(places, coordinates, labels, zones=zones)
    nothing = np.zeros((len(labels), max_periods), dtype=np.int64)
    people = _inputs.read_population(population, places, nothing, labels)
    level = _standing(baseline, max_periods)
    study = _study("negative-binomial", nothing, labels, people, level, slice(0, max_periods), score=False)
    forest = _forest(ground, study.weight, zones, max_population, max_areas, max_radius)
    problem = _problem(study, forest, slice(0, max_periods), max_periods, min_cases, prospective=True)
    course = Predictive(_standing(baseline, weeks + max_periods - 1))
    return np.stack(
        [
            maxima(
                problem,
                Sliding(course.draw(seed, number), max_periods),
                replicates=weeks,
                seed=seed,
                threads=threads or cores(),
            )
            for number in range(courses)
        ]
    )


def _standing(baseline: Baseline, periods: int) -> Baseline:
    """The baseline's last period, so many times over."""
    return Baseline(
        mean=np.repeat(baseline.mean[:, -1:], periods, axis=1),
        dispersion=np.repeat(baseline.dispersion[:, -1:], periods, axis=1),
        spread=np.repeat(baseline.spread[:, -1:], periods, axis=1),
        shared=np.repeat(baseline.shared[-1:], periods, axis=0),
    )


def _study(
    model: str,
    counts: NDArray[np.int64],
    labels: tuple[Any, ...],
    people: Floats | None,
    expected: Any,
    window: slice,
    *,
    score: bool,
) -> _Study:
    cases = int(counts.sum())
    if model == "permutation":
        by_area = counts.sum(axis=1)
        mean = np.outer(by_area, counts.sum(axis=0)) / max(cases, 1)
        return _Study(mean, by_area.astype(np.float64), permuted_cells(counts, window), CONDITIONAL, cases)
    if model == "poisson":
        at_risk = people if expected is None else _inputs.read_mean(expected, counts, labels)
        if at_risk is None:
            raise WatchError("watch.no-population")
        at_risk = np.broadcast_to(at_risk[:, None] if at_risk.ndim == 1 else at_risk, counts.shape)
        mean = at_risk * (cases / max(float(at_risk.sum()), 1e-300))
        weight = mean.sum(axis=1) if people is None else _over_time(people)
        return _Study(mean, weight, binomial_cells(cases, mean[:, window]), CONDITIONAL, cases)
    statistic = SCORE if score else EXPECTATION
    if model == "expectation":
        if expected is None:
            raise WatchError("watch.no-expected")
        mean = _inputs.read_mean(expected, counts, labels)
        weight = mean.sum(axis=1) if people is None else _over_time(people)
        return _Study(mean, weight, poisson_cells(mean[:, window]), statistic, np.inf)
    baseline = _inputs.check_baseline(expected, (counts.shape[0], counts.shape[1]))
    mean = _inputs.read_mean(baseline, counts, labels)
    weight = mean.sum(axis=1) if people is None else _over_time(people)
    part = Baseline(
        mean[:, window], baseline.dispersion[:, window], baseline.spread[:, window], baseline.shared[window]
    )
    return _Study(mean, weight, Predictive(part), statistic, np.inf, per_case=1.0 / baseline.dispersion)


def _over_time(people: Floats) -> Floats:
    return people if people.ndim == 1 else people.mean(axis=1)


def _forest(
    ground: _inputs.Ground,
    weight: Floats,
    zones: str,
    max_population: float,
    max_areas: int | None,
    max_radius: float | None,
) -> Zones:
    bounds: dict[str, Any] = {"max_weight": max_population, "max_areas": max_areas, "max_radius": max_radius}
    if zones == "connected" and ground.pairs is not None:
        return connected(ground.pairs, ground.coordinates, weight, **bounds)
    return circles(ground.coordinates, weight, **bounds)


def _problem(
    study: _Study, zones: Zones, window: slice, max_periods: int, min_cases: int, *, prospective: bool
) -> Problem:
    """The scanned part of a study, its counts on a scale of whole numbers."""
    mean = study.mean[:, window]
    periods = mean.shape[1]
    ends = [periods] if prospective else range(1, periods + 1)
    windows = [(end - length, end) for end in ends for length in range(1, min(max_periods, end) + 1)]
    scale = 1.0
    if study.per_case is None:
        weights = np.ones(mean.shape, dtype=np.int64)
        weighed = mean
    else:
        heaviest = HEADROOM * (float(mean.sum()) + 10)
        scale = float(2 ** int(np.clip(np.log2(ROOM / heaviest), 4, 10)))
        weights = np.maximum(np.round(study.per_case[:, window] * scale), 1).astype(np.int64)
        weighed = mean * weights / scale
    return Problem(
        zones=zones,
        expected=np.ascontiguousarray(weighed),
        weights=weights,
        scale=scale,
        windows=np.asarray(windows, dtype=np.int64),
        floor=weights.min(axis=1) * min_cases,
        statistic=study.statistic,
        total=float(study.total),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    index: NDArray[np.int32]
    first: int  # scanned periods
    past: int


def _choose(
    problem: Problem,
    best: Floats,
    entry: NDArray[np.int64],
    window: NDArray[np.int64],
    *,
    only_first: bool,
) -> list[tuple[_Found, float]]:
    """Each centre's strongest zone, the strongest first, without any that shares an area with one before."""
    taken = np.zeros(len(problem.expected), dtype=bool)
    chosen: list[tuple[_Found, float]] = []
    centres = problem.zones.area[problem.zones.start[:-1]]
    for root in np.lexsort((centres, -np.round(best, TIE_DIGITS))):
        if best[root] <= 0 or (only_first and chosen):
            break
        members = problem.zones.members(int(entry[root]))
        if taken[members].any():
            continue
        taken[members] = True
        first, past = problem.windows[window[root]].tolist()
        chosen.append((_Found(members, first, past), float(best[root])))
    return chosen


def _cluster(
    found: _Found,
    counts: NDArray[np.int64],
    study: _Study,
    labels: tuple[Any, ...],
    chance: Floats,
    offset: int,
    value: float,
) -> Cluster:
    start, past = found.first + offset, found.past + offset
    observed = float(counts[found.index, start:past].sum())
    mean = float(study.mean[found.index, start:past].sum())
    p_value = (1 + int((chance >= value).sum())) / (1 + len(chance))
    outside = study.total - observed
    inside_rate = observed / mean if mean > 0 else np.inf
    conditional = np.isfinite(study.total) and outside > 0
    relative = inside_rate / (outside / (study.total - mean)) if conditional else inside_rate
    return Cluster(
        index=found.index,
        areas=tuple(labels[i] for i in found.index),
        start=start,
        end=past - 1,
        observed=observed,
        expected=mean,
        relative_risk=float(relative),
        ratio=value,
        p_value=p_value,
        gumbel_p_value=gumbel_p_value(value, chance),
        recurrence=1 / p_value,
    )


def gumbel_p_value(value: float, chance: Floats) -> float:
    """The chance of a larger maximum by a Gumbel distribution with the replicates' mean and deviation.

    Abrams, Kleinman and Kulldorff (2010), "Gumbel based p-value approximations for spatial scan statistics".
    """
    deviation = float(np.std(chance, ddof=1)) if len(chance) > 1 else 0.0
    if deviation <= 0:
        return 1.0 if value <= float(chance.max(initial=0.0)) else 0.0
    beta = deviation * np.sqrt(6) / np.pi
    mode = float(chance.mean()) - EULER * beta
    return float(-np.expm1(-np.exp(-(value - mode) / beta)))
