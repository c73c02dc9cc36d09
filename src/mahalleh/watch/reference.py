"""The scan once more, slow and obvious: the judge of every kernel.

Plain loops over zones, windows and replicates, with a logarithm each; nothing here is shared with the fast
way but the draws of the replicates and the statistics' definitions, which are written out again below.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Zone = tuple[int, ...]


def circles(
    coordinates: Floats,
    weight: Floats,
    *,
    max_weight: float = 1.0,
    max_areas: int | None = None,
    max_radius: float | None = None,
) -> list[Zone]:
    """Draw every circle round every area: its areas by distance, ties by position, the centre first.

    Parameters
    ----------
    coordinates : (A, 2) float64
        Planar.
    weight : (A,) float64
        What areas weigh.
    max_weight : float
        Share of all weight that a circle may hold.
    max_areas : int, optional
        Areas that a circle may hold.
    max_radius : float, optional
        In the coordinates' unit.

    Returns
    -------
    list of tuple of int
        Positions of areas.
    """
    zones = []
    for centre, xy in enumerate(coordinates):
        away = np.sqrt(((coordinates - xy) ** 2).sum(axis=1))
        order = sorted(range(len(coordinates)), key=lambda a: (away[a], a != centre, a))
        for size in range(1, len(order) + 1):
            zone = tuple(order[:size])
            too_heavy = weight[list(zone)].sum() > max_weight * weight.sum() * (1 + 1e-9)
            too_far = max_radius is not None and away[zone[-1]] > max_radius
            too_many = max_areas is not None and size > max_areas
            if size > 1 and (too_heavy or too_far or too_many):
                break
            zones.append(zone)
    return zones


def along_curve(coordinates: Floats) -> list[int]:
    """Positions along a Z-curve: by the digits of both coordinates on a grid of 1,024, read in turn."""
    low = coordinates.min(axis=0)
    extent = np.maximum(coordinates.max(axis=0) - low, 1e-300)

    def code(position: int) -> str:
        x, y = (f"{int(value):010b}" for value in (coordinates[position] - low) / extent * 1023)
        return "".join(bit_y + bit_x for bit_x, bit_y in zip(x, y, strict=True))

    return sorted(range(len(coordinates)), key=lambda position: (code(position), position))


def connected_sets(pairs: Sequence[tuple[int, int]], areas: int, largest: int) -> set[frozenset[int]]:
    """Grow every set of up to `largest` areas that hangs together, by one neighbour at a time.

    Parameters
    ----------
    pairs : sequence of (int, int)
        Neighbouring areas.
    areas : int
        How many there are.
    largest : int
        Areas of a set, at most.

    Returns
    -------
    set of frozenset of int
        Positions of areas.

    Examples
    --------
    >>> sorted(map(sorted, connected_sets([(0, 1), (1, 2)], 3, 2)))
    [[0], [0, 1], [1], [1, 2], [2]]
    """
    touching: list[set[int]] = [set() for _ in range(areas)]
    for i, j in pairs:
        touching[i].add(j)
        touching[j].add(i)
    layer = {frozenset([a]) for a in range(areas)}
    found = set(layer)
    for _ in range(largest - 1):
        layer = {zone | {b} for zone in layer for a in zone for b in touching[a] if b not in zone}
        found |= layer
    return found


def hangs_together(zone: Zone, pairs: Sequence[tuple[int, int]]) -> bool:
    """Whether one can walk from any of the zone's areas to any other without leaving it.

    Parameters
    ----------
    zone : tuple of int
        Positions of areas.
    pairs : sequence of (int, int)
        Neighbouring areas.

    Returns
    -------
    bool
        Whether it hangs together.
    """
    reached, before = {zone[0]}, 0
    while len(reached) != before:
        before = len(reached)
        reached |= {b for i, j in pairs for a, b in ((i, j), (j, i)) if a in reached and b in zone}
    return reached == set(zone)


def ways(
    pairs: Sequence[tuple[int, int]],
    coordinates: Floats,
    weight: Floats,
    root: int,
    *,
    longest: int,
    max_weight: float = 1.0,
    max_radius: float = np.inf,
) -> set[Zone]:
    """The shortest ways from one area along neighbours, each from the root on: nearest first, as one walks.

    A way goes on from an area whose own way is settled, while it has no more than `longest` areas, weighs no
    more than the share, and goes no farther from the root than the radius.
    """
    touching: list[set[int]] = [set() for _ in coordinates]
    for i, j in pairs:
        touching[i].add(j)
        touching[j].add(i)

    def apart(i: int, j: int) -> float:
        return float(np.hypot(*(coordinates[i] - coordinates[j])))

    def allowed(way: Zone) -> bool:
        light = weight[list(way)].sum() <= max_weight * weight.sum() * (1 + 1e-9)
        return len(way) <= longest and light and apart(way[-1], root) <= max_radius

    settled: dict[int, Zone] = {}
    waiting: list[tuple[float, Zone]] = [(0.0, (root,))]
    while waiting:
        length, way = min(waiting)
        waiting.remove((length, way))
        if way[-1] in settled:
            continue
        settled[way[-1]] = way
        beyond = [(length + apart(way[-1], there), (*way, there)) for there in touching[way[-1]]]
        waiting += [(longer, other) for longer, other in beyond if allowed(other)]
    return set(settled.values())


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
    """Each centre's strongest zone and span of a `table`, the strongest first, none that shares an area with
    one before: the zone, the span's position and the value. Equal values go by the centre's position."""
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


def fallen(uniforms: Sequence[float], alias: Floats, cells: int) -> list[int]:
    """Counts by cell, of numbers that each choose an entry of an alias table and whether to stay there."""
    counts = [0] * cells
    for uniform in uniforms:
        cell = int(uniform * cells)
        stays = uniform * cells - cell < alias[cell] % 1
        counts[cell if stays else int(alias[cell])] += 1
    return counts


def dealt(uniforms: Sequence[float], case_area: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
    """The areas of the cases that each period gets: the first cards of a deck, shuffled card by card."""
    deck = list(case_area)
    for card in range(sum(sizes)):
        other = card + int(uniforms[card] * (len(deck) - card))
        deck[card], deck[other] = deck[other], deck[card]
    ends = np.cumsum([0, *sizes]).tolist()
    return [deck[start:end] for start, end in pairwise(ends)]
