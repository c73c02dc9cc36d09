"""Zones along borders against plain searches, and SciPy's shortest paths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from mahalleh.watch import reference
from mahalleh.watch._circles import circles
from mahalleh.watch._connected import CORRIDOR, FULL_SHAPES, connected
from tests.watch.towns import grid_pairs, grid_places


def small_sets(forest, areas):
    return [frozenset(forest.members(e).tolist()) for e in range(forest.start[areas])]


def ways_from(forest, areas, root):
    entries = range(forest.start[areas + root], forest.start[areas + root + 1])
    return [tuple(forest.members(e).tolist()) for e in entries]


def broken_grid(seed):
    """A grid of 4 by 5 with rivers without bridges, its areas anywhere within their fields."""
    rng = np.random.default_rng(seed)
    pairs = grid_pairs(4, 5)
    return pairs[rng.random(len(pairs)) < 0.8], grid_places(4, 5) + rng.random((20, 2)) / 4, rng.random(20)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 7), (3, 4), (4, 5)])
@pytest.mark.parametrize("max_areas", [None, 1, 2, 4, 5, 6])
def test_connected__lists_every_small_set_once(rows, columns, max_areas):
    pairs, xy = grid_pairs(rows, columns), grid_places(rows, columns)
    forest = connected(pairs, xy, np.ones(len(xy)), max_weight=1.0, max_areas=max_areas)
    small = small_sets(forest, len(xy))
    assert len(small) == len(set(small))
    largest = FULL_SHAPES if max_areas is None else min(max_areas, FULL_SHAPES)
    assert set(small) == reference.connected_sets(pairs.tolist(), len(xy), largest)
    assert FULL_SHAPES == 5  # as docs/analysts/scan.md says


@given(
    st.integers(0, 10_000),
    st.sampled_from([0.02, 0.2, 0.6, 1.0]),
    st.sampled_from([None, 1, 3, 9, 30]),
    st.sampled_from([None, 0.0, 1.3, 3.0]),
)
@settings(max_examples=60)
def test_connected__ways_are_those_of_the_twin(seed, max_weight, max_areas, max_radius):
    pairs, xy, weight = broken_grid(seed)
    forest = connected(pairs, xy, weight, max_weight=max_weight, max_areas=max_areas, max_radius=max_radius)
    for root in range(20):
        found = ways_from(forest, 20, root)
        wanted = reference.ways(
            pairs.tolist(),
            xy,
            weight,
            root,
            longest=min(max_areas or CORRIDOR, CORRIDOR),
            max_weight=max_weight,
            max_radius=np.inf if max_radius is None else max_radius,
        )
        assert len(found) == len(set(found))
        assert {found[0], *found} == wanted | {(root,)}
        assert found[0] == (root,)


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_connected__ways_are_scipys_shortest_paths(seed):
    pairs, xy, weight = broken_grid(seed)
    forest = connected(pairs, xy, weight, max_weight=1.0)
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    graph = coo_array((length, pairs.T), shape=(20, 20)).tocsr()
    far, before = shortest_path(graph, directed=False, return_predecessors=True)
    for root in range(20):
        last = {way[-1]: way for way in ways_from(forest, 20, root)}
        for there in range(20):
            if np.isinf(far[root, there]):
                assert there not in last
            elif len(last.get(there, ())) > 1:
                assert last[there][-2] == before[root, there]


@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.2, 0.6]), st.sampled_from([None, 0.0, 1.3]))
@settings(max_examples=40)
def test_connected__small_sets_keep_their_bounds_and_lack_none(seed, max_weight, max_radius):
    """A set stands where it can be grown from its lowest area without ever leaving the bounds: every set
    within them whose members lie near enough, since shares only grow."""
    pairs, xy, weight = broken_grid(seed)
    forest = connected(pairs, xy, weight, max_weight=max_weight, max_radius=max_radius)
    cap = max_weight * weight.sum() * (1 + 1e-9)

    def fits(zone):
        root, rows = min(zone), sorted(zone)
        near = np.hypot(*(xy[rows] - xy[root]).T).max() <= (np.inf if max_radius is None else max_radius)
        return len(zone) == 1 or (near and weight[rows].sum() <= cap)

    small = small_sets(forest, 20)
    assert len(small) == len(set(small))
    every = reference.connected_sets(pairs.tolist(), 20, FULL_SHAPES)
    assert set(small) == {zone for zone in every if fits(zone)}


def test_connected__shares_and_radii_that_are_just_reached_are_kept():
    """A row of ten tenths: three of them are three tenths, the third lies two steps away."""
    pairs, xy, tenths = grid_pairs(1, 10), grid_places(1, 10), np.full(10, 0.1)
    for bounds in ({"max_weight": 0.3}, {"max_weight": 1.0, "max_radius": 2.0}):
        forest = connected(pairs, xy, tenths, **bounds)
        assert max(map(len, ways_from(forest, 10, 0))) == 3
        assert frozenset([0, 1, 2]) in small_sets(forest, 10)
        assert frozenset([0, 1, 2, 3]) not in small_sets(forest, 10)


@pytest.mark.parametrize(("max_areas", "longest"), [(None, CORRIDOR), (9, 9), (99, CORRIDOR), (1, 1)])
def test_connected__corridors_end_after_so_many_areas(max_areas, longest):
    pairs, xy = grid_pairs(1, 30), grid_places(1, 30)
    forest = connected(pairs, xy, np.ones(30), max_weight=1.0, max_areas=max_areas)
    assert max(map(len, ways_from(forest, 30, 0))) == longest
    assert CORRIDOR == 16  # as docs/analysts/scan.md says


def test_connected__finds_room_for_any_number_of_shapes():
    """More than the 65,536 entries that are tried first."""
    pairs, xy = grid_pairs(40, 40), grid_places(40, 40)
    forest = connected(pairs, xy, np.ones(1600), max_weight=1.0)
    assert len(forest.area) > 1 << 16
    small = small_sets(forest, 1600)
    # polyominoes of 1 to 5 squares on a board of 40 by 40, by the bounding boxes of the fixed ones
    boxes = {1: [(1, 1, 1)], 2: [(1, 2, 1)], 3: [(1, 3, 1), (2, 2, 4)]}
    for size, shapes in boxes.items():
        wanted = 0
        for height, width, number in shapes:
            placed = (41 - height) * (41 - width) * number
            wanted += placed if height == width else 2 * placed
        assert sum(len(zone) == size for zone in small) == wanted


def test_connected__finds_a_corridor_that_no_circle_holds():
    """A rise along one row of a grid of 9 by 9."""
    pairs, xy = grid_pairs(9, 9), grid_places(9, 9)
    forest = connected(pairs, xy, np.ones(81), max_weight=0.2)
    row = frozenset(range(36, 45))
    ways = range(forest.start[81], len(forest.area))
    assert any(frozenset(forest.members(e).tolist()) == row for e in ways)
    round_ones = circles(xy, np.ones(81), max_weight=0.2)
    assert all(frozenset(round_ones.members(e).tolist()) != row for e in range(len(round_ones.area)))
