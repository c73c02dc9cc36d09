"""Every kernel of the scan against its slow and obvious twin, on small cities of all sorts."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh.watch import reference, scan
from mahalleh.watch._circles import circles
from mahalleh.watch._statistics import CONDITIONAL, EXPECTATION, SCORE, largest_expected, may_reach, ratio
from mahalleh.watch._studies import problem_of, study_of
from tests.watch.towns import CONDITIONAL_MODELS, MODELS, town_for


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
    xy, counts, people, expected = town_for(model, seed, areas, periods, level=level)
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
    study = study_of(model, counts, labels, people, expected, window, score=statistic == "score")
    forest = circles(xy, study.weight, max_weight=0.5)
    problem = problem_of(study, forest, window, longest, 2, prospective=prospective)

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
    xy, counts, people, _ = town_for("poisson", 3, 60, 12)
    runs = [
        scan(counts, model="poisson", coordinates=xy, population=people, seed=5, threads=threads)
        for threads in (1, 2, 5)
    ]
    for other in runs[1:]:
        np.testing.assert_array_equal(runs[0].maxima, other.maxima)


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
