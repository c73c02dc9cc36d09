"""Every kernel of the scan against its slow and obvious twin, on small cities of all sorts."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh.watch import Baseline, _circles, reference, scan
from mahalleh.watch._circles import circles
from mahalleh.watch._connected import CORRIDOR, FULL_SHAPES, connected
from mahalleh.watch._draws import binomial_cells, permuted_cells, poisson_cells
from mahalleh.watch._philox import philox, uniforms
from mahalleh.watch._statistics import CONDITIONAL, EXPECTATION, SCORE, largest_expected, may_reach, ratio
from mahalleh.watch.scan import _problem, _study


def town(seed, areas, periods, *, level=2.0):
    rng = np.random.default_rng(seed)
    xy = np.round(rng.random((areas, 2)) * 4)  # on a grid, so that distances tie and areas coincide
    mean = level * rng.lognormal(0, 0.7, (areas, 1)) * np.ones((1, periods))
    return xy, mean, rng.poisson(mean), rng


def grid_pairs(rows, columns):
    at = np.arange(rows * columns).reshape(rows, columns)
    across = np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()], axis=1)
    down = np.stack([at[:-1].ravel(), at[1:].ravel()], axis=1)
    return np.concatenate([across, down]).astype(np.int32)


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # the known answers of Random123, the paper's own library
        ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (
            [0xFFFFFFFF] * 4,
            [0xFFFFFFFF] * 2,
            [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
        ),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox__gives_the_known_answers(counter, key, words):
    assert [int(word) for word in philox(*(np.uint64(v) for v in counter + key))] == words


def test_uniforms__differ_by_seed_replicate_and_stream_and_are_uniform():
    def draw(seed, replicate, stream, size=10_001):
        out = np.empty(size)
        uniforms(np.uint64(seed), replicate, stream, 0, out)
        return out

    all_four = [draw(1, 0, 0), draw(2, 0, 0), draw(1, 1, 0), draw(1, 0, 1), draw(1 << 40, 0, 0)]
    correlation = np.corrcoef(all_four)
    assert abs(correlation - np.eye(5)).max() < 5 / np.sqrt(10_001)
    for values in all_four:
        assert values.min() >= 0
        assert values.max() < 1
        expected = 10_001 / 20
        chi2 = ((np.histogram(values, 20, (0, 1))[0] - expected) ** 2 / expected).sum()
        assert chi2 < 49.2  # 19 degrees of freedom, one in 10,000
    np.testing.assert_array_equal(draw(1, 0, 0), all_four[0])


def ground(kind, areas, rng):
    """Where areas may lie: at random, on a grid, on few places, crowded far from one that is alone."""
    if kind == "random":
        return rng.normal(size=(areas, 2)) * 1000
    if kind == "grid":
        return np.stack(np.divmod(np.arange(areas), 7), axis=1) * [1.0, 1 / 3] + 4e6
    if kind == "places":
        return np.round(rng.random((areas, 2)) * 4)
    return np.concatenate([rng.random((areas - 1, 2)), [[1e4, -1e4]]])


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


def test_circles__of_a_radius_ask_for_no_more_than_lie_within(monkeypatch):
    """A cap of half the people is no reason to ask every centre for half the city."""
    rng = np.random.default_rng(8)
    xy = rng.random((3000, 2))
    asked = []

    class Tree(_circles.cKDTree):
        def query(self, x, k, **settings):
            asked.append((len(x), len(k)))
            return super().query(x, k, **settings)

    monkeypatch.setattr(_circles, "cKDTree", Tree)
    forest = circles(xy, np.ones(3000), max_weight=0.5, max_radius=0.05)
    assert sum(rows * k for rows, k in asked) < 1.5 * len(forest.area)


def test_circles__a_share_that_is_reached_but_for_rounding_is_kept():
    """Of ten tenths, 0.1 + 0.1 + 0.1 is more than 0.3 in floating point, and no more than three tenths."""
    xy = np.arange(10.0)[:, None] * [1.0, 0.0]
    forest = circles(xy, np.full(10, 0.1), max_weight=0.3)
    assert np.diff(forest.start).tolist() == [3] * 10


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 7), (3, 4), (4, 5)])
def test_connected__lists_every_small_set_once(rows, columns):
    pairs = grid_pairs(rows, columns)
    xy = np.stack(np.divmod(np.arange(rows * columns), columns), axis=1).astype(float)
    forest = connected(pairs, xy, np.ones(len(xy)), max_weight=1.0)
    small = [frozenset(forest.members(e).tolist()) for e in range(forest.start[len(xy)])]
    assert len(small) == len(set(small))
    assert set(small) == reference.connected_sets(pairs.tolist(), len(xy), FULL_SHAPES)


@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.6, 1.0]), st.sampled_from([None, 3, 9]))
@settings(max_examples=30)
def test_connected__zones_hang_together_and_keep_their_bounds(seed, max_weight, max_areas):
    rng = np.random.default_rng(seed)
    pairs = grid_pairs(4, 5)
    pairs = pairs[rng.random(len(pairs)) < 0.8]  # rivers without bridges
    xy = np.stack(np.divmod(np.arange(20), 5), axis=1) + rng.random((20, 2)) / 4
    weight = rng.random(20)
    forest = connected(pairs, xy, weight, max_weight=max_weight, max_areas=max_areas, max_radius=3.0)
    for entry in range(len(forest.area)):
        zone = tuple(forest.members(entry).tolist())
        assert len(set(zone)) == len(zone)
        assert reference.hangs_together(zone, pairs.tolist())
        assert len(zone) == 1 or weight[list(zone)].sum() <= max_weight * weight.sum() * (1 + 1e-9)
        assert len(zone) <= min(max_areas or CORRIDOR, CORRIDOR)
        assert np.hypot(*(xy[list(zone)] - xy[zone[0]]).T).max() <= 3.0


def test_connected__finds_a_corridor_that_no_circle_holds():
    """A rise along one row of a grid of 9 by 9."""
    pairs = grid_pairs(9, 9)
    xy = np.stack(np.divmod(np.arange(81), 9), axis=1).astype(float)
    forest = connected(pairs, xy, np.ones(81), max_weight=0.2)
    row = frozenset(range(36, 45))
    ways = range(forest.start[81], len(forest.area))
    assert any(frozenset(forest.members(e).tolist()) == row for e in ways)
    round_ones = circles(xy, np.ones(81), max_weight=0.2)
    assert all(frozenset(round_ones.members(e).tolist()) != row for e in range(len(round_ones.area)))


@given(
    st.sampled_from([CONDITIONAL, EXPECTATION, SCORE]),
    st.floats(0.01, 30),
    st.integers(1, 60),
    st.floats(0.001, 60),
    st.sampled_from([1.0, 16.0]),
)
def test_largest_expected__is_where_the_level_is_reached(statistic, level, count, expected, scale):
    total = 80.0
    reach = largest_expected(statistic, level, total, scale, expected)
    assert (np.diff(reach) >= 0).all()
    at = round(count * scale)
    value = ratio(statistic, at / scale, expected, total)
    if abs(value - level) > 1e-9:
        by_table = int(np.searchsorted(reach, expected)) <= at if reach[-1] >= expected else False
        assert by_table == (value > level)


@given(
    st.sampled_from([CONDITIONAL, EXPECTATION, SCORE]),
    st.floats(0, 79),
    st.floats(0.001, 79.9),
    st.floats(0.001, 30),
)
def test_bound_without_logarithm__never_hides_a_zone(statistic, count, expected, level):
    if ratio(statistic, count, expected, 80.0) > level * (1 + 1e-9):
        assert may_reach(statistic, count, expected, 80.0, level)


CONDITIONAL_MODELS = ("poisson", "permutation")
MODELS = ["poisson", "permutation", "expectation", "negative-binomial"]


def study_of(model, seed, areas, periods, *, level=2.0):
    xy, mean, counts, rng = town(seed, areas, periods, level=level)
    people = mean[:, 0] * 100
    expected = None
    if model == "expectation":
        expected = mean
    if model == "negative-binomial":
        shape = (areas, periods)
        dispersion = np.repeat(rng.uniform(1, 3, (areas, 1)), periods, axis=1)
        expected = Baseline(
            mean, dispersion, rng.normal(0, 0.2, (*shape, 2)), rng.normal(0, 0.1, (periods, 1))
        )
    return xy, counts, people, expected


@given(
    st.sampled_from(MODELS),
    st.integers(0, 10_000),
    st.integers(1, 14),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from([0.3, 4.0, 400.0]),
    st.sampled_from(["expectation", "score"]),
)
@settings(max_examples=60)
def test_scan__finds_and_draws_what_the_twin_does(model, seed, areas, longest, prospective, level, statistic):
    """Observed clusters and every replicate's maximum, zone by zone with a logarithm each."""
    periods = 6
    xy, counts, people, expected = study_of(model, seed, areas, periods, level=level)
    result = scan(
        counts,
        model=model,
        coordinates=xy,
        population=people,
        expected=expected,
        max_periods=longest,
        max_population=0.5,
        prospective=prospective,
        replicates=40,
        seed=seed,
        statistic="score" if statistic == "score" and model not in CONDITIONAL_MODELS else "ratio",
    )
    window = slice(periods - longest if prospective else 0, periods)
    labels = tuple(range(areas))
    study = _study(model, counts, labels, people, expected, window, score=statistic == "score")
    forest = circles(xy, study.weight, max_weight=0.5)
    problem = _problem(study, forest, window, longest, 2, prospective=prospective)

    def largest(cells):
        return reference.table(
            cells,
            study.mean[:, window],
            reference.circles(xy, study.weight, max_weight=0.5),
            reference.windows(counts[:, window].shape[1], longest, prospective=prospective),
            statistic="conditional" if model in CONDITIONAL_MODELS else statistic,
            total=float(counts.sum()),
            share=problem.weights / problem.scale,  # as the scan rounds them, in replicates as in the data
        ).max()

    best = result.clusters[0].ratio if result.clusters else 0.0
    assert best == pytest.approx(largest(counts[:, window]), rel=1e-9, abs=1e-9)
    for number in range(0, 40, 4):
        cells = study.draws.draw(seed, number)
        assert result.maxima[number] == pytest.approx(largest(cells), rel=1e-9, abs=1e-9)


def test_scan__does_not_depend_on_the_number_of_threads():
    xy, counts, people, _ = study_of("poisson", 3, 60, 12)
    runs = [
        scan(counts, model="poisson", coordinates=xy, population=people, seed=5, threads=threads)
        for threads in (1, 2, 5)
    ]
    for other in runs[1:]:
        np.testing.assert_array_equal(runs[0].maxima, other.maxima)


def test_scan__of_counts_too_large_for_narrow_lanes_is_exact():
    """Sums beyond 32,767 need lanes of 32 bits; one count beyond 2**31 none at all."""
    xy = np.array([[0.0, 0], [1, 0], [2, 0], [9, 9]])
    for size in (30_000, 1_000_000):
        mean = np.full((4, 3), float(size))
        counts = np.full((4, 3), size)
        counts[0, 2] += 5 * int(size**0.5)
        result = scan(
            counts,
            model="expectation",
            coordinates=xy,
            expected=mean,
            max_periods=3,
            max_population=1,
            seed=2,
            replicates=50,
        )
        study = poisson_cells(mean)
        zones = reference.circles(xy, mean.sum(axis=1))
        for number in (0, 33, 49):
            table = reference.table(
                study.draw(2, number),
                mean,
                zones,
                reference.windows(3, 3, prospective=True),
                statistic="expectation",
                total=np.inf,
            )
            assert result.maxima[number] == pytest.approx(table.max(), rel=1e-8)


def test_replicates__have_the_moments_of_their_model():
    """Binomial total and multinomial cells; a permutation's fixed margins and hypergeometric variance."""
    expected = np.array([[4.0, 2.0], [1.0, 3.0]])
    cells = np.stack([binomial_cells(40, expected).draw(1, r) for r in range(4000)])
    share = expected / 40
    error = 4 / np.sqrt(4000)
    np.testing.assert_allclose(cells.mean(axis=0), expected, atol=error * 2)
    np.testing.assert_allclose(cells.var(axis=0), 40 * share * (1 - share), rtol=0.12)
    totals = cells.sum(axis=(1, 2))
    assert totals.var() == pytest.approx(40 * 0.25 * 0.75, rel=0.12)

    counts = np.array([[5, 1, 3, 2], [2, 2, 0, 6], [0, 4, 1, 1]])
    dealt = np.stack([permuted_cells(counts, slice(2, 4)).draw(7, r) for r in range(4000)])
    assert (dealt.sum(axis=1) == counts.sum(axis=0)[2:]).all()
    assert (dealt.sum(axis=2) <= counts.sum(axis=1)).all()
    n, total = counts.sum(axis=0)[2:], counts.sum()
    p = counts.sum(axis=1)[:, None] / total
    np.testing.assert_allclose(dealt.mean(axis=0), p * n, atol=error * 2)
    hypergeometric = n * p * (1 - p) * (total - n) / (total - 1)
    np.testing.assert_allclose(dealt.var(axis=0), hypergeometric, rtol=0.12)


def test_kernels__give_the_same_without_the_compiler():
    """The same code as plain Python, which a debugger and a coverage tool can follow."""
    program = """
import numpy as np
from mahalleh.watch import scan
rng = np.random.default_rng(4)
xy, counts = rng.random((9, 2)), rng.poisson(2.0, (9, 6))
for model in ("poisson", "permutation"):
    result = scan(counts, model=model, coordinates=xy, population=np.ones(9), max_population=0.5,
                  max_periods=3, replicates=40, seed=11)
    print(*result.maxima.tolist(), *result.clusters[0].areas)
"""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for off in ("0", "1")
    ]
    compiled, plain = (np.array(output.split(), dtype=float) for output in outputs)
    assert len(compiled) > 2 * 40
    np.testing.assert_allclose(compiled, plain, rtol=1e-13)  # two logarithms may differ in their last bit
