"""The maxima of replicates: exact, whatever the counts, the zones, the windows and the order of work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh.watch import Baseline, _replicates, reference, scan, sliding_maxima
from mahalleh.watch._circles import circles
from mahalleh.watch._connected import connected
from mahalleh.watch._draws import Predictive, poisson_cells
from mahalleh.watch._replicates import best_by_root, block_maxima, maxima
from mahalleh.watch._studies import problem_of, study_of
from mahalleh.watch._sweep import sweep_forest, sweep_paths
from tests.test_places import GRID
from tests.watch.towns import CONDITIONAL_MODELS, MODELS, grid_pairs, grid_places, town_for

NARROW, WIDE = np.uint16, np.uint32


def every_zone(forest):
    return [tuple(forest.members(entry).tolist()) for entry in range(len(forest.area))]


def connected_study(model, seed, *, periods=6, longest=3, level=3.0, prospective=True, min_cases=2):
    """A grid of 2 by 4 areas, scanned in zones along its borders."""
    _, counts, people, expected = town_for(model, seed, 8, periods, level=level)
    window = slice(periods - longest if prospective else 0, periods)
    study = study_of(model, counts, tuple(range(8)), people, expected, window, score=False)
    forest = connected(grid_pairs(2, 4), grid_places(2, 4), study.weight, max_weight=0.6)
    problem = problem_of(study, forest, window, longest, min_cases, prospective=prospective)
    return study, problem, counts, window


def table_of(study, problem, cells, window, *, model, min_cases=2):
    """Every zone and window of a problem by the twin."""
    spans = [slice(first, past) for first, past in problem.windows.tolist()]
    return reference.table(
        cells,
        study.mean[:, window],
        every_zone(problem.zones),
        spans,
        statistic="conditional" if model in CONDITIONAL_MODELS else "expectation",
        total=study.total,
        share=problem.weights / problem.scale,
        min_cases=min_cases,
    )


@given(st.sampled_from(MODELS), st.integers(0, 10_000), st.booleans(), st.integers(1, 4))
@settings(max_examples=15)
def test_connected__zones_are_looked_at_one_and_all(model, seed, prospective, min_cases):
    """Where zones branch: the best below every root, and every replicate's maximum."""
    study, problem, counts, window = connected_study(
        model, seed, prospective=prospective, min_cases=min_cases
    )
    best, entry, which = best_by_root(problem, counts[:, window] * problem.weights)
    table = table_of(study, problem, counts[:, window], window, model=model, min_cases=min_cases)
    start = problem.zones.start
    for root in range(len(start) - 1):
        below = table[start[root] : start[root + 1]]
        assert best[root] == pytest.approx(below.max(), rel=1e-9, abs=1e-9)
        if best[root] > 0:
            assert table[entry[root], which[root]] == pytest.approx(best[root], rel=1e-9)
            assert start[root] <= entry[root] < start[root + 1]
    found = maxima(problem, study.draws, replicates=35, seed=seed, threads=2)
    for number in (0, 17, 34):
        cells = study.draws.draw(seed, number)
        wanted = table_of(study, problem, cells, window, model=model, min_cases=min_cases).max()
        assert found[number] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_windows__of_a_long_retrospective_are_looked_at_one_and_all():
    """105 windows, more than are held at once."""
    study, problem, _, window = connected_study("expectation", 5, periods=20, longest=6, prospective=False)
    assert len(problem.windows) == 105 > _replicates.WINDOWS_AT_ONCE
    found = maxima(problem, study.draws, replicates=40, seed=9, threads=2)
    tops = set()
    for number in range(0, 40, 5):
        table = table_of(study, problem, study.draws.draw(9, number), window, model="expectation")
        assert found[number] == pytest.approx(table.max(), rel=1e-9)
        tops.add(int(table.max(axis=0).argmax()) // _replicates.WINDOWS_AT_ONCE)
    assert tops == {0, 1}  # the largest lies now among the first windows, now among the last


@pytest.mark.parametrize("model", MODELS)
def test_replicates__are_the_same_however_many_are_drawn(model):
    """A replicate is a function of the seed and its number: not of the others, nor of the level they set."""
    study, problem, _, _ = connected_study(model, 3)
    many = maxima(problem, study.draws, replicates=200, seed=4, threads=2)
    assert len(np.unique(many)) > 50
    for replicates in (1, 31, 32, 33, 65):
        some = maxima(problem, study.draws, replicates=replicates, seed=4, threads=1)
        np.testing.assert_array_equal(some, many[:replicates])
    other = maxima(problem, study.draws, replicates=200, seed=5, threads=2)
    assert (other != many).mean() > 0.9


def test_replicates__of_a_study_where_nothing_comes_have_no_maximum():
    """Two cases are needed; with a hundredth of a case expected hardly any replicate has them."""
    mean = np.full((4, 3), 0.001)
    study = study_of("expectation", np.zeros((4, 3), int), (0, 1, 2, 3), None, mean, slice(0, 3), score=False)
    forest = circles(np.eye(4, 2), study.weight, max_weight=1.0)
    problem = problem_of(study, forest, slice(0, 3), 3, 2, prospective=True)
    found = maxima(problem, study.draws, replicates=300, seed=1, threads=1)
    drawn = np.array([study.draws.draw(1, number).sum() for number in range(300)])
    assert (drawn >= 2).sum() < 5 < (drawn == 1).sum() + 5
    np.testing.assert_array_equal(found[drawn < 2], 0)
    nothing = replace(problem, total=0.0)
    np.testing.assert_array_equal(maxima(nothing, study.draws, replicates=3, seed=1, threads=1), [0, 0, 0])


def swept_at(monkeypatch, **settings):
    """How many replicates are swept at which level, in turn."""
    done = []

    def watched(levelled, which):
        done.append((levelled.level, len(which)))
        return block_maxima(levelled, which)

    monkeypatch.setattr(_replicates, "block_maxima", watched)
    rng = np.random.default_rng(2)
    xy, people = rng.random((300, 2)), rng.lognormal(7, 0.5, 300)
    counts = rng.poisson(0.002 * people[:, None], (300, 20))
    result = scan(
        counts, coordinates=xy, population=people, replicates=999, seed=1, threads=1, **settings
    )  # fmt: skip
    return done, result.maxima


@pytest.mark.parametrize("model", CONDITIONAL_MODELS)
def test_level__is_passed_by_most_replicates_so_that_few_are_swept_twice(monkeypatch, model):
    """About a tenth, as estimated from 32, lies below; those of the first block are not done again."""
    done, found = swept_at(monkeypatch, model=model)
    levels = list(dict.fromkeys(level for level, _ in done))
    by_level = {level: sum(size for at, size in done if at == level) for level in levels}
    first, main = levels[:2]
    assert first < main
    assert done[0] == (first, 32)
    assert by_level[main] >= 999 - 32
    assert 0.01 < (found < main).mean() < 0.3
    assert sum(by_level.values()) < 1.4 * 999
    assert all(size <= 32 for _, size in done)


def test_level__zero_is_for_those_that_are_left():
    """`_levelled` at 0 lets nothing through: a replicate's maximum is found wherever it lies."""
    study, problem, _, window = connected_study("poisson", 3, level=0.3)
    found = maxima(problem, study.draws, replicates=64, seed=11, threads=1)
    for number in np.argsort(found)[:6].tolist():
        table = table_of(study, problem, study.draws.draw(11, number), window, model="poisson")
        assert found[number] == pytest.approx(table.max(), rel=1e-9, abs=1e-9)


# Counts that do not fit


def test_counts__beyond_narrow_lanes_are_exact():
    """Sums beyond 32,767 need lanes of 32 bits."""
    size = 30_000
    xy = np.array([[0.0, 0], [1, 0], [2, 0], [9, 9]])
    mean = np.full((4, 3), float(size))
    counts = np.full((4, 3), size)
    counts[0, 2] += 5 * int(size**0.5)
    result = scan(
        counts, model="expectation", coordinates=xy, expected=mean, max_periods=3, max_population=1, seed=2,
        replicates=50,
    )  # fmt: skip
    draws, zones = poisson_cells(mean), reference.circles(xy, mean.sum(axis=1))
    spans = reference.windows(3, 3, prospective=True)
    for number in (0, 33, 49):
        cells = draws.draw(2, number)
        table = reference.table(cells, mean, zones, spans, statistic="expectation", total=np.inf)
        assert result.maxima[number] == pytest.approx(table.max(), rel=1e-8)


def test_counts__that_run_out_of_their_lanes_are_looked_at_one_by_one():
    """So dispersed that a mean of 20 now and then gives more than a narrow lane holds, where the least
    counts that matter are small: exact all the same, for all replicates of the block."""
    shape = (5, 4)
    mean = np.full(shape, 20.0)
    baseline = Baseline(mean, np.full(shape, 4000.0), np.zeros((*shape, 0)), np.zeros((4, 0)))
    xy = np.stack([np.arange(5.0), np.zeros(5)], axis=1)
    counts = np.zeros(shape, dtype=int)
    study = study_of("negative-binomial", counts, tuple(range(5)), None, baseline, slice(0, 4), score=False)
    forest = circles(xy, study.weight, max_weight=1.0)
    problem = problem_of(study, forest, slice(0, 4), 4, 2, prospective=True)
    heavy = replace(problem, weights=problem.weights * 400, expected=problem.expected * 400)
    found = maxima(heavy, study.draws, replicates=96, seed=6, threads=1)
    too_large = 0
    for number in range(96):
        cells = study.draws.draw(6, number)
        too_large += bool((cells * heavy.weights).sum(axis=1).max() > 32_767)
        wanted = table_of(study, heavy, cells, slice(0, 4), model="negative-binomial").max()
        assert found[number] == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert 0 < too_large < 96


@pytest.mark.parametrize("dtype", [NARROW, WIDE])
@pytest.mark.parametrize("branching", [False, True])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=25)
def test_sweep__hides_no_hit_even_where_sums_run_over(dtype, branching, seed):
    """Bit by bit, against sums that cannot run over; single counts are up to half of the lane's range."""
    rng = np.random.default_rng(seed)
    lanes = 64 // np.dtype(dtype).itemsize
    half = np.iinfo(dtype).max // 2
    forest = (
        connected(grid_pairs(2, 4), grid_places(2, 4), np.ones(8), max_weight=1.0)
        if branching
        else circles(rng.random((8, 2)), np.ones(8), max_weight=1.0)
    )
    largest = int(rng.choice([9, half]))
    counts = rng.integers(0, largest, (8, 8, lanes), endpoint=True).astype(dtype)
    thresholds = rng.integers(1, half, (len(forest.area), 8), endpoint=True).astype(dtype)
    if largest == 9:
        thresholds = rng.integers(20, 60, thresholds.shape).astype(dtype)
    hits = np.zeros(len(forest.start) - 1, dtype=np.uint64)
    if branching:
        sweep_forest(forest.start, forest.area, forest.depth, thresholds, counts, hits)
    else:
        sweep_paths(forest.start, forest.area, thresholds, counts, hits)
    zones = every_zone(forest)
    for root in range(len(hits)):
        entries = range(forest.start[root], forest.start[root + 1])
        sums = np.stack([counts[list(zones[e])].astype(np.int64).sum(axis=0) for e in entries])
        reached = (sums >= thresholds[entries.start : entries.stop, :, None]).any(axis=(0, 1))
        marked = [bool(int(hits[root]) >> lane & 1) for lane in range(lanes)]
        if sums.max() <= np.iinfo(dtype).max:
            assert marked == reached.tolist()  # not one too many either
        assert not (reached & ~np.array(marked)).any()


# Scans of the same city week by week


def test_sliding__maxima_are_those_of_each_weeks_scan():
    """By the twin, on the course that the same seed and number give: at the baseline's last period."""
    areas, periods, longest, weeks = 9, 5, 3, 6
    xy, _, people, baseline = town_for("negative-binomial", 2, areas, periods)
    baseline = replace(baseline, mean=baseline.mean * np.linspace(3, 1, periods))
    settings = {"coordinates": xy, "population": people, "max_population": 0.5, "max_periods": longest}
    found = sliding_maxima(baseline, seed=13, courses=2, weeks=weeks, threads=1, min_cases=3, **settings)
    assert found.shape == (2, weeks)
    last = Baseline(
        *(
            np.repeat(part[:, -1:], weeks + longest - 1, axis=1)
            for part in (baseline.mean, baseline.dispersion, baseline.spread)
        ),
        shared=np.repeat(baseline.shared[-1:], weeks + longest - 1, axis=0),
    )
    mean, parts = last.mean[:, :longest], 1024
    while (mean.sum() + 10) * 8 * parts > 32_768:
        parts //= 2
    share = np.round(parts / last.dispersion[:, :longest]) / parts
    zones = reference.circles(xy, people, max_weight=0.5)
    spans = reference.windows(longest, longest, prospective=True)
    for course in range(2):
        cells = Predictive(last).draw(13, course)
        for week in range(weeks):
            seen = cells[:, week : week + longest]
            table = reference.table(
                seen, mean, zones, spans, statistic="expectation", total=np.inf, share=share, min_cases=3
            )
            assert found[course, week] == pytest.approx(table.max(), rel=1e-9, abs=1e-9)


def test_sliding__takes_places_and_their_people():
    rng = np.random.default_rng(4)
    shape = (len(GRID), 6)
    baseline = Baseline(
        rng.uniform(2, 4, shape), np.full(shape, 1.5), np.zeros((*shape, 0)), np.zeros((6, 0))
    )
    given = {"places": GRID, "population": np.ones(len(GRID)), "max_population": 0.5, "max_periods": 3}
    for zones in ("circles", "connected"):
        found = sliding_maxima(baseline, seed=1, courses=1, weeks=4, zones=zones, **given)
        assert (found > 0).all()
    few = sliding_maxima(baseline, seed=1, courses=1, weeks=4, max_areas=1, **given)
    near = sliding_maxima(baseline, seed=1, courses=1, weeks=4, max_radius=0.0, **given)
    np.testing.assert_array_equal(few, near)
    assert (few <= found).all()
