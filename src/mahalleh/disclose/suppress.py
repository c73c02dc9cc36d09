"""Complementary suppression: no hidden cell stands alone in a sum that is published.

Where exactly one cell of a sum is hidden, the sum less the cells shown is the hidden cell. The smallest cell
shown is then hidden too. Sums that a page shows are of one topic over the areas of a district in one
period, and over 52 periods of one area (Willenborg and de Waal 2001, "Elements of statistical disclosure
control", chapter 5, on tables with two margins; the greedy choice is the simplest that leaves no single).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def complement(values: Ints, small: Bools, kept: Bools, groupings: tuple[Ints, ...]) -> Bools:
    """Which cells must be hidden though they are not small.

    `values`: (n,) int64. `small`, `kept`: (n,) bool, cells that are hidden because they are small, and cells
    that were hidden as complements before and stay so. `groupings`: for each kind of sum (n,) int64, the
    number of the sum that a cell is in, or -1. Returns (n,) bool, `kept` included. Repeats until no sum of
    two or more cells has a single hidden one; each round hides at least one more, so it ends.
    """
    hidden = small | kept
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.lexsort((np.arange(len(values)), values))] = np.arange(len(values))
    changed = True
    while changed:
        changed = False
        for groups in groupings:
            chosen = _smallest_shown(rank, hidden, groups)
            if chosen.size:
                hidden[chosen] = True
                changed = True
    return np.asarray(hidden & ~small)


def _smallest_shown(rank: Ints, hidden: Bools, groups: Ints) -> Ints:
    """Of each sum with one hidden cell and some shown, the position of the smallest shown."""
    member = groups >= 0
    count = int(groups.max(initial=-1)) + 1
    lonely = np.bincount(groups[member & hidden], minlength=count) == 1
    at = np.flatnonzero(member & ~hidden)
    at = at[lonely[groups[at]]] if count else at
    at = at[np.lexsort((rank[at], groups[at]))]
    first = np.ones(len(at), dtype=bool)
    first[1:] = groups[at][1:] != groups[at][:-1]
    return np.asarray(at[first], dtype=np.int64)
