"""Farrington's algorithm by its own arithmetic; against R's `surveillance` in tests/peers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mahalleh.errors import WatchError
from mahalleh.watch.farrington import _references, _seasons, farrington, upper_bound
from tests.days import DAY, WEEK

WEEKS = 300
MONDAYS = np.datetime64("2019-01-07") + WEEK * np.arange(WEEKS)


@given(mean=st.floats(0.05, 200), dispersion=st.floats(1.001, 6), alpha=st.sampled_from([0.05, 0.01, 0.001]))
def test_upper_bound__is_the_quantile(mean, dispersion, alpha):
    law = stats.nbinom(mean / (dispersion - 1), 1 / dispersion)
    found = int(upper_bound(np.array([mean]), np.array([dispersion]), alpha)[0])
    assert law.cdf(found) >= 1 - alpha - 1e-9
    assert found == 0 or law.cdf(found - 1) < 1 - alpha + 1e-9


def test_upper_bound__without_dispersion_is_poissons():
    means = np.array([0.1, 1.0, 4.0, 33.0])
    found = upper_bound(means, np.ones(4), 0.05)
    np.testing.assert_array_equal(found, stats.poisson.ppf(0.95, means))


def test_farrington__of_constant_counts_expects_them():
    found = farrington(np.full(WEEKS, 6), MONDAYS, newest=5)
    np.testing.assert_allclose(found.expected, 6, rtol=1e-6)
    np.testing.assert_array_equal(found.dispersion, 1)
    np.testing.assert_array_equal(found.upper, stats.poisson.ppf(0.95, 6))
    assert not found.alarm.any()
    np.testing.assert_allclose(found.p_value, stats.poisson.sf(5, 6), rtol=1e-6)


def test_farrington__with_one_season_is_the_mean_of_the_same_weeks():
    """Two years back, a week on either side, nothing unusual: the mean of six counts, without a trend."""
    rng = np.random.default_rng(1)
    counts = rng.integers(4, 7, WEEKS)
    found = farrington(counts, MONDAYS, newest=1, years=2, half_window=1, seasons=1)
    date = MONDAYS[-1].astype(object)
    same = [np.abs(MONDAYS - np.datetime64(date.replace(year=date.year - back))).argmin() for back in (1, 2)]
    mean = np.mean([counts[week - 1 : week + 2] for week in same])
    assert found.expected[0, 0] == pytest.approx(mean, rel=1e-6)
    assert not found.trend[0, 0]


def test_farrington__is_the_same_for_many_series_as_for_each():
    counts = np.random.default_rng(2).poisson(
        3 + 2 * np.sin(np.arange(WEEKS) * 2 * np.pi / 52.18), (5, WEEKS)
    )
    together = farrington(counts, MONDAYS, newest=6)
    for number, own in enumerate(counts):
        alone = farrington(own, MONDAYS, newest=6)
        np.testing.assert_allclose(together.expected[number], alone.expected[0], rtol=1e-5)
        np.testing.assert_array_equal(together.upper[number], alone.upper[0])


def test_farrington__alarms_at_a_rise_and_scores_it():
    counts = np.random.default_rng(3).poisson(5, (1, WEEKS))
    counts[0, -1] = 30
    found = farrington(counts, MONDAYS, newest=1)
    assert found.alarm[0, 0]
    score = (30 - found.expected[0, 0]) / (found.upper[0, 0] - found.expected[0, 0])
    assert found.score[0, 0] == pytest.approx(score)
    assert score > 1


def test_farrington__does_not_alarm_on_fewer_than_five_in_four_weeks():
    counts = np.zeros((1, WEEKS), dtype=int)
    counts[0, -1] = 4
    found = farrington(counts, MONDAYS, newest=1)
    assert not found.alarm[0, 0]
    assert np.isnan(found.upper[0, 0])
    counts[0, -1] = 5
    assert farrington(counts, MONDAYS, newest=1).alarm[0, 0]


def test_farrington__believes_a_past_outbreak_less():
    counts = np.random.default_rng(4).poisson(4, (1, WEEKS))
    same_season = int(np.abs(MONDAYS - np.datetime64("2023-09-25")).argmin())
    counts[0, same_season - 2 : same_season + 2] = 60
    plain = farrington(counts, MONDAYS, newest=1, outlying=np.inf)
    wary = farrington(counts, MONDAYS, newest=1)
    assert wary.expected[0, 0] < 0.75 * plain.expected[0, 0]
    assert wary.dispersion[0, 0] < 0.5 * plain.dispersion[0, 0]


def test_farrington__keeps_a_trend_only_within_what_was_seen():
    week = np.arange(WEEKS)
    falling = np.round(60 * np.exp(-0.005 * week)).astype(int)
    rising = np.round(5 * np.exp(0.012 * week)).astype(int)
    found = farrington(np.stack([falling, rising]), MONDAYS, newest=1)
    assert found.trend[0, 0]
    assert found.expected[0, 0] == pytest.approx(60 * np.exp(-0.005 * (WEEKS - 1)), rel=0.05)
    assert not found.trend[1, 0]  # half a year after the newest week that was learnt from


def test_farrington__alarms_about_as_often_as_stated():
    """Of 60 series over 20 weeks without a rise, 5% or, since counts are whole, fewer lie above the bound."""
    counts = np.random.default_rng(5).poisson(8, (60, WEEKS))
    share = farrington(counts, MONDAYS, newest=20).alarm.mean()
    assert 0.01 < share < 0.065


def test_farrington__of_1996_bounds_counts_to_the_power_of_two_thirds():
    """Constant counts: no dispersion beyond Poisson's, and a standard error of the root of mean / weeks."""
    found = farrington(
        np.full(WEEKS, 6),
        MONDAYS,
        newest=1,
        seasons=1,
        skip=3,
        outlying=1.0,
        trend_level=0.05,
        bound="two-thirds",
    )
    weeks = 4 * 7  # four years, three weeks on either side
    assert found.standard_error[0, 0] == pytest.approx(np.sqrt(6 / weeks))
    deviation = np.sqrt(4 / 9 * 6 ** (1 / 3) * (1 + (6 / weeks) / 6))
    assert found.upper[0, 0] == pytest.approx((6 ** (2 / 3) + stats.norm.ppf(0.95) * deviation) ** 1.5)
    assert found.p_value[0, 0] == pytest.approx(0.5)
    assert not found.trend[0, 0]


def test_farrington__of_an_unknown_bound_is_refused():
    with pytest.raises(WatchError) as caught:
        farrington(np.full(WEEKS, 6), MONDAYS, newest=1, bound="best")
    assert caught.value.faults[0].code == "watch.bad-choice"


@pytest.mark.parametrize(
    "wrong",
    [
        {"newest": 0},
        {"newest": WEEKS + 1},
        {"years": 0},
        {"half_window": -1},
        {"half_window": 26},
        {"seasons": 0},
        {"seasons": 47},  # 46 weeks lie at least between windows of three weeks on either side
        {"skip": -1},
        {"alpha": 0.0},
        {"alpha": 1.0},
        {"least_cases": (5, 0)},
    ],
)
def test_farrington__of_settings_that_mean_nothing_is_refused(wrong):
    with pytest.raises(WatchError) as caught:
        farrington(np.full(WEEKS, 6), MONDAYS, **{"newest": 1} | wrong)
    assert [fault.code for fault in caught.value.faults] == ["watch.bad-setting"]
    assert caught.value.faults[0].facts["key"] in wrong


@pytest.mark.parametrize(
    "dates",
    [
        np.append(MONDAYS, MONDAYS[-1] + WEEK),
        MONDAYS[:-1],
        MONDAYS[::-1],
        MONDAYS + WEEK * (np.arange(WEEKS) > 100),
        MONDAYS[0] + DAY * np.arange(WEEKS),
    ],
    ids=["longer", "shorter", "backwards", "a week left out", "days"],
)
def test_farrington__of_dates_that_are_not_all_weeks_is_refused(dates):
    with pytest.raises(WatchError) as caught:
        farrington(np.full(WEEKS, 6), dates, newest=1)
    assert caught.value.faults[0].code == "watch.not-weeks"


def test_farrington__never_learns_from_the_week_it_judges():
    """Whatever is counted in it or after it, even where not a single week is left out."""
    counts = np.random.default_rng(6).poisson(5, (1, WEEKS))
    changed = counts.copy()
    changed[0, -3:] = 80
    for skip in (0, 26):
        plain = farrington(counts, MONDAYS, newest=3, skip=skip).expected[0, 0]
        assert farrington(changed, MONDAYS, newest=3, skip=skip).expected[0, 0] == pytest.approx(
            plain, rel=1e-9
        )


def test_farrington__counts_no_season_that_no_week_is_left_of():
    """A year back and half a year left out: of nine parts between, those that are left."""
    counts = np.random.default_rng(7).poisson(5, WEEKS)
    found = farrington(counts, MONDAYS, newest=1, years=1, outlying=np.inf)
    now = WEEKS - 1
    season = _seasons(WEEKS, now, _references(MONDAYS, now, 1), 3, 10)[: now - 26]
    left = [counts[: now - 26][season == one] for one in range(1, 11) if (season == one).any()]
    assert len(left) < 10
    pearson = sum(((own - own.mean()) ** 2 / own.mean()).sum() for own in left)
    assert found.dispersion[0, 0] == pytest.approx(
        max(pearson / (sum(map(len, left)) - len(left)), 1), rel=1e-5
    )


def test_farrington__of_one_week_of_history_is_refused():
    with pytest.raises(WatchError) as caught:
        farrington(np.full(WEEKS, 6), MONDAYS, newest=1, years=1, half_window=0, seasons=1)
    assert caught.value.faults[0].code == "watch.too-little-history"
    two = farrington(np.full(WEEKS, 6), MONDAYS, newest=1, years=2, half_window=0, seasons=1)
    assert two.expected[0, 0] == pytest.approx(6)


def test_farrington__without_enough_years_is_refused():
    with pytest.raises(WatchError) as caught:
        farrington(np.ones(150, dtype=int), newest=1)
    assert caught.value.faults[0].code == "watch.too-little-history"


def test_references__of_a_leap_day_are_the_first_of_march():
    days = np.datetime64("2019-01-01") + WEEK * np.arange(290)
    days = days - (days[-1] - np.datetime64("2024-02-29"))
    now = len(days) - 1
    found = days[_references(days, now, 2)]
    assert found[0] == np.datetime64("2024-02-29")
    assert (np.abs(found[1:] - np.array(["2023-03-01", "2022-03-01"], dtype="M8[D]")).astype(int) <= 3).all()


def test_seasons__cut_a_year_into_the_same_weeks_and_nine_parts():
    back = np.array([200, 148, 96])
    season = _seasons(201, 200, back, 3, 10)
    assert (season[197:201] == 10).all()
    assert (season[145:152] == 10).all()
    between = season[152:197]
    np.testing.assert_array_equal(between, np.repeat(np.arange(1, 10), 5))  # 45 weeks in nine parts
    assert (season[:93] == 0).all()
