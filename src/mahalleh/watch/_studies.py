"""A model's reading of a scan's input: what is expected, what zones weigh, and how chance is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.errors import WatchError
from mahalleh.watch import _inputs
from mahalleh.watch._draws import Draws, Predictive, binomial_cells, permuted_cells, poisson_cells
from mahalleh.watch._replicates import Problem
from mahalleh.watch._statistics import CONDITIONAL, EXPECTATION, SCORE
from mahalleh.watch._zones import Zones
from mahalleh.watch.results import Baseline

Floats = NDArray[np.float64]

ROOM: Final = 1 << 15  # whole numbers that lie within one narrow lane: weights are put on a scale that fits
HEADROOM: Final = 8  # ... with counts so many times the expected
COARSEST: Final = 4  # halvings: weights are told to a sixteenth, if need be in lanes twice as wide


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What a model makes of the input.

    `mean` (A, P): expected counts of all periods; `weight` (A,): what zones weigh; `total` of the study's
    cases, infinite where nothing is conditioned on it; `per_case` (A, P): what a case counts, or None for 1.
    """

    mean: Floats
    weight: Floats
    draws: Draws
    statistic: int
    total: float
    per_case: Floats | None = None


def study_of(
    model: str,
    counts: NDArray[np.int64],
    labels: tuple[Any, ...],
    people: Floats | None,
    expected: Any,
    window: slice,
    *,
    score: bool,
) -> Study:
    """The study of a model; the scanned periods are the slice `window`.

    Raises:
        WatchError: `watch.no-population`, `watch.no-expected`, and as the readers of `_inputs`.
    """
    cases = int(counts.sum())
    if model == "permutation":
        by_area = counts.sum(axis=1)
        mean = np.outer(by_area, counts.sum(axis=0)) / max(cases, 1)
        return Study(mean, by_area.astype(np.float64), permuted_cells(counts, window), CONDITIONAL, cases)
    if model == "poisson":
        at_risk = people if expected is None else _inputs.read_mean(expected, counts, labels)
        if at_risk is None:
            raise WatchError("watch.no-population")
        at_risk = np.broadcast_to(at_risk[:, None] if at_risk.ndim == 1 else at_risk, counts.shape)
        mean = at_risk * (cases / max(float(at_risk.sum()), 1e-300))
        return Study(mean, _weight(people, mean), binomial_cells(cases, mean[:, window]), CONDITIONAL, cases)
    statistic = SCORE if score else EXPECTATION
    if model == "expectation":
        if expected is None:
            raise WatchError("watch.no-expected")
        mean = _inputs.read_mean(expected, counts, labels)
        return Study(mean, _weight(people, mean), poisson_cells(mean[:, window]), statistic, np.inf)
    baseline = _inputs.check_baseline(expected, (counts.shape[0], counts.shape[1]))
    mean = _inputs.read_mean(baseline, counts, labels)
    part = Baseline(
        mean[:, window], baseline.dispersion[:, window], baseline.spread[:, window], baseline.shared[window]
    )
    per_case = 1.0 / baseline.dispersion
    return Study(mean, _weight(people, mean), Predictive(part), statistic, np.inf, per_case)


def _weight(people: Floats | None, mean: Floats) -> Floats:
    """What zones weigh: their people, over time where these change, or what is expected of them."""
    over_time = mean.sum(axis=1) if people is None else people if people.ndim == 1 else people.mean(axis=1)
    return np.asarray(over_time)


def problem_of(
    study: Study, zones: Zones, window: slice, max_periods: int, min_cases: int, *, prospective: bool
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
        scale = float(2 ** max(int(np.log2(ROOM / heaviest)), COARSEST))
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
