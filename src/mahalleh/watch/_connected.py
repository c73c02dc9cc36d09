"""Zones that hang together by common borders, so that rivers and corridors are found."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._accelerate import kernel
from mahalleh.watch._zones import ROUNDING, Zones

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

FULL_SHAPES: Final = 5  # connected zones of up to so many areas are listed one and all
CORRIDOR: Final = 16  # ... and longer ones along the shortest ways, up to so many areas


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
