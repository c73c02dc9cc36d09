"""Circles against their slow and obvious twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh.watch import _circles, reference
from mahalleh.watch._circles import circles
from tests.watch.towns import ground


@given(
    st.integers(0, 10_000),
    st.sampled_from(["random", "grid", "places", "crowd"]),
    st.integers(1, 90),
    st.sampled_from([0.001, 0.05, 0.3, 0.5, 1.0]),
    st.sampled_from([None, 1, 2, 6, 40, 1000]),
    st.sampled_from(["none", "zero", "reached", "between", "far"]),
)
@settings(max_examples=150)
def test_circles__are_those_of_the_twin_in_its_order(seed, kind, areas, max_weight, max_areas, radius):
    """Members in order, centres in order; by radii that areas lie on, and shares that sums come to."""
    rng = np.random.default_rng(seed)
    xy = ground(kind, areas, rng)
    weight = rng.choice([0.0, 0.1, 0.2, 0.7], areas) if seed % 2 else rng.lognormal(0, 1, areas)
    away = np.sqrt(((xy[0] - xy[-1]) ** 2).sum())
    max_radius = {"none": None, "zero": 0.0, "reached": away, "between": 0.37 * away, "far": 1e9}[radius]
    bounds = {"max_weight": max_weight, "max_areas": max_areas, "max_radius": max_radius}
    forest = circles(xy, weight, **bounds)
    found = [tuple(forest.members(e).tolist()) for e in range(len(forest.area))]
    zones = reference.circles(xy, weight, **bounds)
    assert found == [zone for c in reference.along_curve(xy) for zone in zones if zone[0] == c]
    centres = [found[entry] for entry in forest.start[:-1]]
    assert centres == [(c,) for c in reference.along_curve(xy)]
    assert forest.depth.tolist() == [len(zone) - 1 for zone in found]
    assert forest.start[-1] == len(found)
    assert forest.path


def watched(monkeypatch):
    """How many centres asked for how many areas each, call by call."""
    asked = []

    class Tree(_circles.cKDTree):
        def query(self, x, k, **settings):
            asked.append((len(x), len(k)))
            return super().query(x, k, **settings)

    monkeypatch.setattr(_circles, "cKDTree", Tree)
    return asked


def test_circles__of_a_radius_ask_for_no_more_than_lie_within(monkeypatch):
    """A cap of half the people is no reason to ask every centre for half the city; a crowd in one place is
    none to ask as much elsewhere."""
    rng = np.random.default_rng(8)
    xy = np.concatenate([rng.random((3000, 2)), 0.05 * rng.random((200, 2))])
    asked = watched(monkeypatch)
    forest = circles(xy, np.ones(len(xy)), max_weight=0.5, max_radius=0.05)
    assert sum(rows * k for rows, k in asked) < 1.6 * len(forest.area)
    assert sum(rows for rows, _ in asked) < 1.1 * len(xy)
    assert len(forest.area) < 40 * len(xy)


def test_circles__of_a_share_or_number_mostly_ask_once_and_some_centres_at_a_time(monkeypatch):
    rng = np.random.default_rng(9)
    xy, weight = rng.random((4000, 2)), rng.lognormal(0, 0.5, 4000)
    for bounds in ({"max_weight": 0.02}, {"max_weight": 0.5, "max_areas": 50}):
        asked = watched(monkeypatch)
        forest = circles(xy, weight, **bounds)
        assert sum(rows for rows, _ in asked) < 1.2 * len(xy)
        assert sum(rows * k for rows, k in asked) < 1.5 * len(forest.area)
        assert len(asked) >= 8  # or threads would have nothing to share
        assert max(rows * k for rows, k in asked) <= 2 * _circles.AT_ONCE


def test_circles__a_share_that_is_reached_but_for_rounding_is_kept():
    """Of ten tenths, 0.1 + 0.1 + 0.1 is more than 0.3 in floating point, and no more than three tenths."""
    xy = np.arange(10.0)[:, None] * [1.0, 0.0]
    forest = circles(xy, np.full(10, 0.1), max_weight=0.3)
    assert np.diff(forest.start).tolist() == [3] * 10


def test_circles__a_share_that_is_missed_by_a_millionth_is_not():
    xy = np.arange(10.0)[:, None] * [1.0, 0.0]
    forest = circles(xy, np.full(10, 0.1), max_weight=0.3 * (1 - 1e-6))
    assert np.diff(forest.start).tolist() == [2] * 10
