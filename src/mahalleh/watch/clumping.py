"""How many looks in a row find the same false rise: the extremal index of a city's weekly scans.

    index = clumping(expected.of("noise"), places=places, seed=1, level=0.002)
    alarms(looks, rate=1, looks_a_year=52, topics=10, clumping=index)

Weekly windows overlap, so a chance rise is found week after week, and one signal comes of it. Whoever ignores
this gets fewer false signals than stated, and later true ones. Method and limits: docs/analysts/alarms.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh.errors import Faults, WatchError
from mahalleh.watch.alarms import LARGEST_LEVEL, MEMORY
from mahalleh.watch.results import Baseline
from mahalleh.watch.scan import sliding_maxima

Floats: TypeAlias = NDArray[np.float64]

# exceedances to be expected: their number alone then errs by 18%, and a standard error means something
ENOUGH: Final = 30
RANKS: Final = 1  # stream of the seed that p-values' Monte Carlo error is drawn from


@dataclass(frozen=True, slots=True)
class Clumping:
    """An extremal index: of the looks that alarm by chance, the share that is the first of its false rise.

    Attributes
    ----------
    index : float
        Above 0, at most 1.
    standard_error : float
        Between simulated courses.
    level : float
        The p-value that it holds for.
    exceedances, clusters : int
        How many looks alarmed, and in how many rises.
    """

    index: float
    standard_error: float
    level: float
    exceedances: int
    clusters: int

    def __float__(self) -> float:
        return self.index


def clumping(
    baseline: Baseline,
    *,
    seed: int,
    level: float = 0.01,
    replicates: int = 999,
    memory: int = MEMORY,
    courses: int = 200,
    weeks: int = 104,
    **settings: Any,
) -> Clumping:
    """Estimate the extremal index of scans of a city without any rise, at the baseline's newest level.

    Parameters
    ----------
    baseline : Baseline
        Of one topic, (A, P); its last period goes on.
    seed : int
        The same seed gives the same index.
    level : float
        The p-value that opens a signal.
    replicates : int
        Those of the scans.
    memory : int
        Looks, as in `alarms`.
    courses : int
        Simulated courses; each draws the uncertain parameters once.
    weeks : int
        Looks in a course.
    **settings : object
        Those of the scans: places or coordinates, population, zones, max_periods, ...

    Returns
    -------
    Clumping
        The index and how sure it is.

    Raises
    ------
    WatchError
        Settings that mean nothing, too few replicates for the level, or courses too few or too short to see
        it passed.

    Notes
    -----
    Rises clump more at laxer levels, so give that of use, `look_level(...)` with clumping 1, or an estimate
    that is too low makes alarms too many. P-values that are ranks among few replicates flicker, which lets a
    false rise through at its second look where it was stopped at its first: give the `replicates` of use too.
    """
    _check(level, replicates, memory, courses, weeks)
    largest = sliding_maxima(baseline, seed=seed, courses=courses, weeks=weeks, **settings)
    return extremal_index(passes(largest, level=level, replicates=replicates, seed=seed), memory, level)


def passes(largest: Floats, *, level: float, replicates: int, seed: int) -> NDArray[np.bool_]:
    """Tell which of the maxima a scan would give a p-value of at most `level`.

    Its true p-value is its rank among all of them. A scan sees it as the rank among its own replicates, of
    which a binomial number lies above.

    Parameters
    ----------
    largest : (courses, weeks) float64
        The largest statistic of each look.
    level : float
        A p-value.
    replicates : int
        Those of the scans.
    seed : int
        The same seed gives the same ranks.

    Returns
    -------
    (courses, weeks) bool
        Whether it passes.
    """
    flat = largest.reshape(-1)
    above = len(flat) - np.searchsorted(np.sort(flat), flat, side="left")
    generator = np.random.default_rng([seed, RANKS])
    ranks = 1 + generator.binomial(replicates, above / (len(flat) + 1))
    passed: NDArray[np.bool_] = ranks <= np.floor(level * (replicates + 1) + 1e-9)
    return passed.reshape(largest.shape)


def extremal_index(passed: NDArray[np.bool_], memory: int, level: float) -> Clumping:
    """Estimate the extremal index by runs, over independent courses.

    An exceedance is the first of its cluster where none of the `memory` looks before it is one [1]_ [2]_. The
    first `memory` looks of a course only serve as those before.

    Parameters
    ----------
    passed : (C, W) bool
        By course and week, whether the level was passed.
    memory : int
        Looks.
    level : float
        The p-value, handed on.

    Returns
    -------
    Clumping
        With the standard error of a ratio over courses.

    Raises
    ------
    WatchError
        `watch.clumping-too-short`, where nothing was passed.

    References
    ----------
    .. [1] M. R. Leadbetter (1983), "Extremes and local dependence in stationary sequences".
    .. [2] R. L. Smith and I. Weissman (1994), "Estimating the extremal index".

    Examples
    --------
    >>> looks = np.array([[False, False, True, True, False, False, True]])
    >>> extremal_index(looks, memory=2, level=0.1).index  # three looks, two rises
    0.6666666666666666
    """
    looked = passed[:, memory:]
    recent = np.zeros(looked.shape, dtype=bool)
    for back in range(1, memory + 1):
        recent |= passed[:, memory - back : passed.shape[1] - back]
    exceedances = looked.sum(axis=1)
    clusters = (looked & ~recent).sum(axis=1)
    total, first = int(exceedances.sum()), int(clusters.sum())
    if not first:
        raise WatchError("watch.clumping-too-short", given=total, wanted=ENOUGH)
    index = first / total
    many = len(passed)
    left = clusters - index * exceedances
    error = float(np.sqrt(many / max(many - 1, 1) * (left**2).sum())) / total
    return Clumping(index, error, level, total, first)


def _check(level: float, replicates: int, memory: int, courses: int, weeks: int) -> None:
    faults = Faults(WatchError)
    bounds: Mapping[str, tuple[float, float, float]] = {
        "level": (level, 1 / (replicates + 1), LARGEST_LEVEL),
        "memory": (memory, 1, 53),
        "courses": (courses, 2, 1_000_000),
        "weeks": (weeks, memory + 1, 10_000),
    }
    for key, (value, low, high) in bounds.items():
        if not low <= value <= high:
            faults.add("watch.bad-setting", key=key, given=value, low=low, high=high)
    faults.raise_if_any()
    if (expected := level * courses * (weeks - memory)) < ENOUGH:
        raise WatchError("watch.clumping-too-short", given=round(expected), wanted=ENOUGH)
