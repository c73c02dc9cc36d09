"""Farrington's algorithm against R's `surveillance` 1.20.3 on German Salmonella Newport counts."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy import stats

from mahalleh.watch.farrington import _fit, _references, _seasons, _two_thirds, farrington

pytestmark = pytest.mark.shared

# R stops its fit when the deviance moves by less than 1e-8 of itself: means then agree to about its root
SAME = {"rel": 5e-5}
ORIGINAL = {"seasons": 1, "skip": 3, "outlying": 1.0, "trend_level": 0.05, "bound": "two-thirds"}


def read(shared, name):
    with (shared / "reference" / "r" / "surveillance" / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def newport(shared):
    rows = read(shared, "salm_newport_germany.csv")
    dates = np.array([row["monday"] for row in rows], dtype="datetime64[D]")
    return dates, np.array([int(row["count"]) for row in rows])


@pytest.mark.parametrize(
    "name", ["newport_germany_2011_noufaily_nbplugin.csv", "newport_germany_2011_2013_noufaily_nbplugin.csv"]
)
def test_improved_farrington__gives_their_bounds_and_alarms(shared, newport, name):
    dates, counts = newport
    theirs = read(shared, name)
    last = np.flatnonzero(dates == np.datetime64(theirs[-1]["monday"]))[0] + 1
    ours = farrington(counts[:last], dates[:last], newest=len(theirs), years=4)
    for week, their in enumerate(theirs):
        assert ours.expected[0, week] == pytest.approx(float(their["mu0Vector"]), **SAME)
        assert ours.dispersion[0, week] == pytest.approx(float(their["phiVector"]), **SAME)
        if their["upperbound"] == "NA":
            assert np.isnan(ours.upper[0, week])
        else:
            assert ours.upper[0, week] == float(their["upperbound"])
        assert ours.p_value[0, week] == pytest.approx(float(their["pvalue"]), rel=1e-4)
        assert ours.alarm[0, week] == (their["alarm"] == "1")
        assert ours.trend[0, week] == (their["trend"] == "1")


def test_score__is_theirs_but_for_the_scale_of_its_prediction(shared, newport):
    """They subtract the prediction on the scale of the link, log(mean), from counts; we subtract the mean."""
    dates, counts = newport
    theirs = read(shared, "newport_germany_2011_noufaily_nbplugin.csv")
    last = np.flatnonzero(dates == np.datetime64(theirs[-1]["monday"]))[0] + 1
    ours = farrington(counts[:last], dates[:last], newest=len(theirs), years=4)
    bound = stats.nbinom(ours.expected[0] / (ours.dispersion[0] - 1), 1 / ours.dispersion[0]).ppf(0.95)
    eta = np.log(ours.expected[0])
    found = (counts[last - len(theirs) : last] - eta) / (bound - eta)
    np.testing.assert_allclose(found, [float(row["score"]) for row in theirs], rtol=1e-4, atol=1e-4)


def column(rows, name):
    return np.array([np.nan if row[name] == "NA" else float(row[name]) for row in rows])


@pytest.fixture(scope="module")
def original(shared, newport):
    """Their rows of the original algorithm, ours, and the standard error that they used.

    With this threshold they hand on exp(expected + 1.645 standard errors) as `mu0Vector`, expected being on
    the scale of counts already: a slip, which tells the standard error.
    """
    dates, counts = newport
    rows = read(shared, "newport_germany_2011_farrington_delta.csv")
    last = np.flatnonzero(dates == np.datetime64(rows[-1]["monday"]))[0] + 1
    ours = farrington(counts[:last], dates[:last], newest=len(rows), **ORIGINAL)
    error = (np.log(column(rows, "mu0Vector")) - column(rows, "expected")) / stats.norm.ppf(0.95)
    return rows, ours, error, last


def test_original_farrington__gives_their_means_where_the_same_trend_is_kept(original):
    rows, ours, _, _ = original
    alike = ours.trend[0] == (column(rows, "trend") == 1)
    told = alike & np.isfinite(column(rows, "expected"))
    assert alike.sum() == 36  # of 52; why they keep other trends is held below
    assert told.sum() == 28
    np.testing.assert_allclose(ours.expected[0, told], column(rows, "expected")[told], rtol=2e-5)
    np.testing.assert_allclose(ours.dispersion[0, alike], column(rows, "phiVector")[alike], rtol=5e-5)


def test_original_farrington__differs_as_much_as_the_page_says(original):
    rows, ours, error, _ = original
    assert (column(rows, "alarm").sum(), ours.alarm.sum()) == (14, 10)
    told = (ours.trend[0] == (column(rows, "trend") == 1)) & np.isfinite(error)
    ratio = error[told] / ours.standard_error[0, told]
    assert (ratio.min(), ratio.max()) == pytest.approx((0.50, 0.95), abs=0.005)


def test_original_farrington__has_their_bound_given_their_standard_error(original):
    rows, _, error, _ = original
    upper, p_value = _two_thirds(
        column(rows, "observed"), column(rows, "expected"), error, column(rows, "phiVector"), 0.05
    )
    np.testing.assert_allclose(upper, column(rows, "upperbound"), rtol=1e-10)
    told = np.isfinite(error)
    np.testing.assert_allclose(p_value[told], column(rows, "pvalue")[told], rtol=1e-10)


def test_original_farrington__differs_by_a_dispersion_that_they_take_from_the_wrong_weights(
    original, newport
):
    """They put the outliers' weights where R keeps those of the last step of its fit.

    So the standard error and the trend's p-value rest on squares of (count - mean) / mean, where
    (count - mean)^2 / mean is meant.
    """
    rows, _, error, last = original
    dates, counts = newport
    history = counts[None, :last].astype(float)
    for number, row in enumerate(rows):
        now = last - len(rows) + number
        season = _seasons(last, now, _references(dates[:last], now, 4), 3, 1)
        used = np.flatnonzero(season[: now - 3] > 0)
        time = (used - used[0]) / 52
        ahead = np.array([1, (now - used[0]) / 52])
        past = history[:, used]

        def wrong(design, past=past):
            fit, _, weights = _fit(past, design, 1.0)
            mean = np.exp(fit.coefficients[0] @ design.T)
            over = (weights[0] * (past[0] / mean - 1) ** 2).sum() / (len(design) - design.shape[1])
            return fit.coefficients[0], over * fit.covariance[0]

        b, spread = wrong(np.column_stack([np.ones(len(used)), time]))
        chance = 2 * stats.t.sf(abs(b[1]) / np.sqrt(spread[1, 1]), len(used) - 2)
        mean = np.exp(b @ ahead)
        kept = chance < 0.05 and mean <= past.max()
        assert kept == (row["trend"] == "1")
        if not kept:
            b, spread = wrong(np.ones((len(used), 1)))
            mean, ahead = np.exp(b[0]), np.ones(1)
        if row["expected"] != "NA":
            assert mean == pytest.approx(float(row["expected"]), rel=2e-5)
            assert mean * np.sqrt(ahead @ spread @ ahead) == pytest.approx(error[number], rel=1e-4)
