"""How published numbers are drawn: the labels of an axis.

Pure functions: no Django, no clock.
"""

from __future__ import annotations

import math


def ticks(highest: float, most: int = 5) -> list[int]:
    """Whole numbers for an axis from nought to at least `highest`: steps of 1, 2, 5, 10, 20 ..."""
    size = 1
    for candidate in (factor * 10**power for power in range(12) for factor in (1, 2, 5)):
        size = candidate
        if candidate * most >= highest:
            break
    return list(range(0, math.ceil(max(highest, 1) / size) * size + 1, size))
