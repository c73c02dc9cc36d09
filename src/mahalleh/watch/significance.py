"""How often chance alone would do that: p-values of a finding among the maxima of replicates."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EULER: Final = 0.5772156649015329  # a standard Gumbel's mean


def rank_p_value(value: float, chance: Floats) -> float:
    """Rank a finding among what chance alone gave, itself counted: exact for any number of replicates.

    Parameters
    ----------
    value : float
        The finding's statistic.
    chance : (R,) float64
        The largest statistic of each replicate.

    Returns
    -------
    float
        (1 + #{chance >= value}) / (1 + R): replicates that do just as well count against the finding, and
        the smallest p-value is 1 / (1 + R), never 0.

    References
    ----------
    Dwass (1957), "Modified randomization tests for nonparametric hypotheses", Annals of Mathematical
    Statistics 28. Besag and Clifford (1989), "Generalized Monte Carlo significance tests", Biometrika 76.

    Examples
    --------
    >>> rank_p_value(3.0, np.array([1.0, 2.0, 3.0]))
    0.5
    """
    return (1 + int((chance >= value).sum())) / (1 + len(chance))


def gumbel_p_value(value: float, chance: Floats) -> float:
    """Tell the chance of a larger maximum by a Gumbel distribution with the replicates' mean and deviation.

    It tells findings apart that no replicate reaches, whose ranks are all 1.

    Parameters
    ----------
    value : float
        The finding's statistic.
    chance : (R,) float64
        The largest statistic of each replicate.

    Returns
    -------
    float
        Between 0 and 1. Where the maxima do not differ there is no distribution to fit: 1 for a finding
        that is not above them, else 0.

    References
    ----------
    Abrams, Kleinman and Kulldorff (2010), "Gumbel based p-value approximations for spatial scan
    statistics", International Journal of Health Geographics 9:61: the distribution by its moments.

    Examples
    --------
    >>> round(gumbel_p_value(12.0, np.array([5.0, 6.0, 7.0, 6.0])), 5)
    5e-05
    """
    deviation = float(np.std(chance, ddof=1)) if len(chance) > 1 else 0.0
    if deviation <= 0:
        return 1.0 if value <= float(chance.max(initial=0.0)) else 0.0
    beta = deviation * np.sqrt(6) / np.pi
    mode = float(chance.mean()) - EULER * beta
    return float(-np.expm1(-np.exp(-(value - mode) / beta)))
