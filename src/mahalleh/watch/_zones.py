"""Zones: the sets of areas that a scan looks at, each the one before it and one area more.

A family of zones is held as a forest. Below a root, which is a centre, every entry adds one area to the zone
of its parent, the nearest entry before it of one depth less. Circles are the special case of one path a
centre: its areas by distance. A scan then needs one addition a zone.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mahalleh.watch._accelerate import cores, kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

FULL_SHAPES: Final = 5  # connected zones of up to so many areas are listed one and all
CORRIDOR: Final = 16  # ... and longer ones along the shortest ways, up to so many areas
MORE: Final = 1.12  # neighbours to ask for first, times those of an even city; most circles hold fewer
AT_ONCE: Final = 1 << 17  # neighbours asked for at a time: two megabytes, which stay in a core's cache
FEWEST: Final = 64  # centres at a time: a call costs as much as the neighbours of a few
LEAST: Final = 1e-150  # a distance whose square is still above zero
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
