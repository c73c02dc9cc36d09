"""What nobody should give a scan: a clear refusal with the areas, or a defined answer."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from mahalleh.errors import WatchError
from mahalleh.watch import Baseline, scan
from tests.days import WEEK
from tests.test_places import GRID

XY = np.array([[0.0, 0], [1, 0], [0, 1], [5, 5], [6, 5]])
PEOPLE = np.array([100.0, 200, 100, 300, 300])
COUNTS = np.random.default_rng(0).poisson(2.0, (5, 12))


def look(cases=COUNTS, **settings):
    given = {"model": "poisson", "coordinates": XY, "population": PEOPLE, "seed": 1, "replicates": 19}
    if settings.get("places") is not None:
        given |= {"coordinates": None, "population": None}
    return scan(cases, **(given | settings))


def refusal(cases=COUNTS, **settings):
    with pytest.raises(WatchError) as error:
        look(cases, **settings)
    for language in ("en", "fa"):
        assert error.value.text(language)
    return {fault.code: dict(fault.facts) for fault in error.value.faults}


def changed(value, *, row=1, column=3):
    table = COUNTS.astype(float)
    table[row, column] = value
    return table


def labelled(values=COUNTS, *, gap=None):
    begin = np.datetime64("2024-01-01") + WEEK * np.arange(values.shape[1])
    end = begin + WEEK
    if gap is not None:
        begin[gap:] += WEEK
        end[gap:] += WEEK
    return xr.DataArray(
        values,
        dims=("area", "period"),
        coords={
            "area": list("abcde"),
            "period": begin.astype("datetime64[ns]"),
            "period_end": ("period", end.astype("datetime64[ns]")),
        },
    )


def test_counts__below_zero_after_corrections_are_refused_by_area():
    assert refusal(changed(-1)) == {"watch.negative": {"areas": [1]}}
    assert refusal(labelled(changed(-1)))["watch.negative"]["areas"] == ["b"]


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.5])
def test_counts__that_are_none_are_refused(value):
    assert refusal(changed(value)) == {"watch.not-counts": {"areas": [1]}}


def test_counts__in_floats_that_are_whole_are_counts():
    np.testing.assert_array_equal(look(COUNTS.astype(float)).maxima, look().maxima)


def test_counts__of_another_shape_are_refused():
    for table in (COUNTS[None], COUNTS[0], COUNTS[:, :0], np.array([["a"]])):
        assert set(refusal(table)) <= {"watch.not-two-dims", "watch.not-counts"}
    assert "watch.not-two-dims" in refusal(labelled().rename(period="week"))


def test_weeks__that_are_missing_are_refused():
    found = refusal(labelled(gap=6))
    assert found["watch.missing-periods"]["after"] == ["2024-02-12"]


def test_labels__come_back_with_the_clusters():
    result = look(labelled(), max_population=0.5)
    assert set(result.clusters[0].areas) <= set("abcde")
    assert [list("abcde")[i] for i in result.clusters[0].index] == list(result.clusters[0].areas)


def test_no_cases__have_no_clusters():
    for model in ("poisson", "permutation"):
        result = look(np.zeros((5, 12), dtype=int), model=model)
        assert result.clusters == ()
        np.testing.assert_array_equal(result.maxima, 0)


def test_one_area__is_a_scan_in_time_alone():
    counts = np.array([[2, 3, 1, 2, 2, 3, 2, 1, 2, 9]])
    result = look(counts, coordinates=[[0, 0]], population=[10.0], max_periods=3)
    assert result.clusters[0].observed == 9
    assert result.clusters[0].expected == pytest.approx(27 / 10)
    alone = {"coordinates": [[0, 0]], "population": None}
    assert look(counts, model="permutation", max_periods=3, **alone).clusters == ()


def test_all_cases_in_one_cell__are_one_cluster_at_the_limit():
    """The outside term c log(c / e) of no cases is 0: the ratio is 6 log(6 / expected)."""
    counts = np.zeros((5, 12), dtype=int)
    counts[3, 11] = 6
    result = look(counts, max_population=0.5)
    expected = 6 * 300 / 1000 / 12
    assert result.clusters[0].areas == (3,)
    assert result.clusters[0].ratio == pytest.approx(6 * np.log(6 / expected))
    assert np.isfinite(result.clusters[0].relative_risk)
    assert len(result.clusters) == 1


def test_population__must_stand_where_cases_are():
    none = PEOPLE.copy()
    none[3] = 0
    counts = COUNTS.copy()
    counts[3, 2] = 1
    assert refusal(counts, population=none) == {"watch.cases-without-population": {"areas": [3]}}
    counts[3] = 0
    assert look(counts, population=none).maxima.shape == (19,)


@pytest.mark.parametrize("wrong", [[1, 2, 3, 4, np.nan], [1, 2, 3, 4, -5]])
def test_population__that_is_none_is_refused(wrong):
    assert refusal(population=wrong)["watch.bad-population"]["areas"] == [4]
    assert "watch.bad-population" in refusal(population=[1, 2])


def test_population__is_asked_for_where_the_model_needs_it():
    assert "watch.no-population" in refusal(population=None)
    assert look(population=None, model="permutation").model == "permutation"


def test_expected__of_zero_with_cases_is_refused():
    mean = np.full(COUNTS.shape, 2.0)
    mean[2] = 0
    counts = COUNTS.copy()
    counts[2, 5] = 1
    found = refusal(counts, model="expectation", expected=mean)
    assert found == {"watch.cases-without-expected": {"areas": [2]}}


def test_expected__is_asked_for_and_checked():
    assert "watch.no-expected" in refusal(model="expectation")
    assert "watch.bad-expected" in refusal(model="expectation", expected=np.ones((2, 2)))
    hole = np.full(COUNTS.shape, 2.0)
    hole[4, 0] = np.nan
    assert refusal(model="expectation", expected=hole)["watch.bad-expected"]["areas"] == [4]
    assert "watch.no-baseline" in refusal(model="negative-binomial", expected=hole)
    ones = np.ones(COUNTS.shape)
    for dispersion in (ones * 0.5, ones * np.nan, ones[:3]):
        wrong = Baseline(ones, dispersion, np.zeros((5, 12, 0)), np.zeros((12, 0)))
        assert "watch.bad-baseline" in refusal(model="negative-binomial", expected=wrong)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"max_periods": 0}, "max_periods"),
        ({"max_periods": 13}, "max_periods"),
        ({"max_population": 0}, "max_population"),
        ({"max_population": 1.5}, "max_population"),
        ({"max_population": float("nan")}, "max_population"),
        ({"max_areas": 0}, "max_areas"),
        ({"max_radius": -1.0}, "max_radius"),
        ({"replicates": 0}, "replicates"),
        ({"min_cases": 0}, "min_cases"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"threads": 0}, "threads"),
    ],
)
def test_settings__that_mean_nothing_are_refused(settings, key):
    assert refusal(**settings)["watch.bad-setting"]["key"] == key


def test_settings__are_all_told_at_once():
    with pytest.raises(WatchError) as error:
        look(model="bernoulli", zones="squares", secondary="all", statistic="mean", replicates=-1)
    assert [fault.facts["key"] for fault in error.value.faults] == [
        "model",
        "zones",
        "secondary",
        "statistic",
        "replicates",
    ]
    assert refusal(statistic="score")["watch.bad-choice"]["allowed"] == ("ratio",)


def test_where__must_be_said_once():
    assert "watch.where" in refusal(coordinates=None)
    assert "watch.where" in refusal(places=GRID, coordinates=XY)
    assert "watch.bad-coordinates" in refusal(coordinates=XY[:3])
    assert "watch.bad-coordinates" in refusal(coordinates=np.full((5, 2), np.nan))
    assert "watch.no-borders" in refusal(zones="connected")


def test_places__give_centres_borders_and_people_in_the_order_of_the_counts():
    rng = np.random.default_rng(5)
    names = list(GRID.index)
    counts = xr.DataArray(rng.poisson(3.0, (len(names), 10)), dims=("area", "period"), coords={"area": names})
    people = np.full(len(names), 50.0)
    for zones in ("circles", "connected"):
        one = look(counts, places=GRID, population=people, zones=zones, max_population=0.5)
        turned = look(counts[::-1], places=GRID, population=people, zones=zones, max_population=0.5)
        assert set(one.clusters[0].areas) == set(turned.clusters[0].areas)
        assert one.clusters[0].ratio == pytest.approx(turned.clusters[0].ratio)
    other = counts.assign_coords(area=[*names[:-1], "nowhere"])
    assert "nowhere" in refusal(other, places=GRID, population=people)["watch.other-areas"]["areas"]


def test_secondary__clusters_share_no_area_and_none_leaves_the_first():
    rng = np.random.default_rng(9)
    xy = rng.random((40, 2))
    counts = rng.poisson(2.0, (40, 12))
    found = look(counts, coordinates=xy, population=np.ones(40), max_population=0.3)
    members = [area for cluster in found.clusters for area in cluster.areas]
    assert len(members) == len(set(members))
    ratios = [cluster.ratio for cluster in found.clusters]
    assert ratios == sorted(ratios, reverse=True)
    first = look(counts, coordinates=xy, population=np.ones(40), max_population=0.3, secondary="none")
    assert len(first.clusters) == 1
    assert first.clusters[0].areas == found.clusters[0].areas


def test_weeks__whose_ends_are_not_told_are_taken_as_they_stand():
    bare = labelled().drop_vars("period_end")
    np.testing.assert_array_equal(look(bare).maxima, look(labelled()).maxima)
