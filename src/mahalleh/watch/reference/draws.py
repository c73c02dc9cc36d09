"""Data by chance alone, card by card."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fallen(uniforms: Sequence[float], alias: Floats, cells: int) -> list[int]:
    """Count what falls into each cell of an alias table.

    Parameters
    ----------
    uniforms : sequence of float
        In [0, 1), a number a case: it chooses an entry, and whether to stay there.
    alias : (cells,) float64
        Another cell's number, and in its fraction the chance to stay.
    cells : int
        How many there are.

    Returns
    -------
    list of int
        Counts by cell.
    """
    counts = [0] * cells
    for uniform in uniforms:
        cell = int(uniform * cells)
        stays = uniform * cells - cell < alias[cell] % 1
        counts[cell if stays else int(alias[cell])] += 1
    return counts


def dealt(uniforms: Sequence[float], case_area: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
    """Deal each period its cases: the first cards of a deck, shuffled card by card.

    Parameters
    ----------
    uniforms : sequence of float
        In [0, 1), a number a card.
    case_area : sequence of int
        The deck: every case's area.
    sizes : sequence of int
        How many cases each period gets.

    Returns
    -------
    list of list of int
        By period, its cases' areas.
    """
    deck = list(case_area)
    for card in range(sum(sizes)):
        other = card + int(uniforms[card] * (len(deck) - card))
        deck[card], deck[other] = deck[other], deck[card]
    ends = np.cumsum([0, *sizes]).tolist()
    return [deck[start:end] for start, end in pairwise(ends)]
