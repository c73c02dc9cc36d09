"""Complementary suppression: no hidden cell stands alone in a sum that is published.

Where exactly one cell of a sum is hidden, the sum less the cells shown is the hidden cell. Another cell is
then hidden too: the smallest of those that leave no other sum with a single hidden cell, or else the
smallest of all. Sums that a page shows are of one topic over the areas of a district in one period, and over
a year of one area (Willenborg and de Waal 2001, "Elements of statistical disclosure control", chapter 5:
tables with two margins; finding the fewest cells is a hard problem, and a greedy choice is usual).
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
        for number, groups in enumerate(groupings):
            spoils = np.zeros(
                len(values), dtype=np.int64
            )  # sums that hiding the cell would leave with a single
            for other in groupings[:number] + groupings[number + 1 :]:
                spoils += (other >= 0) & (_hidden_in(other, hidden)[other] == 0)
            chosen = _best_shown(rank, spoils, hidden, groups)
            if chosen.size:
                hidden[chosen] = True
                changed = True
    return np.asarray(hidden & ~small)


def _best_shown(rank: Ints, spoils: Ints, hidden: Bools, groups: Ints) -> Ints:
    """Of each sum with one hidden cell and some shown, the position of the best shown."""
    at = np.flatnonzero((groups >= 0) & ~hidden)
    at = at[_hidden_in(groups, hidden)[groups[at]] == 1]
    at = at[np.lexsort((rank[at], spoils[at], groups[at]))]
    first = np.ones(len(at), dtype=bool)
    first[1:] = groups[at][1:] != groups[at][:-1]
    return np.asarray(at[first], dtype=np.int64)


def _hidden_in(groups: Ints, hidden: Bools) -> Ints:
    """How many cells of each sum are hidden; one entry more, for cells of no sum (-1)."""
    count = int(groups.max(initial=-1)) + 1
    return np.append(np.bincount(groups[(groups >= 0) & hidden], minlength=count), 0)
