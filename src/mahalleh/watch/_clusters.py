"""From each centre's strongest zone and window to clusters that share no area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._replicates import Problem
from mahalleh.watch._studies import Study
from mahalleh.watch.results import Cluster
from mahalleh.watch.significance import gumbel_p_value, rank_p_value

Floats = NDArray[np.float64]

TIE_DIGITS: Final = (
    9  # ratios of one zone found from two centres differ by rounding: the first centre's is kept
)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A zone and window: `index` of its areas, the centre first; `first` and past-the-last scanned period."""

    index: NDArray[np.int32]
    first: int
    past: int
    value: float


def choose(
    problem: Problem,
    best: Floats,
    entry: NDArray[np.int64],
    window: NDArray[np.int64],
    *,
    only_first: bool,
) -> list[Found]:
    """Each centre's strongest zone, the strongest first, without any that shares an area with one before."""
    taken = np.zeros(len(problem.expected), dtype=bool)
    chosen: list[Found] = []
    centres = problem.zones.area[problem.zones.start[:-1]]
    for root in np.lexsort((centres, -np.round(best, TIE_DIGITS))):
        if best[root] <= 0 or (only_first and chosen):
            break
        members = problem.zones.members(int(entry[root]))
        if taken[members].any():
            continue
        taken[members] = True
        first, past = problem.windows[window[root]].tolist()
        chosen.append(Found(members, first, past, float(best[root])))
    return chosen


def cluster_of(
    found: Found,
    counts: NDArray[np.int64],
    study: Study,
    labels: tuple[Any, ...],
    chance: Floats,
    offset: int,
) -> Cluster:
    """A cluster in the study's own terms; `offset`: its period that is the first scanned."""
    start, past = found.first + offset, found.past + offset
    observed = float(counts[found.index, start:past].sum())
    mean = float(study.mean[found.index, start:past].sum())
    p_value = rank_p_value(found.value, chance)
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
        ratio=found.value,
        p_value=p_value,
        gumbel_p_value=gumbel_p_value(found.value, chance),
        recurrence=1 / p_value,
    )
