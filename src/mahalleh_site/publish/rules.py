"""The classes of a map: where their limits lie, and in which a number falls.

Pure functions: no Django, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


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
    passed = sum(value >= limit for limit in limits)
    return 1 + round(passed * (classes - 1) / len(limits)) if limits else (classes + 1) // 2
