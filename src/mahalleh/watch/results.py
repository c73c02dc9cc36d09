"""What the watch hands on: baselines, clusters and the result of a scan.

`A` areas, `P` periods, `W` the periods that were scanned, `R` replicates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr


Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """What one topic's counts are expected to be, and how sure that is.

    `mean` (A, P): expected counts, of what is known so far (reporting delay included).
    `dispersion` (A, P): variance of a count divided by its mean, given the mean; at least 1.
    `spread` (A, P, K): the mean is uncertain by the factor exp(spread @ z - |spread|^2 / 2), z ~ N(0, I)
    drawn per area, whose own mean is 1. `shared` (P, L): the same for what is common to all areas, z drawn
    once for the city; zero but for the newest periods.
    """

    mean: Floats
    dispersion: Floats
    spread: Floats
    shared: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Expected counts of several topics.

    `mean`, `dispersion` (topic, area, period); `spread` (topic, area, period, factor); `shared` (topic,
    period, city_factor): as in Baseline. `completeness` (topic, period): the share of a period's events
    that is on record by the time of looking, already part of `mean`. `method`: by topic, `regression`, or
    `short-history` where there was too little to fit a season.
    """

    mean: xr.DataArray
    dispersion: xr.DataArray
    spread: xr.DataArray
    shared: xr.DataArray
    completeness: xr.DataArray
    method: Mapping[str, str]

    def of(self, topic: str) -> Baseline:
        """One topic's baseline, as `scan` takes it."""
        return Baseline(
            mean=self.mean.sel(topic=topic).to_numpy(),
            dispersion=self.dispersion.sel(topic=topic).to_numpy(),
            spread=self.spread.sel(topic=topic).to_numpy(),
            shared=self.shared.sel(topic=topic).to_numpy(),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Areas and periods with more than expected.

    `index` (areas,) int32: their positions, the centre first; `areas`: their labels in the same order.
    `start`, `end`: positions of the first and of the last period. `observed` counts, `expected` under the
    model; `ratio` the log likelihood ratio (or the score); `relative_risk` inside against outside, as
    SaTScan's (observed over expected where the model has no outside). `p_value` by Monte Carlo rank;
    `gumbel_p_value` from a Gumbel distribution fitted to the replicates' maxima; `recurrence` the periods
    between two such findings by chance alone, one over the p-value.
    """

    index: NDArray[np.int32]
    areas: tuple[Any, ...]
    start: int
    end: int
    observed: float
    expected: float
    relative_risk: float
    ratio: float
    p_value: float
    gumbel_p_value: float
    recurrence: float


@dataclass(frozen=True, slots=True, eq=False)
class ScanResult:
    """All clusters of a scan, the strongest first, and what they were judged by.

    `maxima` (R,): the largest ratio of each replicate, in the replicates' order. `seconds`: time spent by
    step (zones, thresholds, replicates). `zones`: how many zones were looked at.
    """

    model: str
    clusters: tuple[Cluster, ...]
    maxima: Floats
    zones: int
    seconds: Mapping[str, float]
