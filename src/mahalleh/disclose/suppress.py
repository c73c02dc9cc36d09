"""Complementary suppression: no hidden cell follows from the sums that are published.

Where exactly one cell of a sum is hidden, the sum less the cells shown is the hidden cell. Another cell is
then hidden too: the smallest of those that leave no other sum with a single hidden cell, or else the
smallest of all. Several sums together can still give a cell away (see `mahalleh.disclose.bridges`); then the
smallest cell is hidden that closes a ring through it. Sums that a page shows are of one topic over the areas
of a district in one period, and over a year of one area (Willenborg and de Waal 2001, "Elements of
statistical disclosure control", chapter 5: tables with two margins; finding the fewest cells is a hard
problem, and a greedy choice is usual).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def complement(values: Ints, small: Bools, kept: Bools, sums: tuple[Ints, Ints]) -> Bools:
    """Which cells must be hidden though they are not small.

    `values`: (n,) int64. `small`, `kept`: (n,) bool, cells that are hidden because they are small, and cells
    that were hidden as complements before and stay so. `sums`: for each of the two kinds of sum (n,) int64,
    the number of the sum that a cell is in, or -1. Returns (n,) bool, `kept` included. Each round hides at
    least one more, so it ends. A sum of one cell can hide no other; it is for `total` to hide the sum.
    """
    hidden = small | kept
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.lexsort((np.arange(len(values)), values))] = np.arange(len(values))
    while True:
        _hide_beside_singles(rank, hidden, sums)
        joining = _joining(rank, hidden, sums)
        if not joining.size:
            return np.asarray(hidden & ~small)
        hidden[joining] = True


def _hide_beside_singles(rank: Ints, hidden: Bools, sums: tuple[Ints, Ints]) -> None:
    """Hide more, in place, until no sum of two or more cells has a single hidden one."""
    changed = True
    while changed:
        changed = False
        for groups, other in (sums, sums[::-1]):
            # whether hiding the cell would leave its other sum with a single hidden one
            spoils = (other >= 0) & (_hidden_in(other, hidden)[other] == 0)
            chosen = _best_shown(rank, spoils, hidden, groups)
            if chosen.size:
                hidden[chosen] = True
                changed = True


def _best_shown(rank: Ints, spoils: Bools, hidden: Bools, groups: Ints) -> Ints:
    """Of each sum with one hidden cell and some shown, the position of the best shown."""
    at = np.flatnonzero((groups >= 0) & ~hidden)
    at = at[_hidden_in(groups, hidden)[groups[at]] == 1]
    return _first_of_each(at[np.lexsort((rank[at], spoils[at], groups[at]))], groups)


def _joining(rank: Ints, hidden: Bools, sums: tuple[Ints, Ints]) -> Ints:
    """Of each part of the table with a cell that several sums give away, the smallest cell that stops it."""
    from mahalleh.disclose.bridges import blocks, bridges  # pages that only read totals need no scipy

    ends, nodes = _ends(sums)
    one, other = ends[0][hidden], ends[1][hidden]
    cut = bridges(one, other, nodes=nodes)
    if not cut.any():
        return np.empty(0, dtype=np.int64)
    part, block = blocks(one, other, cut, nodes=nodes)
    mine, yours = ends
    at = np.flatnonzero(~hidden & (part[mine] == part[yours]) & (block[mine] != block[yours]))
    of = part[mine]
    return _first_of_each(at[np.lexsort((rank[at], of[at]))], of)


def _ends(sums: tuple[Ints, Ints]) -> tuple[tuple[Ints, Ints], int]:
    """Each cell's two sums as nodes of one graph.

    Sums that nobody publishes, those of a single cell among them, are one node: a node without a sum tells
    nothing that the other sums of its part do not tell, and so may stand for all of them.
    """
    first, second = (_published(groups) for groups in sums)
    shift = int(first.max(initial=-1)) + 1
    outside = shift + int(second.max(initial=-1)) + 1
    return (
        np.where(first < 0, outside, first),
        np.where(second < 0, outside, second + shift),
    ), outside + 1


def _published(groups: Ints) -> Ints:
    """The sums of two cells or more; the others, and cells of none, as -1."""
    size = _hidden_in(groups, np.ones(len(groups), dtype=bool))
    return np.where(size[groups] > 1, groups, -1)


def _first_of_each(at: Ints, groups: Ints) -> Ints:
    """The first position of each group, of positions in the order of their groups."""
    first = np.ones(len(at), dtype=bool)
    first[1:] = groups[at][1:] != groups[at][:-1]
    return np.asarray(at[first], dtype=np.int64)


def _hidden_in(groups: Ints, hidden: Bools) -> Ints:
    """How many cells of each sum are hidden; one entry more, for cells of no sum (-1)."""
    count = int(groups.max(initial=-1)) + 1
    return np.append(np.bincount(groups[(groups >= 0) & hidden], minlength=count), 0)
