"""Data as they would be by chance alone: one replicate's counts of the scanned periods.

Only these periods are drawn. Given a total, cases fall into cells independently, so the total that falls into
the window comes first (binomial, or Poisson where nothing is conditioned on), then its cells by Walker's
alias tables (Vose 1991). A permutation keeps the totals of areas and periods: the window's cases are drawn
from all cases without replacement (a partial Fisher-Yates shuffle), which is SaTScan's permutation seen from
the window alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mahalleh.watch._accelerate import kernel
from mahalleh.watch._philox import uniforms
from mahalleh.watch.results import Baseline

Floats: TypeAlias = NDArray[np.float64]
Cells: TypeAlias = NDArray[np.int32]

FARTHEST: Final = 10.0  # standard deviations: chances beyond are under the resolution of a double
STREAM_TOTAL: Final = 0
STREAM_CELLS: Final = 1
NARROW: Final = 1 << 16  # areas whose numbers fit 16 bits: half as much memory for every case to be copied
AT_ONCE: Final = 2048  # random numbers made at a time: they stay in the first cache


@dataclass(frozen=True, slots=True, eq=False)
class Multinomial:
    """A random total that falls into (A, P) cells with given chances.

    `lowest` total and `cdf` of it and those above; `alias` (A * P,): a table of which each entry is the
    number of another cell, and in its fraction the chance to stay.
    """

    lowest: int
    cdf: Floats
    alias: Floats
    shape: tuple[int, int]

    def draw(self, seed: int, replicate: int) -> Cells:
        cells = np.zeros(self.shape, dtype=np.int32)
        _multinomial(np.uint64(seed), replicate, self.lowest, self.cdf, self.alias, cells.reshape(-1))
        return cells


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """The cases of a study dealt anew. `case_area` (C,) uint16, or uint32 beyond 65,536 areas: the area of
    every case; `sizes` (P,): how many cases each of the scanned periods has."""

    case_area: NDArray[Any]
    sizes: NDArray[np.int64]
    areas: int

    def draw(self, seed: int, replicate: int) -> Cells:
        cells = np.zeros((self.areas, len(self.sizes)), dtype=np.int32)
        _permuted(np.uint64(seed), replicate, self.case_area.copy(), self.sizes, cells)
        return cells


@dataclass(frozen=True, slots=True, eq=False)
class Predictive:
    """Negative binomial counts whose mean is itself uncertain: a baseline's predictive distribution."""

    baseline: Baseline

    def draw(self, seed: int, replicate: int) -> Cells:
        generator = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, replicate]))
        b = self.baseline
        cells = np.zeros(b.mean.shape, dtype=np.int32)
        _predictive(generator, b.mean, b.dispersion, b.spread, b.shared, cells)
        return cells


@dataclass(frozen=True, slots=True, eq=False)
class Sliding:
    """One long course (A, P) seen through a window of so many `periods`: the replicates are its weeks."""

    course: Cells
    periods: int

    def draw(self, seed: int, replicate: int) -> Cells:
        return np.ascontiguousarray(self.course[:, replicate : replicate + self.periods])


Draws: TypeAlias = Multinomial | Permutation | Predictive | Sliding


def binomial_cells(cases: int, expected: Floats) -> Multinomial:
    """Of `cases` in the whole study, those in the window, whose `expected` counts (A, P) are given."""
    mean = min(float(expected.sum()), float(cases))
    share = mean / cases if cases else 0.0
    totals = _likely(mean, np.sqrt(mean * (1 - share)), cases)
    # the binomial's distribution function by the incomplete beta function
    cdf = special.betainc(np.maximum(cases - totals, 1e-300), totals + 1.0, 1 - share)
    return _cells(totals, np.where(totals >= cases, 1.0, cdf), expected)


def poisson_cells(expected: Floats) -> Multinomial:
    """Independent Poisson counts with the means `expected` (A, P): their sum is Poisson as well."""
    mean = float(expected.sum())
    totals = _likely(mean, np.sqrt(mean), None)
    return _cells(totals, special.gammaincc(totals + 1.0, mean), expected)


def permuted_cells(cases: NDArray[np.int64], window: slice) -> Permutation:
    """The counts (A, P) of a study dealt anew, seen in a window of periods."""
    areas = np.arange(len(cases), dtype=np.uint16 if len(cases) <= NARROW else np.uint32)
    return Permutation(
        case_area=np.repeat(areas, cases.sum(axis=1)),
        sizes=cases[:, window].sum(axis=0),
        areas=len(cases),
    )


def _likely(mean: float, deviation: float, most: int | None) -> Floats:
    """All totals but those whose chance is lost in a double's rounding."""
    far = FARTHEST * deviation + FARTHEST**2  # as few as one: a tail like Poisson's is the longer one
    low = max(int(mean - far), 0)
    high = int(mean + far)
    return np.arange(low, (high if most is None else min(high, most)) + 1, dtype=np.float64)


def _cells(totals: Floats, cdf: NDArray[Any], expected: Floats) -> Multinomial:
    cdf = np.asarray(cdf, dtype=np.float64)
    cdf[-1] = 1.0
    alias = _alias(expected.reshape(-1) / max(float(expected.sum()), 1e-300))
    return Multinomial(int(totals[0]), cdf, alias, (expected.shape[0], expected.shape[1]))


@kernel
def _alias(probability):  # type: ignore[no-untyped-def]
    """Vose's alias table of probabilities that sum to 1, in one array: a draw then reads one place of memory.

    Beside a number below 2**31 a fraction keeps 22 bits at the least, and 36 with 100,000 cells.
    """
    n = len(probability)
    chance = probability * n
    other = np.arange(n).astype(np.int32)
    small = np.empty(n, np.int64)
    large = np.empty(n, np.int64)
    smalls = larges = 0
    for i in range(n):
        if chance[i] < 1.0:
            small[smalls] = i
            smalls += 1
        else:
            large[larges] = i
            larges += 1
    while smalls > 0 and larges > 0:
        smalls -= 1
        s, g = small[smalls], large[larges - 1]
        other[s] = g
        chance[g] -= 1.0 - chance[s]
        if chance[g] < 1.0:
            larges -= 1
            small[smalls] = g
            smalls += 1
    for i in range(larges):
        other[large[i]] = large[i]  # stays whatever is drawn
    for i in range(smalls):  # left over by rounding alone
        other[small[i]] = small[i]
    table = np.empty(n)
    for i in range(n):
        fraction = min(max(chance[i], 0.0), 1.0 - 2.0**-20) if other[i] != i else 0.0
        table[i] = other[i] + fraction
    return table


@kernel
def _multinomial(seed, replicate, lowest, cdf, alias, cells):  # type: ignore[no-untyped-def]
    one = np.empty(1)
    uniforms(seed, replicate, STREAM_TOTAL, 0, one)
    total = lowest + np.searchsorted(cdf, one[0], side="right")
    places = np.empty(AT_ONCE)
    falls = np.empty(AT_ONCE, np.uint32)  # unsigned: an index that cannot count from the end needs no test
    n = len(alias)
    for begin in range(0, total, AT_ONCE):
        some = min(AT_ONCE, total - begin)
        uniforms(seed, replicate, STREAM_CELLS, begin, places[:some])
        for i in range(some):  # apart from the additions below, so that the machine looks up many at once
            x = places[i] * n
            cell = np.int32(x)
            entry = alias[np.uint32(cell)]
            other = np.int32(entry)
            falls[i] = cell if x - cell < entry - other else other
        for i in range(some):
            cells[falls[i]] += 1


@kernel
def _permuted(seed, replicate, case_area, sizes, cells):  # type: ignore[no-untyped-def]
    places = np.empty(AT_ONCE)
    dealt = np.empty(AT_ONCE, np.uint32)  # positions of cases, then their areas; unsigned as above
    total = len(case_area)
    p, left = 0, sizes[0]
    for begin in range(0, sizes.sum(), AT_ONCE):
        some = min(AT_ONCE, sizes.sum() - begin)
        uniforms(seed, replicate, STREAM_CELLS, begin, places)
        for i in range(some):
            dealt[i] = begin + i + int(places[i] * (total - begin - i))
        for i in range(some):
            chosen = dealt[i]
            dealt[i] = case_area[chosen]
            case_area[chosen] = case_area[begin + i]  # whose place is behind all that are still to be dealt
        for i in range(some):
            while left == 0:
                p += 1
                left = sizes[p]
            cells[dealt[i], p] += 1
            left -= 1


@kernel
def _predictive(generator, mean, dispersion, spread, shared, cells):  # type: ignore[no-untyped-def]
    """Variance = dispersion x mean given the mean (NB1): Poisson with a gamma of scale dispersion - 1.

    The mean's own factor is log-normal with mean 1.
    """
    areas, periods = mean.shape
    factors, city_factors = spread.shape[2], shared.shape[1]
    common = np.zeros(periods)
    for f in range(city_factors):
        z = generator.standard_normal()
        for p in range(periods):
            common[p] += shared[p, f] * z - 0.5 * shared[p, f] ** 2
    own = np.empty(factors)
    for a in range(areas):
        for f in range(factors):
            own[f] = generator.standard_normal()
        for p in range(periods):
            log_factor = common[p]
            for f in range(factors):
                log_factor += spread[a, p, f] * own[f] - 0.5 * spread[a, p, f] ** 2
            m = mean[a, p] * np.exp(log_factor)
            over = dispersion[a, p] - 1.0
            if over > 0.0 and m > 0.0:
                m = generator.gamma(m / over, over)
            cells[a, p] = generator.poisson(m) if m > 0.0 else 0
