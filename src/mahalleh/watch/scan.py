"""Space-time scan: where and since when there is more than expected, and how often chance alone does so.

    result = scan(counts, coordinates=xy, population=people, model="poisson", seed=1)
    result.clusters[0].areas, result.clusters[0].p_value

Method, sources and what it was held against: docs/analysts/scan.md.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mahalleh.watch import _inputs
from mahalleh.watch._accelerate import cores
from mahalleh.watch._circles import circles
from mahalleh.watch._clusters import choose, cluster_of
from mahalleh.watch._connected import connected
from mahalleh.watch._draws import Predictive, Sliding
from mahalleh.watch._replicates import Mapper, best_by_root, maxima
from mahalleh.watch._studies import problem_of, study_of
from mahalleh.watch._zones import Zones
from mahalleh.watch.results import Baseline, ScanResult

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]


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

    Parameters
    ----------
    cases : (A, P) array of whole numbers, or xarray.DataArray
        Counts by area and period, or a DataArray (area, period), whose area labels clusters then bear.
    model : str
        What chance alone would be: `poisson`, conditional on the total (Kulldorff 1997, 2001);
        `permutation` of the cases' places and times (Kulldorff et al. 2005); `expectation`, Poisson with
        known means (Neill 2009); `negative-binomial`, which weighs each count by one over its dispersion
        and draws from a baseline's predictive distribution, the uncertainty of its parameters included.
    seed : int
        0 to 2**64 - 1. Replicates are a function of it alone, whatever the `threads`.
    places : geopandas.GeoDataFrame, optional
        Areas as a table, whose centroids are taken; in any order, where `cases` bear its labels.
    coordinates : (A, 2) array, optional
        Where the areas lie, planar, in place of `places`.
    population : (A,) or (A, P) array, optional
        People; those of `places` where none is given. The permutation needs none.
    expected : (A, P) array, xarray.DataArray or Baseline, optional
        Expected counts. With `poisson` in place of the population and known up to a factor; needed by
        `expectation`, and as a `Baseline` by `negative-binomial`.
    zones : str
        `circles` round areas, or `connected` along borders (needs `places`).
    max_periods : int
        Windows have 1 to so many periods.
    max_population : float
        The largest share of a zone, above 0 and up to 1: of the people; of the cases under `permutation`;
        of the expected counts where there are no people.
    max_areas : int, optional
        The most areas of a zone.
    max_radius : float, optional
        How far a zone's areas may lie from its first: metres with `places`, else the coordinates' unit.
    min_cases : int
        A zone counts from so many on.
    prospective : bool
        Whether windows end with the last period, or with any.
    replicates : int
        How many data sets are drawn by chance alone.
    secondary : str
        Further clusters that share no area with a stronger one (`no-overlap`), or `none`.
    statistic : str
        The likelihood `ratio`, or the `score` of Tango et al. (2011), for the latter two models.
    threads : int, optional
        How many to use; without a word as many as there are cores.
    over : callable, optional
        A `map` that runs blocks of replicates elsewhere, as that of `mahalleh.watch.cluster`.

    Returns
    -------
    ScanResult
        Clusters, the strongest first; the replicates' maxima (replicates,), by which they are judged.

    Raises
    ------
    WatchError
        For input or settings that mean nothing, every fault with its areas.

    References
    ----------
    Kulldorff (1997), "A spatial scan statistic". Kulldorff (2001), "Prospective time periodic geographical
    disease surveillance using a scan statistic". Kulldorff et al. (2005), "A space-time permutation scan
    statistic for disease outbreak detection". Neill (2009), "Expectation-based scan statistics for
    monitoring spatial time series data". Tango, Takahashi and Kohriyama (2011), "A space-time scan
    statistic for detecting emerging outbreaks".

    Examples
    --------
    Three areas in a row, one case a week each, but for five in the last week of the first:

    >>> counts = np.ones((3, 10), dtype=int)
    >>> counts[0, 9] = 5
    >>> where = {"coordinates": [[0, 0], [1, 0], [2, 0]], "population": [100, 100, 100]}
    >>> found = scan(counts, model="poisson", seed=1, **where).clusters[0]
    >>> found.areas, found.start, found.observed, round(found.expected, 2)
    ((0,), 9, 5.0, 1.13)
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
    study = study_of(model, counts, labels, people, expected, window, score=statistic == "score")

    began = perf_counter()
    forest = _forest(ground, study.weight, zones, max_population, max_areas, max_radius)
    zoned = perf_counter()
    problem = problem_of(study, forest, window, max_periods, min_cases, prospective=prospective)
    best, entry, which = best_by_root(problem, counts[:, window] * problem.weights)
    looked = perf_counter()
    chance = maxima(
        problem, study.draws, replicates=replicates, seed=seed, threads=threads or cores(), over=over
    )
    done = perf_counter()
    found = choose(problem, best, entry, which, only_first=secondary == "none")
    clusters = tuple(cluster_of(one, counts, study, labels, chance, window.start) for one in found)
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
    """Find what weekly scans of a city without any rise would find.

    In each course the city goes on at the level of the baseline's last period, its uncertain parameters
    drawn once; every week's scan sees the last `max_periods` periods, most of which the week before saw too.

    Parameters
    ----------
    baseline : Baseline
        What is expected, of A areas and any number of periods.
    seed : int
        0 to 2**64 - 1.
    courses : int
        How many cities are drawn.
    weeks : int
        Scans of each, a period apart.
    places : geopandas.GeoDataFrame, optional
        As in `scan`.
    coordinates : (A, 2) array, optional
        As in `scan`.
    population : (A,) or (A, P) array, optional
        As in `scan`.
    zones : str
        As in `scan`.
    max_periods : int
        As in `scan` with the model `negative-binomial`.
    max_population : float
        As in `scan` with that model.
    max_areas : int, optional
        As in `scan`.
    max_radius : float, optional
        As in `scan`.
    min_cases : int
        As in `scan`.
    threads : int, optional
        As in `scan`.

    Returns
    -------
    (courses, weeks) float64
        The largest statistic of each week's scan.

    Raises
    ------
    WatchError
        As `scan`.
    """
    baseline = _inputs.check_baseline(baseline, (baseline.mean.shape[0], baseline.mean.shape[1]))
    labels = tuple(places.index) if places is not None else tuple(range(len(baseline.mean)))
    ground = _inputs.read_ground(places, coordinates, labels, zones=zones)
    nothing = np.zeros((len(labels), max_periods), dtype=np.int64)
    people = _inputs.read_population(population, places, nothing, labels)
    level = _standing(baseline, max_periods)
    study = study_of("negative-binomial", nothing, labels, people, level, slice(0, max_periods), score=False)
    forest = _forest(ground, study.weight, zones, max_population, max_areas, max_radius)
    problem = problem_of(study, forest, slice(0, max_periods), max_periods, min_cases, prospective=True)
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
