"""The statistic of every zone and window, and which of them become clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch.reference.zones import Zone

Floats = NDArray[np.float64]


def windows(periods: int, longest: int, *, prospective: bool) -> list[slice]:
    """List the windows of 1 to `longest` periods that end with the last one, or with any.

    Parameters
    ----------
    periods : int
        How many there are.
    longest : int
        Of a window.
    prospective : bool
        Whether windows end with the last period alone.

    Returns
    -------
    list of slice
        Positions of periods.

    Examples
    --------
    >>> windows(4, 2, prospective=True)
    [slice(3, 4, None), slice(2, 4, None)]
    """
    ends = [periods] if prospective else range(1, periods + 1)
    return [slice(end - n, end) for end in ends for n in range(1, min(longest, end) + 1)]


def conditional(count: float, expected: float, total: float) -> float:
    """Compute Kulldorff's log likelihood ratio given the total, for more than expected [1]_.

    Parameters
    ----------
    count, expected : float
        In the zone and window.
    total : float
        Cases of the whole study.

    Returns
    -------
    float
        0 where there is no more than expected.

    References
    ----------
    .. [1] M. Kulldorff (1997), "A spatial scan statistic".
    """
    if count <= expected:
        return 0.0
    outside = total - count
    rest = outside * np.log(outside / (total - expected)) if outside > 0 else 0.0
    return float(count * np.log(count / expected) + rest)


def expectation(count: float, expected: float) -> float:
    """Compute Neill's log likelihood ratio against a known mean [1]_.

    Parameters
    ----------
    count, expected : float
        In the zone and window.

    Returns
    -------
    float
        0 where there is no more than expected.

    References
    ----------
    .. [1] D. B. Neill (2009), "Expectation-based scan statistics for monitoring spatial time series data".
    """
    return float(count * np.log(count / expected) - count + expected) if count > expected else 0.0


def score(count: float, expected: float) -> float:
    """Compute Tango's score against a known mean [1]_.

    Parameters
    ----------
    count, expected : float
        In the zone and window, divided by their dispersion.

    Returns
    -------
    float
        0 where there is no more than expected.

    References
    ----------
    .. [1] T. Tango, K. Takahashi and K. Kohriyama (2011), "A space-time scan statistic for detecting emerging
       outbreaks".
    """
    return float((count - expected) / np.sqrt(expected)) if count > expected else 0.0


def table(
    counts: NDArray[np.int64],
    mean: Floats,
    zones: Sequence[Zone],
    spans: Sequence[slice],
    *,
    statistic: str,
    total: float,
    share: Floats | None = None,
    min_cases: int = 2,
) -> Floats:
    """Compute the statistic of every zone over every window.

    Parameters
    ----------
    counts : (A, W) int64
        Of the scanned periods.
    mean : (A, W) float64
        Expected counts.
    zones : sequence of tuple of int
        Positions of areas.
    spans : sequence of slice
        Positions of periods.
    statistic : str
        `conditional`, `expectation` or `score`.
    total : float
        Cases of the whole study, for `conditional`.
    share : (A, W) float64, optional
        What a case counts: one over its dispersion.
    min_cases : int
        A zone needs what so many cases count at the least.

    Returns
    -------
    (zones, windows) float64
        The statistic; 0 where there is nothing to see.
    """
    per_case = np.ones(mean.shape) if share is None else share
    out = np.zeros((len(zones), len(spans)))
    for z, zone in enumerate(zones):
        rows = list(zone)
        for w, span in enumerate(spans):
            c = float((counts[rows, span] * per_case[rows, span]).sum())
            e = float((mean[rows, span] * per_case[rows, span]).sum())
            if c < min_cases * per_case[rows].min() or e <= 0:
                continue
            if statistic == "conditional":
                out[z, w] = conditional(c, e, total)
            else:
                out[z, w] = expectation(c, e) if statistic == "expectation" else score(c, e)
    return out


def chosen(zones: Sequence[Zone], values: Floats) -> list[tuple[Zone, int, float]]:
    """Choose each centre's strongest zone and span, the strongest first, none that shares an area.

    Equal values go by the centre's position, of one centre by the table's order.

    Parameters
    ----------
    zones : sequence of tuple of int
        Positions of areas, the centre first.
    values : (zones, spans) float64
        As of `table`.

    Returns
    -------
    list of (tuple of int, int, float)
        The zone, the span's position and the value.
    """
    best: dict[int, tuple[Zone, int, float]] = {}
    for zone, row in zip(zones, values.round(9), strict=True):
        for span, value in enumerate(row.tolist()):
            if value > (best[zone[0]][2] if zone[0] in best else 0.0):
                best[zone[0]] = (zone, span, value)
    found: list[tuple[Zone, int, float]] = []
    for one in sorted(best.values(), key=lambda one: (-one[2], one[0][0])):
        if not any(set(one[0]) & set(before[0]) for before in found):
            found.append(one)
    return found
