"""Usual ranges against distributions that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mahalleh.watch import Baseline
from mahalleh.watch.usual import DRAWS, chance_of_more, usual_counts

ROWS = np.array([0, 2])


def baseline(*, mean=8.0, dispersion=1.0, doubt=0.0, shared=0.0, areas=3, periods=6):
    shape = (areas, periods)
    return Baseline(
        mean=np.full(shape, mean),
        dispersion=np.full(shape, dispersion),
        spread=np.full((*shape, 1), doubt),
        shared=np.full((periods, 1), shared),
    )


def test_chance_of_more__is_that_of_the_count_itself_where_the_mean_is_certain():
    seen = np.array([[8, 20], [0, 3]])
    poisson = chance_of_more(baseline(), ROWS, seen, seed=1)
    assert poisson == pytest.approx(stats.poisson.sf(seen - 1, 8.0), rel=1e-5)  # six digits
    wide = chance_of_more(baseline(dispersion=2.5), ROWS, seen, seed=1)
    # variance 2.5 times the mean of 8: size 8 / 1.5, chance 1 / 2.5 (NB1)
    assert wide == pytest.approx(stats.nbinom.sf(seen - 1, 8 / 1.5, 1 / 2.5), rel=1e-9)


def test_chance_of_more__of_an_uncertain_mean_is_its_average():
    # by quadrature over the log-normal factor of mean 1
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()
    truth = (weight * stats.poisson.sf(19, 8.0 * np.exp(0.6 * z - 0.18))).sum()
    seen = np.full((2, 1), 20)
    found = np.array([chance_of_more(baseline(doubt=0.6), ROWS, seen, seed=seed) for seed in range(50)])
    assert found.mean() == pytest.approx(truth, abs=4 * found.std() / np.sqrt(found.size))
    assert found.std() < 0.2 * truth  # what 400 draws leave to chance


def test_usual_counts__have_the_mean_and_the_variance_that_the_baseline_says():
    drawn = usual_counts(baseline(mean=20.0, dispersion=3.0, doubt=0.3), ROWS, 4, seed=5)
    assert drawn.shape == (DRAWS, 2, 4)
    # given the mean m: 3 m; of the mean: 20^2 (exp(0.09) - 1)
    variance = 3 * 20 + 400 * (np.exp(0.09) - 1)
    error = np.sqrt(variance / DRAWS)
    assert drawn.mean(axis=0) == pytest.approx(20.0, abs=4 * error)
    assert drawn.var(axis=0) == pytest.approx(variance, rel=0.25)


def test_usual_counts__doubt_is_one_areas_own_or_the_whole_citys():
    def correlation(drawn, one, other):
        return np.corrcoef(drawn[(slice(None), *one)], drawn[(slice(None), *other)])[0, 1]

    own = usual_counts(baseline(mean=1e4, doubt=0.2), ROWS, 4, seed=5)
    assert correlation(own, (0, 0), (0, 3)) > 0.95  # the same area in another period
    assert abs(correlation(own, (0, 0), (1, 0))) < 0.15
    common = usual_counts(baseline(mean=1e4, shared=0.2), ROWS, 4, seed=5)
    assert correlation(common, (0, 0), (1, 3)) > 0.95


def test_usual_counts__are_those_of_the_newest_periods_and_of_the_seed():
    rising = baseline(mean=1.0)
    rising.mean[:, -1] = 1e4
    drawn = usual_counts(rising, ROWS, 2, seed=1)
    assert drawn[:, :, 0].mean() < 2 < 9e3 < drawn[:, :, 1].mean()
    assert (drawn == usual_counts(rising, ROWS, 2, seed=1)).all()
    assert (drawn != usual_counts(rising, ROWS, 2, seed=2)).any()
