"""Zones: the sets of areas that a scan looks at, each the one before it and one area more.

A family of zones is held as a forest. Below a root, which is a centre, every entry adds one area to the zone
of its parent, the nearest entry before it of one depth less. Circles are the special case of one path a
centre: its areas by distance. A scan then needs one addition a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mahalleh.watch._accelerate import cores, kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

FULL_SHAPES: Final = 5  # connected zones of up to so many areas are listed one and all
CORRIDOR: Final = 16  # ... and longer ones along the shortest ways, up to so many areas
MORE: Final = 1.12  # neighbours to ask for first, times those of an even city; most circles hold fewer
ROUNDING: Final = 1e-9  # a sum of shares that reaches the cap but for rounding is within it


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """A forest of zones over `A` areas.

    `start` (roots + 1,) int64: where each root's entries begin; `area` (entries,) int32: what each adds;
    `depth` (entries,) int32, from 0; `path` says that every root's depths just count up: circles.
    """

    start: NDArray[np.int64]
    area: Ints
    depth: Ints
    path: bool

    def members(self, entry: int) -> Ints:
        """The areas of one entry's zone, the centre first."""
        members: Ints = _members(self.area, self.depth, entry)
        return members


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
    tree = cKDTree(coordinates)
    rows = np.arange(areas)
    order = _sweep_order(coordinates)
    counts = np.zeros(areas, dtype=np.int64)
    near: list[Ints] = [np.empty(0, np.int32)] * areas
    reach = np.inf if max_radius is None else max_radius
    k = min(areas, most + 1, max(8, int(max_weight * areas * MORE) + 2))
    while rows.size:  # those whose circles are not yet known to be cut off ask for twice as many
        found = tree.query(coordinates[rows], k=np.arange(1, k + 1), workers=cores())
        distance, index = np.asarray(found[0]), np.asarray(found[1]).astype(np.int32)
        _in_order(distance, index, rows)
        fits = _kept(distance, index, weight, cap, reach)
        kept = np.minimum(fits, most)
        # the area that ends a row, taken last or left out first, must not tie with one that was not asked for
        end = np.where(fits < most, np.minimum(fits, k - 1), kept - 1)
        beyond = distance[:, -1] > distance[np.arange(len(rows)), end]
        done = beyond | (k == areas)
        for i in np.flatnonzero(done):
            near[rows[i]] = index[i, : kept[i]].copy()
            counts[rows[i]] = kept[i]
        rows = rows[~done]
        k = min(areas, 2 * k)
    start = np.concatenate([[0], np.cumsum(counts[order])]).astype(np.int64)
    area = np.concatenate([near[i] for i in order]).astype(np.int32)
    depth = (np.arange(len(area)) - np.repeat(start[:-1], np.diff(start))).astype(np.int32)
    return Zones(start=start, area=area, depth=depth, path=True)


def connected(
    pairs: Ints,
    coordinates: Floats,
    weight: Floats,
    *,
    max_weight: float,
    max_areas: int | None = None,
    max_radius: float | None = None,
) -> Zones:
    """Zones that hang together by common borders, so that rivers and corridors are found.

    All connected sets of up to FULL_SHAPES areas (Tango and Takahashi 2005, "A flexibly shaped spatial scan
    statistic", with every set once), and from every area the shortest ways along neighbours to the others, up
    to CORRIDOR areas (or `max_areas`, where that is less). `pairs` (m, 2): neighbouring positions i < j.
    """
    areas = len(coordinates)
    cap = max_weight * float(weight.sum()) * (1 + ROUNDING)
    reach = np.inf if max_radius is None else max_radius
    both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int32).reshape(-1, 2)
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    first = np.searchsorted(both[:, 0], np.arange(areas + 1)).astype(np.int64)
    full = FULL_SHAPES if max_areas is None else min(FULL_SHAPES, max_areas)
    long = CORRIDOR if max_areas is None else min(CORRIDOR, max_areas)
    size = 1 << 16
    while True:  # the number of shapes is known when they are listed: room is doubled until they fit
        start = np.zeros(2 * areas + 1, dtype=np.int64)
        area, depth = np.empty(size, np.int32), np.empty(size, np.int32)
        used = _shapes(
            first, both[:, 1].copy(), coordinates, weight, cap, reach, full, long, start, area, depth
        )
        if used >= 0:
            return Zones(start=start, area=area[:used].copy(), depth=depth[:used].copy(), path=False)
        size *= 2


def _sweep_order(coordinates: Floats) -> NDArray[np.int64]:
    """Centres along a Z-curve, so that those swept one after the other share their neighbours in cache."""
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    grid = ((coordinates - low) / np.maximum(high - low, 1e-300) * 1023).astype(np.int64)
    code = np.zeros(len(coordinates), dtype=np.int64)
    for bit in range(10):
        code |= ((grid[:, 0] >> bit) & 1) << (2 * bit) | ((grid[:, 1] >> bit) & 1) << (2 * bit + 1)
    return np.argsort(code, kind="stable")


@kernel
def _in_order(distance, index, rows):  # type: ignore[no-untyped-def]
    """Bring equal distances into the order of positions, and a centre before those that lie on it."""
    for i in range(len(rows)):
        for j in range(1, index.shape[1]):
            if distance[i, j] != distance[i, j - 1]:
                continue
            d, a = distance[i, j], index[i, j]
            m = j
            while (
                m > 0
                and distance[i, m - 1] == d
                and index[i, m - 1] != rows[i]
                and (index[i, m - 1] > a or a == rows[i])
            ):
                distance[i, m], index[i, m] = distance[i, m - 1], index[i, m - 1]
                m -= 1
            distance[i, m], index[i, m] = d, a


@kernel
def _kept(distance, index, weight, cap, reach):  # type: ignore[no-untyped-def]
    """How many of each row's areas are within bounds."""
    kept = np.full(len(index), index.shape[1])
    for i in range(len(index)):
        total = 0.0
        for j in range(index.shape[1]):
            total += weight[index[i, j]]
            if j > 0 and (total > cap or distance[i, j] > reach):
                kept[i] = j
                break
    return kept


@kernel
def _members(area, depth, entry):  # type: ignore[no-untyped-def]
    """The areas from an entry back to its root, the root's first."""
    out = np.empty(depth[entry] + 1, np.int32)
    wanted = depth[entry]
    while wanted >= 0:
        if depth[entry] == wanted:
            out[wanted] = area[entry]
            wanted -= 1
        entry -= 1
    return out


@kernel
def _shapes(first, other, xy, weight, cap, reach, full, long, start, area, depth):  # type: ignore[no-untyped-def]
    """Write all small connected sets, then the shortest ways; the number of entries, or -1 without room.

    The sets by Wernicke's enumeration (2006, "Efficient detection of network motifs", ESU): each set once,
    from its smallest area, by extending only with neighbours that are new to the whole set.
    """
    areas = len(first) - 1
    used = 0
    blocked = np.zeros(areas, np.int32)  # how many of the set's areas touch it, or one where it is in it
    room = np.empty((full + 1, areas), np.int32)  # what may still be added at each depth
    rooms = np.zeros(full + 1, np.int64)
    chosen = np.empty(full + 1, np.int32)
    totals = np.zeros(full + 1)
    for root in range(areas):
        start[root] = used
        if used >= len(area):
            return -1
        area[used], depth[used] = root, 0
        used += 1
        blocked[:] = 0
        blocked[root] = 1
        chosen[0], totals[0] = root, weight[root]
        rooms[1] = 0
        for e in range(first[root], first[root + 1]):
            blocked[other[e]] += 1
            if other[e] > root:
                room[1, rooms[1]] = other[e]
                rooms[1] += 1
        level = 1
        while level >= 1:
            if level >= full or rooms[level] == 0:
                if level >= full:
                    rooms[level] = 0
                level -= 1
                if level >= 1:  # take the last chosen area back
                    for e in range(first[chosen[level]], first[chosen[level] + 1]):
                        blocked[other[e]] -= 1
                continue
            rooms[level] -= 1
            new = room[level, rooms[level]]
            total = totals[level - 1] + weight[new]
            away = np.hypot(xy[new, 0] - xy[root, 0], xy[new, 1] - xy[root, 1])
            fits = total <= cap and away <= reach
            if not fits:
                continue  # neither it nor anything beyond it; others of the same room may
            if used >= len(area):
                return -1
            area[used], depth[used] = new, level
            used += 1
            chosen[level], totals[level] = new, total
            rooms[level + 1] = 0
            for r in range(rooms[level]):
                room[level + 1, r] = room[level, r]
            rooms[level + 1] = rooms[level]
            for e in range(first[new], first[new + 1]):
                if other[e] > root and blocked[other[e]] == 0:
                    room[level + 1, rooms[level + 1]] = other[e]
                    rooms[level + 1] += 1
                blocked[other[e]] += 1
            level += 1
    return _ways(first, other, xy, weight, cap, reach, long, start, area, depth, used)


@kernel
def _ways(first, other, xy, weight, cap, reach, long, start, area, depth, used):  # type: ignore[no-untyped-def]
    """From every area the tree of shortest ways along neighbours (Dijkstra), written from the root down."""
    areas = len(first) - 1
    far = np.empty(areas)
    parent = np.empty(areas, np.int32)
    steps = np.empty(areas, np.int32)
    total = np.empty(areas)
    state = np.empty(areas, np.int8)  # 0 unseen, 1 seen, 2 settled
    child = np.empty(areas, np.int32)  # the children of an area as a list: the first, and the next brother
    brother = np.empty(areas, np.int32)
    seen = np.empty(areas, np.int32)
    for root in range(areas):
        start[areas + root] = used
        state[:] = 0
        child[:] = -1
        far[root], parent[root], steps[root], total[root], state[root] = 0.0, -1, 0, weight[root], 1
        seen[0] = root
        waiting = 1
        while waiting > 0:
            at = 0
            for s in range(1, waiting):
                if far[seen[s]] < far[seen[at]]:
                    at = s
            here = seen[at]
            waiting -= 1
            seen[at] = seen[waiting]
            state[here] = 2
            if parent[here] >= 0:
                brother[here] = child[parent[here]]
                child[parent[here]] = here
            if steps[here] + 1 >= long:
                continue
            for e in range(first[here], first[here + 1]):
                there = other[e]
                length = far[here] + np.hypot(xy[there, 0] - xy[here, 0], xy[there, 1] - xy[here, 1])
                away = np.hypot(xy[there, 0] - xy[root, 0], xy[there, 1] - xy[root, 1])
                sum_there = total[here] + weight[there]
                if state[there] == 2 or sum_there > cap or away > reach:
                    continue
                if state[there] == 0 or length < far[there]:
                    if state[there] == 0:
                        seen[waiting] = there
                        waiting += 1
                    state[there] = 1
                    far[there], parent[there] = length, here
                    steps[there], total[there] = steps[here] + 1, sum_there
        # depth first, from the root: a stack of areas whose children are still to be written
        if used + 1 >= len(area):
            return -1
        area[used], depth[used] = root, 0
        used += 1
        here = root
        while True:
            below = child[here]
            if below >= 0:
                child[here] = brother[below]
                if used >= len(area):
                    return -1
                area[used], depth[used] = below, steps[below]
                used += 1
                here = below
            elif here == root:
                break
            else:
                here = parent[here]
    start[2 * areas] = used
    return used
