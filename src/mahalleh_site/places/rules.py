"""How published numbers are drawn and places found: classes of a map, an axis, search by name.

Pure functions: no Django, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from mahalleh.text import folded


def breaks(values: Iterable[float], classes: int = 5) -> list[float]:
    """Upper limits of a map's classes but the last: quantiles to two digits, strictly rising."""
    ordered = sorted(value for value in values if not math.isnan(value))
    if not ordered:
        return []
    found: list[float] = []
    for step in range(1, classes):
        limit = two_digits(ordered[min(len(ordered) - 1, math.floor(len(ordered) * step / classes))])
        if limit > (found[-1] if found else ordered[0]):
            found.append(limit)
    return found


def two_digits(value: float) -> float:
    """A number to two significant digits."""
    return float(f"{value:.2g}")


def step(value: float, limits: Sequence[float], classes: int = 5) -> int:
    """The class 1...`classes` of a value. With fewer limits than classes the colours are spread apart."""
    place = sum(value >= limit for limit in limits)
    return 1 + round(place * (classes - 1) / len(limits)) if limits else (classes + 1) // 2


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
