"""What each model makes of a table of counts, by plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mahalleh.watch import Baseline, reference, scan
from mahalleh.watch._statistics import CONDITIONAL, EXPECTATION, SCORE
from mahalleh.watch._studies import problem_of, study_of
from mahalleh.watch._zones import Zones

COUNTS = np.array([[4, 0, 1, 3], [2, 2, 0, 6]])
PEOPLE = np.array([[1.0, 1, 3, 3], [2, 2, 2, 2]])  # the first area's people grow in number
LAST = slice(2, 4)
ALONE = Zones(
    start=np.array([0, 1, 2]), area=np.array([0, 1], np.int32), depth=np.zeros(2, np.int32), path=True
)


def study(model, *, people=None, expected=None, score=False, window=LAST):
    return study_of(model, COUNTS, (0, 1), people, expected, window, score=score)


def varied(areas=2, periods=4):
    """A baseline whose every number is another."""
    rng = np.random.default_rng(1)
    shape = (areas, periods)
    return Baseline(
        rng.uniform(1, 9, shape), rng.uniform(1, 3, shape), rng.random((*shape, 2)), rng.random((periods, 3))
    )


def test_poisson__expects_shares_of_people_and_time():
    """18 cases, 16 people-weeks; of people who stay, each week has a quarter."""
    np.testing.assert_allclose(study("poisson", people=PEOPLE).mean, PEOPLE * 18 / 16)
    staying = study("poisson", people=np.array([1.0, 2.0]))
    np.testing.assert_allclose(staying.mean, [[18 / 12] * 4, [36 / 12] * 4])
    assert (staying.statistic, staying.total, staying.per_case) == (CONDITIONAL, 18, None)


def test_poisson__knows_expected_counts_up_to_a_factor():
    for factor in (1, 7):
        found = study("poisson", people=np.array([5.0, 1.0]), expected=PEOPLE * factor)
        np.testing.assert_allclose(found.mean, PEOPLE * 18 / 16)
        np.testing.assert_allclose(found.weight, [5.0, 1.0])


def test_permutation__expects_the_products_of_totals():
    found = study("permutation", people=PEOPLE)
    np.testing.assert_allclose(found.mean, np.outer([8, 10], [6, 2, 1, 9]) / 18)
    np.testing.assert_array_equal(found.weight, [8, 10])
    assert (found.statistic, found.total, found.per_case) == (CONDITIONAL, 18, None)


@pytest.mark.parametrize(("score", "statistic"), [(False, EXPECTATION), (True, SCORE)])
def test_expectation__takes_what_is_given(score, statistic):
    found = study("expectation", expected=PEOPLE, score=score)
    np.testing.assert_array_equal(found.mean, PEOPLE)
    assert (found.statistic, found.total, found.per_case) == (statistic, np.inf, None)


@pytest.mark.parametrize(("score", "statistic"), [(False, EXPECTATION), (True, SCORE)])
def test_negative_binomial__draws_the_scanned_periods_and_weighs_by_dispersion(score, statistic):
    baseline = varied()
    found = study("negative-binomial", expected=baseline, score=score)
    np.testing.assert_array_equal(found.mean, baseline.mean)
    np.testing.assert_array_equal(found.per_case, 1 / baseline.dispersion)
    drawn = found.draws.baseline
    np.testing.assert_array_equal(drawn.mean, baseline.mean[:, 2:])
    np.testing.assert_array_equal(drawn.dispersion, baseline.dispersion[:, 2:])
    np.testing.assert_array_equal(drawn.spread, baseline.spread[:, 2:])
    np.testing.assert_array_equal(drawn.shared, baseline.shared[2:])
    assert (found.statistic, found.total) == (statistic, np.inf)


def test_draws__of_the_scanned_periods_come_around_what_is_expected_there():
    for model, options in (
        ("poisson", {"people": PEOPLE}),
        ("permutation", {}),
        ("expectation", {"expected": PEOPLE}),
    ):
        found = study(model, **options)
        drawn = np.stack([found.draws.draw(5, number) for number in range(2000)])
        wanted = found.mean[:, LAST]
        assert drawn.shape[1:] == wanted.shape
        assert (np.abs(drawn.mean(axis=0) - wanted) < 4 * np.sqrt(wanted / 2000)).all()


def test_weight__is_the_people_or_what_is_expected_of_them():
    """By people: an eighth and more of 16. Without people: the expected counts, over all periods."""
    for model, expected in (("expectation", PEOPLE), ("negative-binomial", varied())):
        mean = expected if model == "expectation" else expected.mean
        np.testing.assert_allclose(study(model, expected=expected).weight, mean.sum(axis=1))
        np.testing.assert_allclose(study(model, expected=expected, people=PEOPLE).weight, [2.0, 2.0])
        staying = study(model, expected=expected, people=np.array([3.0, 1.0]))
        np.testing.assert_array_equal(staying.weight, [3.0, 1.0])
    np.testing.assert_allclose(study("poisson", people=PEOPLE).weight, [2.0, 2.0])
    np.testing.assert_allclose(study("poisson", expected=PEOPLE).weight, [9.0, 9.0])  # 8 of 16 of 18 each


@given(st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_problem__has_every_window_once(periods, longest, prospective):
    longest = min(longest, periods)
    window = slice(periods - longest if prospective else 0, periods)
    mean = np.ones((2, periods))
    plain = study_of("expectation", np.ones((2, periods), int), (0, 1), None, mean, window, score=False)
    found = problem_of(plain, ALONE, window, longest, 2, prospective=prospective)
    spans = reference.windows(window.stop - window.start, longest, prospective=prospective)
    assert found.windows.tolist() == [[span.start, span.stop] for span in spans]


def test_problem__of_plain_counts_is_on_the_scale_of_one():
    found = problem_of(study("poisson", people=PEOPLE), ALONE, LAST, 2, 3, prospective=True)
    np.testing.assert_array_equal(found.expected, study("poisson", people=PEOPLE).mean[:, LAST])
    np.testing.assert_array_equal(found.weights, np.ones((2, 2)))
    assert (found.scale, found.floor.tolist(), found.total) == (1.0, [3, 3], 18.0)


@given(st.floats(0.1, 1e6))
def test_problem__weighs_by_whole_parts_that_leave_room_for_eight_times_the_expected(size):
    """The most parts to one, a power of two from 16 on, with which (expected + 10) * 8 stays below 32,768."""
    baseline = varied()
    heavy = Baseline(baseline.mean * size, baseline.dispersion, baseline.spread, baseline.shared)
    found = problem_of(
        study("negative-binomial", expected=heavy), ALONE, LAST, 2, 3, prospective=True
    )  # fmt: skip
    expected = heavy.mean[:, 2:].sum()
    fitting = [parts for parts in 2 ** np.arange(16) if (expected + 10) * 8 * parts <= 32_768]
    assert found.scale == max([*fitting, 16])
    weights = np.round(found.scale / heavy.dispersion[:, 2:])
    np.testing.assert_array_equal(found.weights, weights)
    np.testing.assert_allclose(found.expected, heavy.mean[:, 2:] * weights / found.scale)
    assert found.floor.tolist() == (3 * weights.min(axis=1)).tolist()


def test_problem__a_case_of_the_most_dispersed_count_still_weighs_something():
    baseline = varied()
    wild = Baseline(baseline.mean, np.full((2, 4), 1e6), baseline.spread, baseline.shared)
    found = problem_of(study("negative-binomial", expected=wild), ALONE, LAST, 2, 2, prospective=True)
    np.testing.assert_array_equal(found.weights, np.ones((2, 2)))


def test_scan__holds_its_maxima_against_the_models_own_tail():
    """One area, one week: a replicate's maximum is the ratio of one Poisson count. By Kolmogorov and Smirnov
    such a sample would be told from any other at a level of one in a thousand."""
    result = scan(
        [[3, 90]], coordinates=[[0, 0]], model="expectation", expected=[[3.0, 64.0]], max_periods=1,
        max_population=1.0, replicates=2000, seed=8,
    )  # fmt: skip
    counts = stats.poisson.rvs(64.0, size=20_000, random_state=np.random.default_rng(1))
    ratios = [reference.expectation(float(c), 64.0) if c >= 2 else 0.0 for c in counts]
    assert stats.ks_2samp(result.maxima.round(9), np.round(ratios, 9)).pvalue > 0.001  # values tie
