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

    Attributes
    ----------
    mean : (A, P) float64
        Expected counts, of what is known so far (reporting delay included).
    dispersion : (A, P) float64
        Variance of a count divided by its mean, given the mean; at least 1.
    spread : (A, P, K) float64
        The mean is uncertain by the factor exp(spread @ z - |spread|^2 / 2), z ~ N(0, I) drawn per area,
        whose own mean is 1.
    shared : (P, L) float64
        The same for what is common to all areas, z drawn once for the city; zero but for the newest periods.
    """

    mean: Floats
    dispersion: Floats
    spread: Floats
    shared: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Expected counts of several topics.

    Attributes
    ----------
    mean, dispersion : xarray.DataArray
        (topic, area, period) as in `Baseline`.
    spread : xarray.DataArray
        (topic, area, period, factor) as in `Baseline`.
    shared : xarray.DataArray
        (topic, period, city_factor) as in `Baseline`.
    completeness : xarray.DataArray
        (topic, period): the share of a period's events that is on record by the time of looking, already part
        of `mean`.
    method : mapping of str to str
        By topic, `regression`, or `short-history` where there was too little to fit a season.
    """

    mean: xr.DataArray
    dispersion: xr.DataArray
    spread: xr.DataArray
    shared: xr.DataArray
    completeness: xr.DataArray
    method: Mapping[str, str]

    def of(self, topic: str) -> Baseline:
        """Take one topic's baseline, as `scan` wants it.

        Parameters
        ----------
        topic : str
            Which.

        Returns
        -------
        Baseline
            (A, P) arrays.
        """
        return Baseline(
            mean=self.mean.sel(topic=topic).to_numpy(),
            dispersion=self.dispersion.sel(topic=topic).to_numpy(),
            spread=self.spread.sel(topic=topic).to_numpy(),
            shared=self.shared.sel(topic=topic).to_numpy(),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Areas and periods with more than expected.

    Attributes
    ----------
    index : (areas,) int32
        Positions of the areas, the centre first.
    areas : tuple
        Their labels in the same order.
    start, end : int
        Positions of the first and of the last period.
    observed, expected : float
        Counts, and those under the model.
    relative_risk : float
        Inside against outside, as SaTScan's; observed over expected where the model has no outside.
    ratio : float
        The log likelihood ratio, or the score.
    p_value : float
        By Monte Carlo rank.
    gumbel_p_value : float
        From a Gumbel distribution fitted to the replicates' maxima.
    recurrence : float
        Periods between two such findings by chance alone: one over the p-value.
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
    """All clusters of a scan, and what they were judged by.

    Attributes
    ----------
    model : str
        That was scanned with.
    clusters : tuple of Cluster
        The strongest first.
    maxima : (R,) float64
        The largest ratio of each replicate, in the replicates' order.
    zones : int
        How many zones were looked at.
    seconds : mapping of str to float
        Time spent by step: zones, observed, replicates.
    """

    model: str
    clusters: tuple[Cluster, ...]
    maxima: Floats
    zones: int
    seconds: Mapping[str, float]
