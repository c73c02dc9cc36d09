"""What a scan hands on: its settings to the parts that they are for, and what the parts found."""

from __future__ import annotations

import sys
from itertools import count

import numpy as np
import pytest
import shapely

from mahalleh.places import adjacency, in_metres
from mahalleh.watch import reference, scan
from mahalleh.watch._connected import connected
from tests.test_places import GRID

AREAS = 20
XY = np.random.default_rng(6).random((AREAS, 2))
PEOPLE = np.random.default_rng(7).lognormal(7, 1, AREAS)
COUNTS = np.random.default_rng(8).poisson(0.003 * PEOPLE[:, None], (AREAS, 10))


def look(counts=COUNTS, **settings):
    given = {"model": "poisson", "coordinates": XY, "population": PEOPLE, "seed": 1, "replicates": 40}
    return scan(counts, **(given | settings))


@pytest.mark.parametrize(
    "bounds",
    [
        {"max_population": 0.3},
        {"max_population": 1.0, "max_areas": 4},
        {"max_population": 1.0, "max_radius": 0.25},
        {"max_population": 0.2, "max_areas": 7, "max_radius": 0.4},
    ],
)
def test_bounds__reach_the_circles(bounds):
    renamed = {key.replace("population", "weight"): value for key, value in bounds.items()}
    zones = reference.circles(XY, PEOPLE, **renamed)
    assert look(**bounds).zones == len(zones) > AREAS


@pytest.mark.parametrize(
    "bounds",
    [
        {"max_population": 0.5},
        {"max_population": 1.0, "max_areas": 2},
        {"max_population": 1.0, "max_radius": 1.0},
    ],
)
def test_bounds__reach_the_zones_along_borders(bounds):
    areas = len(GRID)
    counts = np.random.default_rng(1).poisson(3.0, (areas, 10))
    found = look(
        counts, places=GRID, coordinates=None, population=np.ones(areas), zones="connected", **bounds
    )
    renamed = {key.replace("population", "weight"): value for key, value in bounds.items()}
    centres = shapely.get_coordinates(shapely.centroid(in_metres(GRID)))
    assert found.zones == len(connected(adjacency(GRID), centres, np.ones(areas), **renamed).area)
    assert found.model == "poisson"


def test_statistic__is_the_one_asked_for():
    """Seven where three were expected: log likelihood ratio, or score."""
    given = {"coordinates": [[0, 0]], "population": None, "expected": [[2.0, 3.0]], "max_periods": 1}
    for statistic, value in (
        ("ratio", reference.expectation(7, 3.0)),
        ("score", reference.score(7, 3.0)),
    ):
        found = look([[2, 7]], model="expectation", max_population=1.0, statistic=statistic, **given)
        assert found.clusters[0].ratio == pytest.approx(value)


def test_periods__before_the_longest_window_are_not_looked_at():
    """A past rise is found in retrospect alone, at its own periods."""
    counts = COUNTS.copy()
    counts[3, 2:4] += 60
    past = look(counts, prospective=False, max_periods=3).clusters[0]
    assert (past.areas[0], past.start, past.end) == (3, 2, 3)
    for cluster in look(counts, max_periods=3).clusters:
        assert cluster.start >= 7
        assert cluster.end == 9


def test_replicates__can_run_elsewhere_in_blocks():
    """40 replicates: a first block of 32, and the rest; `over` is asked where there are several blocks."""
    calls = []

    def elsewhere(work, blocks):
        calls.append(len(list(blocks)))
        return map(work, blocks)

    result = look(replicates=200, over=elsewhere)
    assert calls
    assert all(blocks > 1 for blocks in calls)
    np.testing.assert_array_equal(result.maxima, look(replicates=200).maxima)


def test_threads__are_as_many_as_said(monkeypatch):
    pools = []
    replicates = sys.modules["mahalleh.watch._replicates"]
    pool = replicates.ThreadPoolExecutor
    monkeypatch.setattr(replicates, "ThreadPoolExecutor", lambda n: pools.append(n) or pool(n))
    for threads in (1, 3):
        look(threads=threads)
    assert pools == [1, 3]


def test_seconds__are_told_by_step(monkeypatch):
    ticks = (2**tick for tick in count())
    monkeypatch.setattr(sys.modules["mahalleh.watch.scan"], "perf_counter", lambda: next(ticks))
    assert look().seconds == {"zones": 1, "observed": 2, "replicates": 4}
