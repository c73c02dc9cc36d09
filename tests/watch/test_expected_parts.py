"""The regressions against a general optimiser, the columns against the calendar on the wall."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from mahalleh.watch._design import feasts, harmonics, years
from mahalleh.watch._regression import fit_areas, fit_shrunk, fit_totals
from mahalleh.watch.expected import (
    CITY_DRIFT,
    CITY_WEEK,
    PAST_RISE,
    SEASON_YEARS,
    _City,
    _dispersion,
    _drift,
    _just_now,
    _lasting,
    _long,
    _rolled,
    _without_rises,
)
from tests.days import WEEK


def weeks(first, count):
    """A panel's times."""
    start = np.datetime64(first) + WEEK * np.arange(count)
    return xr.DataArray(
        np.zeros(count),
        dims="period",
        coords={
            "period": start.astype("datetime64[ns]"),
            "period_end": ("period", (start + WEEK).astype("datetime64[ns]")),
        },
    )


def slow_fit(counts, offset, design, prior, weights, dispersion):
    """The same posterior mode of one area, by a general optimiser of the penalised log likelihood."""

    def loss(b):
        log_mean = np.log(offset) + design @ b
        likelihood = (weights * (counts * log_mean - np.exp(log_mean))).sum() / dispersion
        return (b**2 / prior).sum() / 2 - likelihood

    def slope(b):
        mean = offset * np.exp(design @ b)
        return b / prior - design.T @ (weights * (counts - mean)) / dispersion

    start = np.zeros(design.shape[1])
    return optimize.minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-9}).x


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), dispersion=st.floats(1, 3), level=st.floats(0.05, 30))
def test_fit_areas__is_the_mode_that_an_optimiser_finds(seed, dispersion, level):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(60), np.linspace(-1, 1, 60), harmonics(np.arange(60) / 52, 1)])
    offset = level * rng.uniform(0.5, 2, (3, 60))
    counts = rng.poisson(offset)
    weights = (rng.random((3, 60)) > 0.1).astype(float)
    prior = np.array([0.5, 0.1, 0.2, 0.2]) ** 2
    over = np.full(3, dispersion)
    fit = fit_areas(counts, offset, design, prior, weights=weights, dispersion=over, start=None)
    for area in range(3):
        slow = slow_fit(counts[area], offset[area], design, prior, weights[area], dispersion)
        np.testing.assert_allclose(fit.coefficients[area], slow, atol=2e-5)


def test_fit_areas__gives_the_inverse_of_the_information():
    """One column, one area: variance 1 / (sum of means / dispersion + 1 / prior)."""
    counts, offset = np.full((1, 50), 4.0), np.full((1, 50), 4.0)
    fit = fit_areas(
        counts,
        offset,
        np.ones((50, 1)),
        np.array([0.25]),
        weights=np.ones((1, 50)),
        dispersion=np.array([2.0]),
        start=None,
    )
    assert fit.covariance[0, 0, 0] == pytest.approx(1 / (50 * 4 / 2 + 1 / 0.25), rel=1e-3)


def test_fit_areas__of_an_area_without_cases_stays_within_its_prior():
    fit = fit_areas(
        np.zeros((1, 100)),
        np.full((1, 100), 1e-4),
        np.ones((100, 1)),
        np.array([0.25]),
        weights=np.ones((1, 100)),
        dispersion=np.ones(1),
        start=None,
    )
    # the mode solves b / 0.25 = -0.01 exp(b): b = -W(0.0025), Lambert's function
    assert fit.coefficients[0, 0] == pytest.approx(-special.lambertw(0.0025).real, abs=1e-6)


def test_fit_totals__is_a_plain_poisson_mean_where_nothing_shrinks():
    totals = np.array([3.0, 5, 4, 8, 10, 2])
    fit = fit_totals(totals, np.ones((6, 1)), np.array([1e9]), weights=np.ones(6), dispersion=1.0)
    assert np.exp(fit.coefficients[0]) == pytest.approx(totals.mean())


@pytest.mark.parametrize("spread", [0.1, 0.4, 1.0])
def test_fit_shrunk__learns_how_much_areas_differ(spread):
    rng = np.random.default_rng(5)
    level = spread * rng.standard_normal((400, 1))
    offset = np.full((400, 100), 3.0)
    fit = fit_shrunk(
        rng.poisson(offset * np.exp(level)).astype(float),
        offset,
        np.ones((100, 1)),
        np.array([0.25]),
        weights=np.ones((400, 100)),
        dispersion=np.ones(400),
        least=np.array([1e-4]),
    )
    # the standard error of a standard deviation from 400 is 1/sqrt(800) = 3.5%
    assert np.sqrt(fit.prior[0]) == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize(("over", "level"), [(1.0, 0.2), (1.0, 5), (1.5, 0.5), (2.0, 3), (3.0, 20)])
def test_dispersion__is_found_again_from_few_and_from_many(over, level):
    rng = np.random.default_rng(6)
    mean = np.full((300, 100), float(level))
    counts = rng.poisson(mean if over == 1 else rng.gamma(mean / (over - 1), over - 1)).astype(float)
    nothing = np.zeros(300)
    own, typical = _dispersion(counts, mean, np.ones(mean.shape), (nothing, nothing), over)
    assert typical == pytest.approx(over, rel=0.03)
    assert np.std(own) < 0.1 * over  # areas are alike, and found so
    assert (own >= 1).all()


def test_dispersion__follows_areas_that_differ():
    rng = np.random.default_rng(7)
    mean = np.full((200, 150), 8.0)
    over = np.where(np.arange(200) < 100, 1.2, 4.0)[:, None]
    counts = rng.poisson(rng.gamma(mean / (over - 1), over - 1)).astype(float)
    nothing = np.zeros(200)
    own, _ = _dispersion(counts, mean, np.ones(mean.shape), (nothing, nothing), 2.0)
    assert own[:100].mean() == pytest.approx(1.2, abs=0.15)
    assert own[100:].mean() == pytest.approx(4.0, abs=0.3)


def test_dispersion__of_areas_that_are_alike_is_that_of_all():
    """Estimates of one truth vary by their sampling alone: all but a twelfth of that is taken away."""
    rng = np.random.default_rng(8)
    mean = np.full((3000, 100), 5.0)
    counts = rng.poisson(rng.gamma(mean / 2, 2.0)).astype(float)  # variance three times the mean
    nothing = np.zeros(3000)
    shrunk, _ = _dispersion(counts, mean, np.ones(mean.shape), (nothing, nothing), 3.0)
    alone = ((counts - mean) ** 2 / mean).mean(axis=1)
    assert np.std(shrunk) < np.std(alone) / 12


@pytest.mark.parametrize(("weeks_", "told"), [(24, False), (104, True)])
def test_lasting__is_told_of_no_history_too_short_to_tell(weeks_, told):
    """Counts that stay high for four weeks: 24 weeks have six such runs, of which the fit followed a few."""
    rng = np.random.default_rng(9)
    mean = np.full((80, weeks_), 6.0)
    runs = rng.gamma(3.0, 1 / 3.0, (80, weeks_ // 4)).repeat(4, axis=1)
    counts = rng.poisson(mean * runs).astype(float)
    followed = np.ones(80), np.ones(80)
    excess, _ = _lasting(counts, mean, np.ones(mean.shape), np.full(80, 2.0), 2.0, followed)
    assert (excess > 1.0) if told else (excess == 0.0)


def test_rolled__makes_up_for_the_weeks_left_out_of_each_area_by_itself():
    weights = np.ones((2, 9))
    weights[0, 5:7] = 0.0  # two of the second run's four
    seen, usual, whole = _rolled(np.full((2, 9), 3.0), np.full((2, 9), 2.0), weights, 4)
    np.testing.assert_array_equal(seen, np.full((2, 2), 12.0))
    np.testing.assert_array_equal(usual, np.full((2, 2), 8.0))
    np.testing.assert_array_equal(whole, [[1, 0], [1, 1]])


@pytest.mark.parametrize(("years_", "long"), [(SEASON_YEARS, True), (SEASON_YEARS - 0.01, False)])
def test_season__is_told_from_a_year_and_a_half_on(years_, long):
    assert _long(np.array([0.0, years_, years_ + 0.02]), 1) is long


def test_just_now__is_the_gaussian_mean_of_prior_and_totals_where_nothing_breaks():
    usual, seen = np.full((40, 1), 10.0), np.full((40, 1), 10.4)
    prior, noise = 0.01, 1 / 400.0
    city = _City(mean=np.ones(9), factor=np.zeros(9), gain=np.zeros(9), prior=np.array([[prior]]))
    told = np.log((seen.sum() + 0.5) / (usual.sum() + 0.5))
    found = _just_now(seen, usual, np.ones(40), city, np.zeros(1))
    np.testing.assert_allclose(np.log(found), prior / (prior + noise) * told, rtol=1e-9)


def test_just_now__follows_a_break_that_no_drift_explains():
    usual, seen = np.full((40, 1), 10.0), np.full((40, 1), 4.0)
    city = _City(mean=np.ones(9), factor=np.zeros(9), gain=np.zeros(9), prior=np.array([[0.01]]))
    found = _just_now(seen, usual, np.ones(40), city, np.zeros(1))
    assert found[0] == pytest.approx(0.4, rel=0.02)


def test_without_rises__asks_the_exact_law():
    """One week of a Poisson mean of 2: left out from the least count with a chance under the limit."""
    least = int(stats.poisson.isf(PAST_RISE, 2.0)) + 1
    assert stats.poisson.sf(least - 1, 2.0) < PAST_RISE <= stats.poisson.sf(least - 2, 2.0)
    mean = np.full((2, 40), 2.0)
    counts = mean.copy()
    counts[0, 20], counts[1, 20] = least, least - 1
    weights = _without_rises(counts, mean, np.ones(2))
    assert weights[0, 20] == 0
    assert weights[1].all()


def test_without_rises__leaves_out_long_low_rises_and_falls():
    mean = np.full((2, 60), 10.0)
    counts = mean.copy()
    counts[0, 30:38] = 16.0  # 128 where 80 are usual: a chance of 4e-7
    counts[1, 30:38] = 5.0  # 40 where 80 are usual: 1e-6
    weights = _without_rises(counts, mean, np.ones(2))
    assert (weights[:, 30:38] == 0).all()
    assert weights[:, :22].all()
    assert weights[:, 46:].all()


def test_years__count_from_the_first_period_on():
    np.testing.assert_allclose(years(weeks("2024-01-01", 3)), np.array([0, 7, 14]) / 365.2425)


def test_harmonics__come_back_after_a_year():
    time = np.array([0.1, 1.1, 0.35])
    waves = harmonics(time, 2)
    np.testing.assert_allclose(waves[0], waves[1], atol=1e-12)
    np.testing.assert_allclose(waves[0, :2] ** 2 @ np.ones(2), 1)
    assert harmonics(time, 0).shape == (3, 0)


def test_feasts__none_without_a_calendar():
    assert feasts(weeks("2024-01-01", 5), None).shape == (5, 0)


def test_feasts__of_iran_are_shares_of_the_week():
    """Nowruz 1403 began on 20 March 2024, a Wednesday, and lasts 13 days."""
    nowruz = feasts(weeks("2024-03-11", 4), "iran")[:, 0]
    assert (feasts(weeks("2024-03-11", 4), "IR")[:, 0] == nowruz).all()
    np.testing.assert_allclose(nowruz, np.array([0, 5, 7, 1]) / 7)
    ramadan = feasts(weeks("2024-02-05", 30), "IRAN")[:, 1]
    assert 29 <= 7 * ramadan.sum() <= 30


def test_feasts__of_countries_are_their_public_holidays():
    christmas = feasts(weeks("2023-12-18", 3), "US")[:, 0]
    np.testing.assert_allclose(christmas, np.array([0, 1, 1]) / 7)  # 25 December and 1 January
    boxing_day = feasts(weeks("2023-12-25", 1), "gb-eng")[:, 0]
    np.testing.assert_allclose(boxing_day, np.array([2]) / 7)
    truman = feasts(weeks("2024-05-06", 1), "US-MO")[:, 0]  # 8 May, of Missouri alone
    np.testing.assert_allclose(truman, np.array([1]) / 7)


def test_drift__tells_what_lasts_from_what_is_gone_next_week():
    rng = np.random.default_rng(9)
    lasting, single, noise = 0.2, 0.15, 0.1
    level = np.repeat(rng.normal(0, lasting, 400), 50)  # a city's level, for 50 weeks each
    ratio = level + rng.normal(0, np.hypot(single, noise), level.size)
    week, drift = _drift(ratio, np.full(level.size, noise**2))
    # products over lags of 1 to 4 weeks reach into the next level in 2.5 of 50 weeks
    assert drift == pytest.approx(lasting**2 * (1 - 2.5 / 50), rel=0.15)  # 400 levels: 7% of a variance
    assert week == pytest.approx(single**2, rel=0.15)


def test_drift__counts_what_lasts_two_weeks_by_a_quarter():
    """The mean of the products over one to four weeks: what two weeks share is in one of the four."""
    rng = np.random.default_rng(10)
    fresh = rng.normal(0, 0.3, 20_001)
    _, drift = _drift(fresh[1:] + fresh[:-1], np.zeros(20_000))
    assert drift == pytest.approx(0.3**2 / 4, rel=0.1)


def test_drift__is_at_least_what_any_city_does():
    week, drift = _drift(np.zeros(100), np.full(100, 0.01))
    assert (week, drift) == pytest.approx((CITY_WEEK**2, CITY_DRIFT**2))
