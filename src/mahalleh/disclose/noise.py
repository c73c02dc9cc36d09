"""The noise of a published count, and how far it can lead.

Noise is discrete Laplace: P(X = x) = (1 - q) / (1 + q) * q^|x| with q = e^-epsilon (Ghosh, Roughgarden and
Sundararajan 2012, "Universally utility-maximizing privacy mechanisms", definition 2.1: "geometric").
It is drawn by OpenDP, whose sampler is exact: floating-point noise leaks through its low bits (Mironov 2012).
There is no seed: noise that can be repeated can be subtracted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mahalleh.errors import DisclosureError

MAX_EPSILON: Final = 10.0  # beyond it nearly all draws are nought (q = e^-10) and protect nobody
LATTICE: Final = 2**20  # points at which a sum's distribution is computed; beyond, a coarser lattice

Ints = npt.NDArray[np.int64]


def draw(exact: Ints, *, epsilon: float) -> Ints:
    """Add to each count its own noise, one draw each.

    Parameters
    ----------
    exact : (n,) int64
        Counts.
    epsilon : float
        How well each event is protected: the smaller the better; above 0, at most 10.

    Returns
    -------
    (n,) int64
        Noisy counts, which may lie below zero. Two tables that differ by one event give any result with
        probabilities within a factor e^epsilon of each other.

    Raises
    ------
    DisclosureError
        `disclose.bad-epsilon`.
    """
    check_epsilon(epsilon)
    counts = np.ascontiguousarray(exact, dtype=np.int64)
    if counts.size == 0:
        return counts.copy()
    return np.asarray(_mechanism(float(epsilon))(counts.tolist()), dtype=np.int64)


@cache
def _mechanism(epsilon: float) -> Any:
    import opendp.prelude as dp  # most of a second, and pages that only read totals never draw

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    scale = 1.0 / epsilon
    mechanism = dp.m.make_laplace(*space, scale=scale)
    # where 1/epsilon was rounded down: a hair more noise, never less
    while mechanism.map(d_in=1) > epsilon:  # type: ignore[no-untyped-call]
        scale = math.nextafter(scale, math.inf)
        mechanism = dp.m.make_laplace(*space, scale=scale)
    return mechanism


def pmf(x: Ints, *, epsilon: float) -> npt.NDArray[np.float64]:
    """Tell the probability of each value of one draw's noise.

    Parameters
    ----------
    x : (...) int64
        Values of the noise.
    epsilon : float
        Of the draw.

    Returns
    -------
    (...) float64
        P(noise = x), elementwise.

    Raises
    ------
    DisclosureError
        `disclose.bad-epsilon`.

    Examples
    --------
    >>> pmf(np.arange(-2, 3), epsilon=1.0).round(3).tolist()
    [0.063, 0.17, 0.462, 0.17, 0.063]
    """
    check_epsilon(epsilon)
    q = math.exp(-epsilon)
    return (1.0 - q) / (1.0 + q) * np.exp(-epsilon * np.abs(np.asarray(x, dtype=np.float64)))


def variance(epsilon: float) -> float:
    """Tell the variance of one draw: 2q / (1 - q)^2 with q = e^-epsilon.

    Parameters
    ----------
    epsilon : float
        Of the draw.

    Returns
    -------
    float
        In squared counts.

    Raises
    ------
    DisclosureError
        `disclose.bad-epsilon`.

    Examples
    --------
    >>> round(variance(1.0), 4)
    1.8413
    """
    check_epsilon(epsilon)
    q = math.exp(-epsilon)
    return 2.0 * q / (1.0 - q) ** 2


def half_width(epsilon: float, draws: int = 1, level: float = 0.95) -> float:
    """Find the smallest whole w with P(|sum of `draws` draws| <= w) >= level.

    One draw: exact, from P(|X| > w) = 2 q^(w+1) / (1 + q). A sum: by inverting its characteristic function on
    a lattice so wide that less than 1e-9 of the probability lies outside.

    Parameters
    ----------
    epsilon : float
        Of each draw.
    draws : int
        How many are added up.
    level : float
        The share of errors that are no larger, between 0 and 1.

    Returns
    -------
    float
        Counts.

    Raises
    ------
    DisclosureError
        `disclose.bad-epsilon`, `disclose.bad-draws`, `disclose.bad-level`.

    Examples
    --------
    >>> half_width(1.0), half_width(1.0, draws=52)
    (3.0, 19.0)
    """
    return half_width_of([(epsilon, draws)], level=level)


def half_width_of(parts: Iterable[tuple[float, int]], *, level: float = 0.95) -> float:
    """Find the half-width of a sum whose draws differ, as `half_width`.

    Parameters
    ----------
    parts : iterable of (float, int)
        Pairs: an epsilon, and the number of draws with it.
    level : float
        The share of errors that are no larger, between 0 and 1.

    Returns
    -------
    float
        Counts; 0 where there are no draws.

    Raises
    ------
    DisclosureError
        `disclose.bad-epsilon`, `disclose.bad-draws`, `disclose.bad-level`.
    """
    merged: dict[float, int] = {}
    for epsilon, draws in parts:
        check_epsilon(epsilon)
        if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 0:
            raise DisclosureError("disclose.bad-draws", given=draws)
        merged[float(epsilon)] = merged.get(float(epsilon), 0) + int(draws)
    if not 0.0 < level < 1.0:
        raise DisclosureError("disclose.bad-level", given=level)
    return _half_width(tuple(sorted((e, n) for e, n in merged.items() if n)), float(level))


@lru_cache(maxsize=16_384)
def _half_width(parts: tuple[tuple[float, int], ...], level: float) -> float:
    if not parts:
        return 0.0
    if len(parts) == 1 and parts[0][1] == 1:
        epsilon = parts[0][0]
        tail = (1.0 - level) * (1.0 + math.exp(-epsilon)) / 2.0  # q^(w+1) must not exceed it
        return float(max(0, math.ceil(-math.log(tail) / epsilon - 1e-9) - 1))
    spread = math.sqrt(sum(n * variance(e) for e, n in parts))
    points = 2.0 * (12.0 * spread + 40.0 / parts[0][0])  # parts are sorted: the first is the widest
    step = max(1, math.ceil(points / LATTICE))
    inner = _quantile(tuple((e * step, n) for e, n in parts), 2 ** math.ceil(math.log2(points / step)), level)
    # a coarse lattice is wrong by less than one of its steps, under 1e-4 of the half-width
    return float(inner * step + (step if step > 1 else 0))


def _quantile(parts: tuple[tuple[float, int], ...], size: int, level: float) -> int:
    """Invert the characteristic function of the sum on the whole numbers modulo `size`."""
    t = 2.0 * np.pi * np.arange(size // 2 + 1) / size
    log_phi = np.zeros_like(t)
    for epsilon, draws in parts:
        q = math.exp(-epsilon)
        # (1 - q)^2 / (1 - 2 q cos t + q^2), written so that nothing cancels near t = 0
        log_phi -= draws * np.log1p(4.0 * q * np.sin(t / 2.0) ** 2 / (1.0 - q) ** 2)
    probability = np.fft.irfft(np.exp(log_phi), n=size)
    within = probability[0] + 2.0 * np.concatenate([[0.0], np.cumsum(probability[1 : size // 2])])
    return int(np.searchsorted(within, level - 1e-12))


def check_epsilon(epsilon: float) -> None:
    """Refuse an epsilon that protects nobody, or is no number.

    Parameters
    ----------
    epsilon : float
        Above 0, at most 10.

    Raises
    ------
    DisclosureError
        `disclose.bad-epsilon`.
    """
    number = isinstance(epsilon, int | float | np.integer | np.floating) and not isinstance(epsilon, bool)
    if not number or not 0.0 < float(epsilon) <= MAX_EPSILON:
        raise DisclosureError("disclose.bad-epsilon", given=epsilon, most=f"{MAX_EPSILON:g}")
