"""Circles round every area, as SaTScan draws them: its areas by distance, one more at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mahalleh.watch._accelerate import cores, kernel
from mahalleh.watch._zones import ROUNDING, Zones

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

MORE: Final = 1.12  # neighbours to ask for first, times those of an even city; most circles hold fewer
AT_ONCE: Final = 1 << 17  # neighbours asked for at a time: two megabytes, which stay in a core's cache
FEWEST: Final = 64  # centres at a time: a call costs as much as the neighbours of a few
LEAST: Final = 1e-150  # a distance whose square is still above zero


def circles(
    coordinates: Floats,
    weight: Floats,
    *,
    max_weight: float,
    max_areas: int | None = None,
    max_radius: float | None = None,
) -> Zones:
    """Circles round every area, as SaTScan draws them: by distance between centres, ties by position.

    `coordinates` (A, 2) planar; `weight` (A,): what `max_weight`, a share of the whole, bounds; `max_radius`
    in the coordinates' unit. A centre alone is always a zone, however large its weight.
    """
    areas = len(coordinates)
    cap = max_weight * float(weight.sum()) * (1 + ROUNDING)
    most = areas if max_areas is None else min(max_areas, areas)
    reach = np.inf if max_radius is None else max_radius
    past = max(reach * (1 + ROUNDING), LEAST)  # the tree leaves out what lies as far as its bound
    tree = cKDTree(coordinates)
    ask = np.full(areas, min(areas, most + 1, max(8, int(max_weight * areas * MORE) + 2)))
    if max_radius is not None:  # those within, and one more that shows that there are none left
        within = tree.query_ball_point(coordinates, reach, return_length=True, workers=cores())
        ask = np.minimum(ask, within + 1)

    def look(rows: Longs) -> _Lists:
        k = int(ask[rows].max())
        near = tree.query(coordinates[rows], k=np.arange(1, k + 1), distance_upper_bound=past)
        kept, area = _cut(*near, rows, weight, cap, reach, most, k == areas)
        return _Lists(rows, kept, area)

    order = rows = _sweep_order(coordinates)
    found: list[_Lists] = []
    with ThreadPoolExecutor(cores()) as pool:
        while rows.size:
            some = list(pool.map(look, _alike(rows, ask)))
            found += some
            rows = np.concatenate([lists.rows[lists.kept == 0] for lists in some])
            ask[rows] = np.minimum(2 * ask[rows], areas)
    return _laid_out(found, order)


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """Of some centres, `rows`: how many areas each one's largest circle holds, `kept`, 0 where that is not
    yet known; and which, `area`, one centre's after the other's."""

    rows: Longs
    kept: Longs
    area: Ints


def _alike(rows: Longs, ask: Longs) -> list[Longs]:
    """Centres that ask for about as many areas, some at a time; in the order given where they are equal."""
    rows = rows[np.argsort(ask[rows], kind="stable")]
    size = int(np.clip(AT_ONCE // ask[rows[-1]], FEWEST, max(len(rows) // (4 * cores()), FEWEST)))
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def _laid_out(found: list[_Lists], order: Longs) -> Zones:
    """The forest whose centres come in the order given."""
    counts = np.zeros(len(order), dtype=np.int64)
    for lists in found:
        counts[lists.rows] += lists.kept  # each centre is known in one of them
    start = np.concatenate([[0], np.cumsum(counts[order])])
    at = np.empty_like(counts)
    at[order] = start[:-1]
    area, depth = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
    for lists in found:
        _copy(at[lists.rows], lists.kept, lists.area, area, depth)
    return Zones(start=start, area=area, depth=depth, path=True)


def _sweep_order(coordinates: Floats) -> NDArray[np.int64]:
    """Centres along a Z-curve, so that those swept one after the other share their neighbours in cache."""
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    grid = ((coordinates - low) / np.maximum(high - low, 1e-300) * 1023).astype(np.int64)
    code = np.zeros(len(coordinates), dtype=np.int64)
    for bit in range(10):
        code |= ((grid[:, 0] >> bit) & 1) << (2 * bit) | ((grid[:, 1] >> bit) & 1) << (2 * bit + 1)
    return np.argsort(code, kind="stable")


@kernel
def _cut(distance, index, rows, weight, cap, reach, most, every):  # type: ignore[no-untyped-def]
    """How many of each centre's nearest areas are within bounds, and which.

    Not known, 0: where the area that ends the list, taken last or left out first, may tie with one that was
    not asked for (`every`: all were). Beyond `reach` the tree gives no area, but an infinite distance.
    """
    kept = np.zeros(len(rows), np.int64)
    area = np.empty(index.size, np.int32)
    used = 0
    last = index.shape[1] - 1
    for i in range(len(rows)):
        _in_order(distance[i], index[i], rows[i])
        total = weight[index[i, 0]]
        fits = 1
        while fits <= last and fits < most and distance[i, fits] <= reach:
            total += weight[index[i, fits]]
            if total > cap:
                break
            fits += 1
        end = fits - 1 if fits == most else min(fits, last)
        if every or distance[i, last] > distance[i, end] or distance[i, end] > reach:
            kept[i] = fits
            for j in range(fits):
                area[used + j] = index[i, j]
            used += fits
    return kept, area[:used].copy()


@kernel
def _in_order(distance, index, centre):  # type: ignore[no-untyped-def]
    """Bring equal distances into the order of positions, and a centre before those that lie on it."""
    for j in range(1, len(index)):
        if distance[j] != distance[j - 1]:
            continue
        d, a = distance[j], index[j]
        m = j
        while m > 0 and distance[m - 1] == d and index[m - 1] != centre and (index[m - 1] > a or a == centre):
            distance[m], index[m] = distance[m - 1], index[m - 1]
            m -= 1
        distance[m], index[m] = d, a


@kernel
def _copy(at, kept, lists, area, depth):  # type: ignore[no-untyped-def]
    """Write lists that lie one after the other to their places."""
    used = 0
    for i in range(len(kept)):
        for j in range(kept[i]):
            area[at[i] + j] = lists[used + j]
            depth[at[i] + j] = j
        used += kept[i]
