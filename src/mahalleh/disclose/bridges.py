"""Which hidden cells the published sums of a table give away together.

Take each sum as a node and each hidden cell as the edge between its two sums. A hidden cell follows from the
sums and the cells shown exactly where its edge is a bridge: where its removal parts the graph (Gusfield 1988,
"A graph theoretic approach to statistical data security", SIAM Journal on Computing 17, theorem 1, for cells
that may be any number, as noisy ones may). A single hidden cell of a sum is the smallest case.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

LABELS: Final = 20_240_117  # any number: see `bridges`


def bridges(one: Ints, other: Ints, *, nodes: int) -> Bools:
    """Which edges are bridges.

    `one`, `other`: (m,) int64, the two ends of each edge, below `nodes`; an edge may stand twice, and may end
    where it begins. Returns (m,) bool.

    Every edge outside a spanning forest gets a random word of 64 bits, and every edge of the forest the
    exclusive or of the words of those that close a cycle through it: a bridge lies on no cycle and gets 0
    (Pritchard and Thurimella 2011, "Fast computation of small cuts via cycle space sampling", section 3.2).
    No bridge is missed; another edge is taken for one with a chance of 2^-64, which hides a cell too many.
    """
    edges = len(one)
    loop = one == other
    root = nodes  # joined to one node of each part, so that one search from it reaches all
    _, part = connected_components(_graph(one, other, nodes), directed=False)
    firsts = np.unique(part, return_index=True)[1]
    ends = np.concatenate([one, firsts]), np.concatenate([other, np.full(len(firsts), root)])
    order, parent = breadth_first_order(_graph(*ends, nodes + 1), root, directed=False)
    tree = _tree_edges(one, other, parent) & ~loop
    words = np.random.default_rng(LABELS).integers(1, 2**63, size=edges, dtype=np.int64)
    above = np.zeros(nodes + 1, dtype=np.int64)  # of each node: the words of the edge to its parent
    off = ~tree & ~loop
    for end in (one, other):
        np.bitwise_xor.at(above, end[off], words[off])
    for nodes_of_depth in reversed(_levels(order, parent)):
        np.bitwise_xor.at(above, parent[nodes_of_depth], above[nodes_of_depth])
    child = np.where(parent[one] == other, one, other)
    return np.asarray(tree & (above[child] == 0))


def blocks(one: Ints, other: Ints, cut: Bools, *, nodes: int) -> tuple[Ints, Ints]:
    """The part of the graph that each node is in, and its block: what is left of the part without `cut`.

    Two cells of one block, or a cell that joins two blocks of one part, lie on a cycle. Returns (nodes,)
    int64 twice.
    """
    _, part = connected_components(_graph(one, other, nodes), directed=False)
    _, block = connected_components(_graph(one[~cut], other[~cut], nodes), directed=False)
    return part.astype(np.int64), block.astype(np.int64)


def _graph(one: Ints, other: Ints, nodes: int) -> coo_array[np.int64]:
    return coo_array((np.ones(len(one), dtype=np.int64), (one, other)), shape=(nodes, nodes))


def _tree_edges(one: Ints, other: Ints, parent: npt.NDArray[np.int32]) -> Bools:
    """Of the edges between a node and its parent the first; its twins close a cycle with it."""
    child = np.where(parent[one] == other, one, np.where(parent[other] == one, other, -1))
    _, first = np.unique(child, return_index=True)
    tree = np.zeros(len(one), dtype=bool)
    tree[first] = True
    return tree & (child >= 0)


def _levels(order: npt.NDArray[np.int32], parent: npt.NDArray[np.int32]) -> list[Ints]:
    """The nodes by their depth below the root, which comes first in `order` and is left out."""
    levels: list[Ints] = []
    place = np.empty(len(parent), dtype=np.int64)
    place[order] = np.arange(len(order))
    place_of_parent = place[parent[order[1:]]]  # ascending: a search takes nodes in the order of parents
    begin, end = 0, 1
    while end < len(order):
        begin, end = end, 1 + int(np.searchsorted(place_of_parent, end))
        levels.append(order[begin:end].astype(np.int64))
    return levels
