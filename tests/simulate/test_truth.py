"""The truth shows in the events, by means that need no model.

Tests are of z scores: each fails by chance for fewer than 1 in 10,000 seeds (|z| < 4); seeds are fixed.
"""

from datetime import date

import numpy as np
import pytest
import xarray as xr

from mahalleh import calendars
from mahalleh.simulate import City, process, simulate_city
from mahalleh.simulate.topics import NEED, PATROL_HOURS
from tests.days import DAY

LIMIT = 4.0


def z_of(observed: xr.DataArray, expected: xr.DataArray, shape: float, branching: float) -> float:
    """How many standard errors a sum of counts is from its mean.

    Its variance: m + m^2 / k a cell, times (1 / (1 - branching))^2, since follow-on events come in families.
    """
    mean = expected.values
    variance = (mean + mean**2 / shape).sum() / (1.0 - branching) ** 2
    return float((observed.values.sum() - mean.sum()) / np.sqrt(variance))


@pytest.mark.parametrize("topic", [topic.id for topic, _ in NEED])
def test_actual__is_what_was_expected_within_sampling_error(city: City, topic: str) -> None:
    truth = city.truth
    z = z_of(
        truth.actual.sel(topic=topic),
        truth.expected.sel(topic=topic),
        truth.dispersion[topic],
        truth.branching[topic],
    )
    assert abs(z) < LIMIT


def test_reported__is_thinned_by_the_propensity_of_each_area(city: City) -> None:
    actual, told = city.truth.actual, city.truth.propensity
    mean = (actual * told).sum(("topic", "period"))
    sd = np.sqrt((actual * told * (1 - told)).sum(("topic", "period")))
    z = (city.truth.reported.sum(("topic", "period")) - mean) / sd
    assert np.abs(z.values).max() < LIMIT
    assert 0.8 < z.values.std() < 1.25
    assert told.isel(period=0, topic=0).values.std() > 0.03  # areas differ, which is the point


@pytest.mark.parametrize("topic", ["burglary", "theft-from-person", "noise"])
def test_actual__is_overdispersed_as_stated(city: City, topic: str) -> None:
    mean = city.truth.intensity.sel(topic=topic).values
    count = city.truth.actual.sel(topic=topic).values
    # given the weeks before, E (n - m)^2 - m = m^2 / k
    found = (mean**2).sum() / ((count - mean) ** 2 - mean).sum()
    assert found == pytest.approx(city.truth.dispersion[topic], rel=0.25)


def test_actual__excites_itself(city: City) -> None:
    surprise = (city.truth.actual - city.truth.expected).sel(topic="burglary").values
    lag1 = np.corrcoef(surprise[:, 1:].ravel(), surprise[:, :-1].ravel())[0, 1]
    assert lag1 > LIMIT / np.sqrt(surprise[:, 1:].size)


def test_expected__is_the_mean_of_many_runs() -> None:
    rng = np.random.default_rng(0)
    fresh = np.full((1, 4, 10), 2.0)
    fresh[0, 0, 5:] = 6.0
    pairs = np.array([[0, 1], [1, 2], [2, 3]], dtype=np.int32)
    spread = process.spread_matrix(pairs, 4)
    assert spread.sum(axis=1) == pytest.approx(np.ones(4))
    branching = np.array([0.4])
    runs = [process.happen(fresh, spread, branching, np.array([8.0]), rng)[1] for _ in range(1500)]
    mean, error = np.mean(runs, axis=0), np.std(runs, axis=0) / np.sqrt(1500)
    assert np.abs((mean - process.expected(fresh, spread, branching)) / error).max() < LIMIT + 0.5


def test_spread__of_an_area_without_neighbours_stays_at_home() -> None:
    assert process.spread_matrix(np.empty((0, 2), dtype=np.int32), 2).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def nowruz_ratio(city: City, topic: str) -> float:
    starts = city.truth.actual["period"].values.astype("datetime64[D]")
    days = starts[:, None] + DAY * np.arange(7)
    whole = calendars.is_nowruz(days).all(axis=1)
    near = np.convolve(whole, np.ones(9), mode="same") > 0
    other = near & ~calendars.is_nowruz(days).any(axis=1)
    told = city.truth.reported.sel(topic=topic).values
    return float(told[:, whole].mean() / told[:, other].mean())


@pytest.mark.parametrize(
    ("topic", "low", "high"),
    [
        ("burglary", 1.2, 1.8),
        ("litter", 1.25, 1.7),
        ("theft-from-person", 0.5, 0.85),
        ("traffic-danger", 0.4, 0.75),
    ],
)
def test_nowruz__shows_in_what_is_reported(city: City, topic: str, low: float, high: float) -> None:
    assert low < nowruz_ratio(city, topic) < high


def test_rises__multiply_what_is_reported_by_their_true_effect(city: City) -> None:
    assert len(city.truth.rises) == 4
    for rise in city.truth.rises:
        where = {"topic": rise.topic, "area": list(rise.areas)}
        window = {"period": slice(rise.start, rise.end)}
        expected = city.truth.expected.sel(where).isel(window)
        calm = city.truth.undisturbed.sel(where).isel(window)
        effect = float(expected.sum() / calm.sum())
        assert 1.3 < effect <= rise.factor  # follow-on events of the weeks before are not multiplied
        told = city.truth.propensity.sel(where).isel(window)
        z = z_of(
            city.truth.reported.sel(where).isel(window),
            expected * told,
            city.truth.dispersion[rise.topic],
            city.truth.branching[rise.topic],
        )
        assert abs(z) < LIMIT
        alarm = z_of(
            city.truth.reported.sel(where).isel(window),
            calm * told,
            city.truth.dispersion[rise.topic],
            city.truth.branching[rise.topic],
        )
        assert alarm > LIMIT  # a rise is there to be found


def test_rises__newest_is_still_running_at_the_end(city: City) -> None:
    assert city.truth.rises[0].end == 156
    assert city.truth.rises[0].start == 150


def effect_of(city: City, kind: str) -> tuple[float, float, float]:
    """True effect on what happens in the treated and the next areas, and on what is reported."""
    done = next(i for i in city.truth.interventions if i.effect == kind)
    after = {"period": slice(done.start, None)}

    def ratio(areas: tuple[str, ...], told: bool) -> float:
        where = {"topic": done.topic, "area": list(areas)}
        up = city.truth.expected.sel(where).isel(after)
        down = city.truth.undisturbed.sel(where).isel(after)
        before = city.truth.propensity.sel(where).isel(period=0)
        now = city.truth.propensity.sel(where).isel(after)
        return float((up * now if told else up).sum() / (down * before if told else down).sum())

    return ratio(done.areas, False), ratio(done.next_areas or done.areas, False), ratio(done.areas, True)


def test_interventions__do_what_they_are_said_to(city: City) -> None:
    assert [done.effect for done in city.truth.interventions] == [
        "works",
        "nothing",
        "displaces",
        "harms-trust",
    ]
    assert effect_of(city, "works")[0] == pytest.approx(0.55, abs=0.05)
    # follow-on events of a rise next door may reach in
    assert effect_of(city, "nothing")[0] == pytest.approx(1.0, abs=0.02)
    treated, beside, _ = effect_of(city, "displaces")
    assert treated < 0.8
    assert beside > 1.1
    happened, _, told = effect_of(city, "harms-trust")
    assert happened == pytest.approx(1.0, abs=0.02)
    assert told / happened == pytest.approx(0.7, rel=1e-9)


def test_interventions__the_one_that_works_shows_against_the_year_before(city: City) -> None:
    done = city.truth.interventions[0]
    told = city.truth.reported.sel(topic=done.topic)
    treated = told.sel(area=list(done.areas))
    others = told.drop_sel(area=list(done.areas))
    span = min(52, 156 - done.start)
    after, before = slice(done.start, done.start + span), slice(done.start - 52, done.start - 52 + span)

    def change(counts: xr.DataArray) -> float:
        return float(counts.isel(period=after).sum() / counts.isel(period=before).sum())

    # a ratio of ratios of some hundred counts each: sd of its log about 0.1
    assert change(treated) / change(others) == pytest.approx(0.55, abs=0.2)


def test_interventions__displacement_moves_the_stated_share(city: City) -> None:
    done = next(i for i in city.truth.interventions if i.effect == "displaces")
    difference = (city.truth.expected - city.truth.undisturbed).sel(topic=done.topic)
    rises = {a for r in city.truth.rises if r.topic == done.topic for a in r.areas}
    after = difference.drop_sel(area=list(rises)).isel(period=slice(done.start, None))
    removed = -float(after.where(after < 0).sum())
    added = float(after.where(after > 0).sum())
    assert added / removed == pytest.approx(done.moved, abs=0.1)


def test_activity__follows_patrols_and_not_need(city: City) -> None:
    stops = city.events.filter(city.events["topic"] == "police-stop")
    weeks = ((stops["time"].dt.date() - city.start).dt.total_days() // 7).to_numpy()
    at = {area: number for number, area in enumerate(city.places.index)}
    areas = np.array([at[area] for area in stops["area"]])
    found = np.zeros((48, 156))
    np.add.at(found, (areas, weeks), 1)
    hours = city.truth.patrols.values
    assert hours.sum() == pytest.approx(48 * 156 * PATROL_HOURS)
    assert np.corrcoef(found.sum(axis=1), hours.sum(axis=1))[0, 1] > 0.95
    rate = found.sum() / hours.sum()
    left = ((found - rate * hours) / np.sqrt(rate * hours)).ravel()
    need = city.truth.actual.sum("topic").values
    need = ((need - need.mean(axis=1, keepdims=True)) / need.std(axis=1, keepdims=True)).ravel()
    assert abs(np.corrcoef(left, need)[0, 1]) < LIMIT / np.sqrt(left.size)


def test_activity__does_not_change_when_need_does() -> None:
    one, other = (
        simulate_city(5, areas=8, weeks=20),
        simulate_city(5, areas=8, weeks=20, end=date(2020, 6, 1)),
    )
    assert one.truth.actual.values.tolist() != other.truth.actual.values.tolist()
    assert one.truth.patrols.values.tolist() == other.truth.patrols.values.tolist()
