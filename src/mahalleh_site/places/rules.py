"""How places are found by name, and an axis's labels.

Pure functions: no Django, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mahalleh.text import folded


def ticks(highest: float, most: int = 5) -> list[int]:
    """Whole numbers for an axis from nought to at least `highest`: steps of 1, 2, 5, 10, 20 ..."""
    size = 1
    for candidate in (factor * 10**power for power in range(12) for factor in (1, 2, 5)):
        size = candidate
        if candidate * most >= highest:
            break
    return list(range(0, math.ceil(max(highest, 1) / size) * size + 1, size))


def ranked(query: str, names: Sequence[tuple[str, ...]]) -> list[int]:
    """Positions of the entries whose names fit a query, the closest first.

    Closest is the whole name, then its start, the start of one of its words, anywhere in it. Spaces do not
    count against a fit, since half-spaces come and go.
    """
    wanted = folded(query)
    if not wanted:
        return []
    tight = wanted.replace(" ", "")
    found: list[tuple[int, int]] = []
    for position, entry in enumerate(names):
        best = min((_fit(wanted, tight, folded(name)) for name in entry), default=4)
        if best < 4:
            found.append((best, position))
    return [position for _rank, position in sorted(found)]


def _fit(wanted: str, tight: str, name: str) -> int:
    joined = name.replace(" ", "")
    if joined == tight:
        return 0
    if joined.startswith(tight):
        return 1
    if f" {wanted}" in f" {name}":
        return 2
    return 3 if tight in joined else 4
