"""Farrington's algorithm against R's `surveillance` 1.20.3 on German Salmonella Newport counts."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy import stats

from mahalleh.watch.farrington import farrington

pytestmark = pytest.mark.shared

# R stops its fit when the deviance moves by less than 1e-8 of itself: means then agree to about its root
SAME = {"rel": 5e-5}


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
