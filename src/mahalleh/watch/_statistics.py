"""How much more than expected: the statistics of a scan, and the least counts that reach a level.

For a fixed zone and window the expected count is the same in every replicate, and each statistic rises with
the observed count. So the level that matters is turned into a least count once; replicates then only compare.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._accelerate import kernel

CONDITIONAL: Final = 0  # log likelihood ratio given the study's total (Kulldorff 1997)
EXPECTATION: Final = 1  # log likelihood ratio against a known mean (Neill 2009)
SCORE: Final = 2  # (C - B) / sqrt(B) (Tango, Takahashi and Kohriyama 2011)

HALVINGS: Final = 60  # of a bracket: past the last bit of a double
JUST_BELOW: Final = (
    1 - 1e-12
)  # a level's least count is sought a trifle lower, so that rounding hides no zone


@kernel
def ratio(statistic: int, count: float, expected: float, total: float) -> Any:
    """The statistic of a zone and window: 0 where no more came than expected.

    CONDITIONAL: c log(c/E) + (C-c) log((C-c)/(C-E)), Kulldorff (1997), "A spatial scan statistic", eq. 2.
    EXPECTATION: c log(c/B) - (c-B), Neill (2009), "Expectation-based scan statistics for monitoring spatial
    time series data", eq. 2. SCORE: (c-B) / sqrt(B), Tango et al. (2011), eq. 3, `hotspot`.
    """
    if count <= expected or expected <= 0.0:
        return 0.0
    if statistic == SCORE:
        return (count - expected) / np.sqrt(expected)
    inside = count * np.log(count / expected)
    if statistic == EXPECTATION:
        return inside - (count - expected)
    outside = total - count
    if outside <= 0.0:
        return inside
    return inside + outside * np.log(outside / (total - expected))


@kernel
def may_reach(statistic: int, count: float, expected: float, total: float, level: float) -> bool:
    """Whether the statistic can be above `level`, by a bound without a logarithm.

    (1+x) log(1+x) - x is at most x^2/2 above zero and x^2 on [-1, 0], applied inside and outside.
    """
    over = count - expected
    if over <= 0.0 or expected <= 0.0:
        return False
    if statistic == SCORE:
        return over * over > level * level * expected
    bound = over * over / (2.0 * expected)
    if statistic == CONDITIONAL:
        bound += over * over / max(total - expected, over)
    return bound >= level


@kernel
def largest_expected(
    statistic: int, level: float, total: float, scale: float, highest: float
) -> NDArray[np.float64]:
    """By count: the largest expected count at which it still reaches `level`; rising.

    Entry `i` is for the count `i / scale`; entry 0 is below any. The last is the first that is at least
    `highest`, or that of the study's total, beyond which there is no count.
    """
    out = np.empty(1024)
    out[0] = -1.0
    i = 0
    while out[i] < highest and not (statistic == CONDITIONAL and i >= total * scale):
        i += 1
        if i >= len(out):
            longer = np.empty(2 * len(out))
            longer[: len(out)] = out
            out = longer
        count = i / scale
        low, high = max(out[i - 1], 0.0), count
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if middle > 0.0 and ratio(statistic, count, middle, total) >= level * JUST_BELOW:
                low = middle
            else:
                high = middle
            if high - low <= 1e-15 * high:
                break
        out[i] = low
    return out[: i + 1]


@kernel
def by_unit(reach, scale):  # type: ignore[no-untyped-def]
    """By whole expected count on the scale: the least count that may do from there on, as a first guess."""
    top = int(max(reach[-1], 0.0) * scale) + 2
    out = np.empty(top, np.int64)
    n = 0
    for unit in range(top):
        while n < len(reach) - 1 and reach[n] * scale < unit:
            n += 1
        out[unit] = n
    return out


@kernel
def least_counts(start, area, depth, expected, floor, reach, guess, scale, first, past, thresholds):  # type: ignore[no-untyped-def]
    """Write, for the roots `first` to `past`, the least scaled count of every zone and window.

    `expected` (A, K) by area and window; `floor` (A,): the least scaled count that holds the fewest cases
    allowed; `reach`: of `largest_expected`, `guess` of `by_unit`; `thresholds` (entries, K'), K' >= K: what
    is beyond K can never be reached, nor a zone that is past the table.
    """
    windows = expected.shape[1]
    never = np.iinfo(thresholds.dtype).max
    past_table = len(reach)
    deepest = 0
    for e in range(start[first], start[past]):
        deepest = max(deepest, depth[e])
    mean = np.zeros((deepest + 2, windows))  # of the zone at each depth, and below: depth 0 stands at 1
    least = np.full(deepest + 2, never)
    for e in range(start[first], start[past]):
        a, d = area[e], depth[e]
        least[d + 1] = min(least[d], floor[a])
        for k in range(windows):
            m = mean[d, k] + expected[a, k]
            mean[d + 1, k] = m
            unit = int(m * scale)
            n = guess[unit] if unit < len(guess) else past_table - 1
            n += reach[n] < m  # mostly one step, sometimes two: without a branch that is hard to foretell
            n += reach[min(n, past_table - 1)] < m
            while n < past_table and reach[n] < m:
                n += 1
            thresholds[e, k] = min(max(n, least[d + 1]), never) if n < past_table else never
        for k in range(windows, thresholds.shape[1]):
            thresholds[e, k] = never
