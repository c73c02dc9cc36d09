"""Zones by plain loops over areas."""

from __future__ import annotations

from collections.abc import Sequence

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
    """Order areas along a Z-curve: by the digits of both coordinates on a grid of 1,024, read in turn.

    Parameters
    ----------
    coordinates : (A, 2) float64
        Planar.

    Returns
    -------
    list of int
        Positions of areas.
    """
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
    """Walk the shortest ways from one area along neighbours, the nearest end first.

    A way goes on from an area whose own way is settled, while it keeps the bounds.

    Parameters
    ----------
    pairs : sequence of (int, int)
        Positions of areas that touch.
    coordinates : (A, 2) float64
        Planar.
    weight : (A,) float64
        What areas weigh.
    root : int
        Where ways begin.
    longest : int
        Areas that a way may hold, the root among them.
    max_weight : float
        Share of all weight that a way may hold.
    max_radius : float
        How far from the root, in the coordinates' unit.

    Returns
    -------
    set of tuple of int
        One way to each area that can be reached, from the root on.
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
