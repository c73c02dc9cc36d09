"""What counts come by chance: a range round what is expected, and how seldom a count is exceeded.

    usual_counts(baseline, rows, 104, seed=1)  # draws of some areas' newest 104 periods
    chance_of_more(baseline, rows, seen, seed=1)

Both come from the predictive distribution that a scan's replicates are drawn from: the parameters' doubt, and
a negative binomial count (`mahalleh.watch.results.Baseline`).
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mahalleh.watch.results import Baseline

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.intp]

DRAWS: Final = 1000  # either end of a 95% range of them is off by half a point of chance: unseen in a curve
TAIL_DRAWS: Final = 400  # of the mean alone: each has its count's exact tail
LEAST_OVER: Final = 1e-9  # dispersion beyond 1: below it a negative binomial is a Poisson to six digits


def usual_counts(baseline: Baseline, rows: Rows, last: int, *, seed: int) -> Ints:
    """Draw counts as they come by chance.

    Parameters
    ----------
    baseline : Baseline
        Of one topic, (A, P).
    rows : (a,) int
        Positions of the areas.
    last : int
        How many of the newest periods.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    (1000, a, last) int64
        Draws by area and period. An area's doubt is drawn once for all its periods, so that sums over areas
        or periods of one draw are draws of the sum.
    """
    mean, over = _usual_means(baseline, rows, last, seed, DRAWS)
    generator = np.random.default_rng([seed, 1])
    return generator.poisson(generator.gamma(mean / over, over))


def chance_of_more(baseline: Baseline, rows: Rows, seen: Ints, *, seed: int) -> Floats:
    """How seldom chance alone brings as many as were seen, each count taken by itself.

    Parameters
    ----------
    baseline : Baseline
        Of one topic, (A, P).
    rows : (a,) int
        Positions of the areas.
    seen : (a, last) int64
        Their counts in the newest periods.
    seed : int
        The same seed gives the same chances.

    Returns
    -------
    (a, last) float64
        The chance of as many or more: exact given the mean, averaged over draws of the uncertain mean.
    """
    mean, over = _usual_means(baseline, rows, seen.shape[1], seed, TAIL_DRAWS)
    tail = np.asarray(stats.nbinom.sf(seen - 1, mean / over, 1.0 / (1.0 + over)))
    return np.asarray(tail.mean(axis=0))


def _usual_means(baseline: Baseline, rows: Rows, last: int, seed: int, draws: int) -> tuple[Floats, Floats]:
    """Means (draws, areas, periods) that the uncertain parameters allow, and the dispersion beyond 1."""
    generator = np.random.default_rng([seed, 0])
    cut = slice(baseline.mean.shape[1] - last, None)
    spread, shared = baseline.spread[rows, cut], baseline.shared[cut]
    own = np.einsum("apk,dak->dap", spread, generator.standard_normal((draws, len(rows), spread.shape[2])))
    common = generator.standard_normal((draws, shared.shape[1])) @ shared.T
    centred = 0.5 * ((spread**2).sum(axis=2) + (shared**2).sum(axis=1))
    mean = baseline.mean[rows, cut] * np.exp(own + common[:, None, :] - centred)
    return mean, np.maximum(baseline.dispersion[rows, cut] - 1.0, LEAST_OVER)
