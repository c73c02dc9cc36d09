"""The largest statistic of every replicate: exact, but with a logarithm only where one may matter.

A level is chosen that most replicates' maxima pass (from a first block of them), turned into least counts by
zone and window, and each block of replicates is swept against these. Roots with a hit are looked at again,
exactly. A replicate without any hit has its maximum below the level: it is drawn again, which costs little,
and swept at a lower one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._accelerate import kernel
from mahalleh.watch._draws import Draws
from mahalleh.watch._statistics import by_unit, largest_expected, least_counts, may_reach, ratio
from mahalleh.watch._sweep import GROUP, lanes, sweep_forest, sweep_paths
from mahalleh.watch._zones import Zones

Floats: TypeAlias = NDArray[np.float64]
Mapper: TypeAlias = Callable[[Callable[[Any], Floats], Iterable[Any]], Iterable[Floats]]

NARROW: Final = np.dtype(np.uint16)
WIDE: Final = np.dtype(np.uint32)
FIRST_GUESS: Final = 0.38  # of the log of the zones: below nearly all maxima, by the look of many studies
PASSED: Final = 0.1  # the share of a first block's maxima that may lie below the level
WINDOWS_AT_ONCE: Final = 64  # bounds the memory of a retrospective scan, which has many


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What stays the same from one replicate to the next.

    `expected` (A, P): expected (weighted) counts of the scanned periods; `weights` (A, P) int64: what one
    case adds on the scale of whole numbers, `scale` to one; `windows` (K, 2): first and past-the-last scanned
    period of each; `floor` (A,): the least scaled count of the fewest cases allowed; `total` the study's.
    """

    zones: Zones
    expected: Floats
    weights: NDArray[np.int64]
    scale: float
    windows: NDArray[np.int64]
    floor: NDArray[np.int64]
    statistic: int
    total: float

    def in_windows(self, cells: NDArray[Any]) -> NDArray[Any]:
        """Sums of cells (A, P) over each window: (A, K)."""
        sums = np.concatenate([np.zeros((len(cells), 1), cells.dtype), np.cumsum(cells, axis=1)], axis=1)
        return np.ascontiguousarray(sums[:, self.windows[:, 1]] - sums[:, self.windows[:, 0]])

    def parts(self) -> Iterator[Problem]:
        """The same problem, a manageable number of windows at a time."""
        for k in range(0, len(self.windows), WINDOWS_AT_ONCE):
            yield replace(self, windows=self.windows[k : k + WINDOWS_AT_ONCE])


@dataclass(frozen=True, slots=True, eq=False)
class Levelled:
    """A problem with its least counts at one level: all that a block of replicates needs, anywhere."""

    problem: Problem
    draws: Draws
    seed: int
    level: float
    expected: Floats
    thresholds: NDArray[Any]


def maxima(
    problem: Problem, draws: Draws, *, replicates: int, seed: int, threads: int, over: Mapper | None = None
) -> Floats:
    """The largest statistic of each replicate, (R,), the same for any number of threads.

    `over`: a `map` that runs blocks elsewhere.
    """
    found = np.zeros(replicates)
    if problem.total <= 0 or not len(problem.windows):
        return found
    with ThreadPoolExecutor(threads) as pool:
        for part in problem.parts():
            found = np.maximum(found, _part(part, draws, replicates, seed, threads, pool, over))
    return found


def _part(
    part: Problem,
    draws: Draws,
    replicates: int,
    seed: int,
    threads: int,
    pool: ThreadPoolExecutor,
    over: Mapper | None,
) -> Floats:
    zones = len(part.zones.area) * len(part.windows)
    found = np.full(replicates, -1.0)

    def look(levelled: Levelled, which: NDArray[np.int64]) -> None:
        abreast = lanes(levelled.thresholds.dtype)
        blocks = [which[i : i + abreast] for i in range(0, len(which), abreast)]
        run = over if over is not None and len(blocks) > 1 else pool.map
        for block, values in zip(blocks, run(_Block(levelled), blocks), strict=True):
            found[block] = np.where(values >= levelled.level, values, -1.0)

    def left() -> NDArray[np.int64]:
        return np.flatnonzero(found < 0)

    def at(level: float) -> Levelled:
        return _levelled(part, draws, seed, level, threads, pool)

    pilot = np.arange(min(replicates, lanes(NARROW)))
    low = at(FIRST_GUESS * float(np.log(max(zones, 2))))
    look(low, pilot)
    passed = found[pilot][found[pilot] >= 0]
    if len(passed) > len(pilot) / 2 and replicates > len(pilot):
        look(at(float(np.quantile(passed, PASSED))), left())
    if left().size:
        look(low, left())
    if left().size:
        look(at(0.0), left())
    return found


class _Block:
    """A block of replicates as a function of their numbers; it can be sent to another process."""

    def __init__(self, levelled: Levelled) -> None:
        self.levelled = levelled

    def __call__(self, which: NDArray[np.int64]) -> Floats:
        return block_maxima(self.levelled, which)


def block_maxima(levelled: Levelled, which: NDArray[np.int64]) -> Floats:
    """The maxima of some replicates, as many as lie abreast; 0 where no zone reaches its least count."""
    problem, thresholds = levelled.problem, levelled.thresholds
    abreast = lanes(thresholds.dtype)
    areas, padded = len(problem.expected), thresholds.shape[1]
    counts = np.zeros((areas, padded, abreast), dtype=thresholds.dtype)
    limit = np.iinfo(thresholds.dtype).max // 2
    for lane, replicate in enumerate(which.tolist()):
        cells = levelled.draws.draw(levelled.seed, replicate)
        if not _place(cells, problem.weights, problem.windows, counts, lane, limit):
            return _one_by_one(levelled, which)
    return swept(levelled, counts)[: len(which)]


def swept(levelled: Levelled, counts: NDArray[Any]) -> Floats:
    """The maxima of the replicates in `counts` (A, K', lanes)."""
    problem, zones = levelled.problem, levelled.problem.zones
    hits = np.empty(len(zones.start) - 1, dtype=np.uint64)
    if zones.path:
        sweep_paths(zones.start, zones.area, levelled.thresholds, counts, hits)
    else:
        sweep_forest(zones.start, zones.area, zones.depth, levelled.thresholds, counts, hits)
    best = np.zeros(counts.shape[2])
    _exact(
        zones.start,
        zones.area,
        zones.depth,
        levelled.thresholds,
        levelled.expected,
        counts,
        hits,
        problem.statistic,
        problem.total,
        problem.scale,
        best,
    )
    return best


def _one_by_one(levelled: Levelled, which: NDArray[np.int64]) -> Floats:
    """What `block_maxima` gives, for counts too large for its lanes: without a sweep."""
    problem = levelled.problem
    out = np.zeros(len(which))
    for lane, replicate in enumerate(which.tolist()):
        cells = levelled.draws.draw(levelled.seed, replicate)
        out[lane] = best_by_root(problem, cells * problem.weights)[0].max()
    return out


def best_by_root(
    problem: Problem, cells: NDArray[Any]
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """The largest statistic below each root, its entry and its window, of scaled counts (A, P)."""
    zones = problem.zones
    out = np.zeros(len(zones.start) - 1)
    entry, window = np.full(len(out), -1, np.int64), np.full(len(out), -1, np.int64)
    _best(
        zones.start,
        zones.area,
        zones.depth,
        problem.in_windows(problem.expected),
        problem.in_windows(cells.astype(np.int64)),
        problem.floor,
        problem.statistic,
        problem.total,
        problem.scale,
        out,
        entry,
        window,
    )
    return out, entry, window


def _levelled(
    part: Problem, draws: Draws, seed: int, level: float, threads: int, pool: ThreadPoolExecutor
) -> Levelled:
    zones = part.zones
    expected = part.in_windows(part.expected)
    padded = -(-len(part.windows) // GROUP) * GROUP
    highest = _largest_zone(zones.start, zones.area, zones.depth, expected)
    reach = largest_expected(part.statistic, level, part.total, part.scale, highest)
    guess = by_unit(reach, part.scale)
    dtype = NARROW if len(reach) <= np.iinfo(NARROW).max // 2 else WIDE
    thresholds = np.empty((len(zones.area), padded), dtype=dtype)
    roots = len(zones.start) - 1
    cuts = np.linspace(0, roots, 4 * threads + 1).astype(np.int64)

    def fill(i: int) -> None:
        least_counts(
            zones.start,
            zones.area,
            zones.depth,
            expected,
            part.floor,
            reach,
            guess,
            part.scale,
            cuts[i],
            cuts[i + 1],
            thresholds,
        )

    list(pool.map(fill, range(len(cuts) - 1)))
    return Levelled(part, draws, seed, level, expected, thresholds)


@kernel
def _largest_zone(start, area, depth, expected):  # type: ignore[no-untyped-def]
    """The largest expected count of any zone and window."""
    per_area = np.zeros(len(expected))
    for a in range(len(expected)):
        for k in range(expected.shape[1]):
            per_area[a] = max(per_area[a], expected[a, k])
    total = np.zeros(np.max(depth) + 1)
    largest = 0.0
    for e in range(len(area)):
        total[depth[e]] = per_area[area[e]] + (total[depth[e] - 1] if depth[e] else 0.0)
        largest = max(largest, total[depth[e]])
    return largest


@kernel
def _place(cells, weights, windows, counts, lane, limit):  # type: ignore[no-untyped-def]
    """Write one replicate's windowed, scaled counts into its lane; False where one is above the limit."""
    periods = cells.shape[1]
    before = np.zeros(periods + 1, np.int64)
    for a in range(len(cells)):
        for p in range(periods):
            before[p + 1] = before[p] + cells[a, p] * weights[a, p]
        for k in range(len(windows)):
            value = before[windows[k, 1]] - before[windows[k, 0]]
            if value > limit:
                return False
            counts[a, k, lane] = value
    return True


@kernel
def _exact(start, area, depth, thresholds, expected, counts, hits, statistic, total, scale, best):  # type: ignore[no-untyped-def]
    """Raise `best` (lanes,) to the largest statistic among zones at or above their least counts."""
    windows = expected.shape[1]
    deepest = np.max(depth)
    observed = np.zeros((deepest + 2, windows), np.int64)
    mean = np.zeros((deepest + 2, windows))
    for root in range(len(start) - 1):
        if hits[root] == 0:
            continue
        for lane in range(counts.shape[2]):
            if not (hits[root] >> np.uint64(lane)) & np.uint64(1):
                continue
            for e in range(start[root], start[root + 1]):
                a, d = area[e], depth[e]
                for k in range(windows):
                    n = observed[d, k] + counts[a, k, lane]
                    m = mean[d, k] + expected[a, k]
                    observed[d + 1, k] = n
                    mean[d + 1, k] = m
                    if n >= thresholds[e, k] and may_reach(statistic, n / scale, m, total, best[lane]):
                        best[lane] = max(best[lane], ratio(statistic, n / scale, m, total))


@kernel
def _best(start, area, depth, expected, counts, floor, statistic, total, scale, out, entry, window):  # type: ignore[no-untyped-def]
    windows = expected.shape[1]
    deepest = np.max(depth)
    observed = np.zeros((deepest + 2, windows), np.int64)
    mean = np.zeros((deepest + 2, windows))
    least = np.full(deepest + 2, np.iinfo(np.int64).max)
    for root in range(len(start) - 1):
        for e in range(start[root], start[root + 1]):
            a, d = area[e], depth[e]
            least[d + 1] = min(least[d], floor[a])
            for k in range(windows):
                n = observed[d, k] + counts[a, k]
                m = mean[d, k] + expected[a, k]
                observed[d + 1, k] = n
                mean[d + 1, k] = m
                if n >= least[d + 1] and may_reach(statistic, n / scale, m, total, out[root]):
                    value = ratio(statistic, n / scale, m, total)
                    if value > out[root]:
                        out[root], entry[root], window[root] = value, e, k
