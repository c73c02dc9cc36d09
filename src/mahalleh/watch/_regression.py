"""Penalised quasi-Poisson regressions: one of a city's totals, and one of each area's share of them.

Numbers in, numbers out; `T` periods, `A` areas, `C` columns. Both are maximum a posteriori with a Gaussian
prior of mean zero on each coefficient, by Fisher scoring; quasi-likelihood divides the information by the
dispersion (McCullagh and Nelder 1989, chapter 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

STEPS: Final = 12  # of Fisher scoring; it has converged after five or six
ROUNDS: Final = 20  # of empirical Bayes, at most; it ends where variances move by less than a hundredth
# a step of a coefficient on the log scale, at most, so that no mean overflows on the way
FARTHEST: Final = 3.0
TINY: Final = 1e-10  # instead of nought, by which is divided
STEADY: Final = 1e-4  # of a step; the error it leaves is about its square


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """`coefficients` (C,) or (A, C), their posterior `covariance` (C, C) or (A, C, C) and the `prior`
    variances (C,) that they were shrunk by."""

    coefficients: Floats
    covariance: Floats
    prior: Floats


def fit_totals(totals: Floats, design: Floats, prior: Floats, *, weights: Floats, dispersion: float) -> Fit:
    """log E[total] = design @ coefficients: totals, weights (T,), design (T, C), prior (C,) variances."""
    found = fit_areas(
        totals[None, :],
        np.ones((1, len(totals))),
        design,
        prior,
        weights=weights[None, :],
        dispersion=np.array([dispersion]),
        start=None,
    )
    return Fit(found.coefficients[0], found.covariance[0], prior)


def fit_areas(
    counts: Floats,
    offset: Floats,
    design: Floats,
    prior: Floats,
    *,
    weights: Floats,
    dispersion: Floats,
    start: Floats | None,
) -> Fit:
    """log E[count] = log(offset) + design @ coefficients, of all areas at once.

    `counts`, `offset`, `weights` (A, T); `design` (T, C); `prior` (C,) variances; `dispersion` (A,);
    `start` (A, C) or None.
    """
    areas, columns = len(counts), design.shape[1]
    penalty = np.diag(1.0 / np.maximum(prior, TINY))
    if start is None:
        coefficients = np.zeros((areas, columns))
        seen = (weights * counts).sum(axis=1) + 0.5
        coefficients[:, 0] = np.log(seen / np.maximum((weights * offset).sum(axis=1) + 0.5, TINY))
    else:
        coefficients = start.copy()
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    information = np.empty((areas, columns, columns))
    for _ in range(STEPS):
        mean = offset * np.exp(coefficients @ design.T)
        strength = weights * mean / dispersion[:, None]
        score = (weights * (counts - mean) / dispersion[:, None]) @ design - coefficients @ penalty
        information = (strength @ products).reshape(areas, columns, columns) + penalty
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        coefficients += np.clip(step, -FARTHEST, FARTHEST)
        if np.abs(step).max() < STEADY:
            break
    return Fit(coefficients, np.asarray(np.linalg.inv(information), dtype=np.float64), prior)


def fit_shrunk(
    counts: Floats,
    offset: Floats,
    design: Floats,
    prior: Floats,
    *,
    weights: Floats,
    dispersion: Floats,
    least: Floats,
    start: Floats | None = None,
) -> Fit:
    """`fit_areas` with the prior's variances learnt from the areas themselves (empirical Bayes by EM).

    A variance becomes the areas' mean squared coefficient plus its posterior variance (Laird and Louis 1982,
    normal means), never under `least` (C,).
    """
    fit = fit_areas(counts, offset, design, prior, weights=weights, dispersion=dispersion, start=start)
    for _ in range(ROUNDS):
        spread = fit.coefficients**2 + np.diagonal(fit.covariance, axis1=1, axis2=2)
        learnt = np.maximum(spread.mean(axis=0), least)
        steady = np.abs(np.log(learnt / prior)).max() < 0.01
        prior = learnt
        fit = fit_areas(
            counts,
            offset,
            design,
            prior,
            weights=weights,
            dispersion=dispersion,
            start=fit.coefficients,
        )
        if steady:
            break
    return fit
