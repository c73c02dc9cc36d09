"""p-values against distributions that can be counted out or that SciPy knows."""

from __future__ import annotations

import statistics
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from mahalleh.watch import Baseline, scan
from mahalleh.watch.significance import gumbel_p_value, rank_p_value

CHANCE = np.array([4.0, 1.0, 2.0, 2.0, 7.0])


@pytest.mark.parametrize(
    ("value", "as_large"),
    [(8.0, 0), (7.0, 1), (6.9, 1), (2.0, 4), (np.nextafter(2.0, 3), 2), (1.0, 5), (0.0, 5)],
)
def test_rank__counts_the_finding_itself_and_all_that_do_as_well(value, as_large):
    assert Fraction(rank_p_value(value, CHANCE)) == Fraction((1 + as_large) / 6)
    assert rank_p_value(value, CHANCE) == (1 + sum(c >= value for c in CHANCE.tolist())) / (1 + 5)


@pytest.mark.parametrize("value", [-1.0, 3.0, 12.0, 60.0])
def test_gumbel__has_the_mean_and_the_unbiased_variance_of_the_maxima(value):
    """SciPy's Gumbel, placed by Python's own mean and sample variance; five maxima tell n from n - 1."""
    mean, variance = statistics.fmean(CHANCE.tolist()), statistics.variance(CHANCE.tolist())
    scale = np.sqrt(variance / stats.gumbel_r.var())
    fitted = stats.gumbel_r(loc=mean - stats.gumbel_r.mean() * scale, scale=scale)
    assert (fitted.mean(), fitted.var()) == pytest.approx((mean, variance))
    assert gumbel_p_value(value, CHANCE) == pytest.approx(fitted.sf(value), rel=1e-12)


def test_gumbel__of_maxima_that_do_not_differ_has_no_tail():
    for chance in (np.array([2.0]), np.array([2.0, 2.0, 2.0])):
        assert gumbel_p_value(1.0, chance) == gumbel_p_value(2.0, chance) == 1.0
        assert gumbel_p_value(2.1, chance) == 0.0


# Whole scans of studies so small that chance can be counted out

REPLICATES = 9_999


def within_chance(found, exact):
    """Four standard errors of a share of the replicates, and the step of a rank."""
    assert abs(found - exact) < 4 * np.sqrt(exact * (1 - exact) / REPLICATES) + 1 / REPLICATES


def look(counts, xy=((0.0, 0.0),), **settings):
    given = {"max_periods": 1, "max_population": 1.0, "replicates": REPLICATES, "seed": 3, **settings}
    return scan(np.array(counts), coordinates=xy[: len(counts)], **given)


def test_permutation__of_four_cases_is_as_likely_as_its_hands():
    """The last week is dealt two of two red and two black cards: both of a colour in 2 of 6 hands."""
    result = look([[0, 2], [2, 0]], xy=((0.0, 0.0), (9.0, 0.0)), model="permutation", max_areas=1)
    assert result.clusters[0].ratio == pytest.approx(2 * np.log(2) + 2 * np.log(2 / 3))
    within_chance(result.clusters[0].p_value, 2 / 6)


def test_poisson__of_one_area_is_binomial():
    """Three of four cases in the last of three equal weeks: (4 * 2 + 1) / 81; all four: 1 / 81."""
    three = look([[1, 0, 3]], model="poisson", population=[5.0])
    within_chance(three.clusters[0].p_value, 9 / 81)
    four = look([[0, 0, 4]], model="poisson", population=[5.0])
    within_chance(four.clusters[0].p_value, 1 / 81)


def test_expectation__of_one_area_is_poissons_tail():
    result = look([[2, 7]], model="expectation", expected=[[2.0, 3.0]])
    within_chance(result.clusters[0].p_value, stats.poisson.sf(6, 3.0))


def test_negative_binomial__of_one_area_is_its_tail():
    """Variance = dispersion x mean: n = mean / (dispersion - 1), p = 1 / dispersion."""
    baseline = Baseline(
        mean=np.array([[2.0, 4.0]]),
        dispersion=np.array([[1.5, 2.5]]),
        spread=np.zeros((1, 2, 0)),
        shared=np.zeros((2, 0)),
    )
    result = look([[2, 11]], model="negative-binomial", expected=baseline)
    within_chance(result.clusters[0].p_value, stats.nbinom.sf(10, 4.0 / 1.5, 1 / 2.5))


def test_p_values__of_a_scan_are_ranks_among_its_maxima():
    rng = np.random.default_rng(12)
    counts = rng.poisson(1.5, (12, 8))
    counts[0, -1] = 40
    result = look(
        counts, xy=rng.random((12, 2)), model="poisson", population=np.ones(12), max_population=0.3,
        replicates=99,
    )  # fmt: skip
    assert result.clusters[0].p_value == 1 / 100  # no replicate reaches it, and it is never 0
    assert len({cluster.p_value for cluster in result.clusters}) > 2
    for cluster in result.clusters:
        as_large = sum(value >= cluster.ratio for value in result.maxima.tolist())
        assert cluster.p_value == (1 + as_large) / (1 + 99)
        assert cluster.recurrence == 1 / cluster.p_value
        assert cluster.gumbel_p_value == gumbel_p_value(cluster.ratio, result.maxima)
