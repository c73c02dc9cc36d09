"""Single events: their day, minute, hexagon, source and delay; and the patrols that find some of them.

Shares are tested by |z| < 5 (fewer than one seed in a million fails by chance; seeds are fixed).
"""

from typing import Any

import h3
import numpy as np
import polars as pl
import pytest
import shapely

from mahalleh.simulate import City, activity, happenings, survey
from mahalleh.simulate.geography import make_land
from mahalleh.simulate.topics import PATROL_HOURS, Rhythm
from tests.days import DAY

MANY = 40_000
LIMIT = 5.0
SATURDAY, MONDAY = np.datetime64("2025-03-01"), np.datetime64("2025-03-03")
GROUND = happenings.Hexagons(
    np.array([11, 12, 13, 21], dtype=np.uint64), np.array([0.2, 0.5, 1.0, 1.0]), np.array([0, 3, 4])
)


def drawn(
    rhythms: list[Rhythm], *, start: np.datetime64 = SATURDAY, kind: str = "need", counts: Any = None
) -> pl.DataFrame:
    """Events of two areas and one week: `MANY` of each topic in area a, one in area b."""
    each = np.array([[[MANY], [1]]] * len(rhythms)) if counts is None else counts
    return happenings.draw_events(
        each,
        topics=[f"t{number}" for number in range(len(rhythms))],
        kind=kind,
        rhythms=rhythms,
        areas=["a", "b"],
        starts=np.array([start]),
        ground=GROUND,
        rng=np.random.default_rng(11),
    )


def z_of_share(found: int, of: int, share: float) -> float:
    return float((found - of * share) / np.sqrt(of * share * (1.0 - share)))


@pytest.mark.parametrize("start", [SATURDAY, MONDAY])
def test_days__thursday_and_friday_weigh_as_the_topic_says(start: np.datetime64) -> None:
    events = drawn([Rhythm(1.0, 0.5, weekend=3.0)], start=start)
    number = events["time"].dt.weekday()  # 1 Monday, 4 Thursday, 5 Friday
    for day in range(1, 8):
        share = 3 / 11 if day in (4, 5) else 1 / 11
        assert abs(z_of_share(int((number == day).sum()), events.height, share)) < LIMIT
    week = events["time"].dt.date()
    assert week.min() == start.item()
    assert week.max() == (start + 6 * DAY).item()


@pytest.mark.parametrize(("middle", "width"), [(8.0, 2.0), (23.0, 2.5), (0.0, 3.0)])
def test_minutes__stand_round_the_topics_hour_over_midnight_too(middle: float, width: float) -> None:
    time = drawn([Rhythm(1.0, 0.5, hours=(middle, width))])["time"]
    hours = (time.dt.hour().cast(pl.Float64) + time.dt.minute() / 60).to_numpy()
    off = (hours - middle + 12.0) % 24.0 - 12.0
    assert off.mean() == pytest.approx(0.0, abs=LIMIT * width / np.sqrt(MANY) + 1 / 60)
    assert off.std() == pytest.approx(width, rel=0.03)


def test_hexagons__of_an_area_are_used_by_their_weight_and_no_others() -> None:
    events = drawn([Rhythm(1.0, 0.5)])
    counts = dict(events.filter(pl.col("area") == "a")["cell"].value_counts().iter_rows())
    assert set(counts) == {11, 12, 13}
    for cell, share in ((11, 0.2), (12, 0.3), (13, 0.5)):
        assert abs(z_of_share(counts[cell], MANY, share)) < LIMIT
    assert events.filter(pl.col("area") == "b")["cell"].to_list() == [21]


def test_hexagons__have_their_middle_in_their_area() -> None:
    land = make_land(12, np.random.default_rng(0))
    polygons = land.places.geometry.to_numpy()
    ground = happenings.hexagons(polygons, np.random.default_rng(0))
    inside = [
        shapely.contains_xy(polygons[area], *reversed(h3.cell_to_latlng(h3.int_to_str(int(cell)))))
        for area in range(12)
        for cell in ground.cell[ground.first[area] : ground.first[area + 1]]
    ]
    assert len(inside) == len(ground.cell) > 12
    assert all(inside)
    assert ground.cumulative[ground.first[1:] - 1] == pytest.approx(np.ones(12))


def test_hexagons__of_an_area_too_small_for_one_is_that_of_its_middle() -> None:
    tiny = np.array([shapely.Point(54.6, 33.3).buffer(1e-5)], dtype=object)
    ground = happenings.hexagons(tiny, np.random.default_rng(0))
    assert [h3.int_to_str(int(cell)) for cell in ground.cell] == [h3.latlng_to_cell(33.3, 54.6, 9)]


def test_sources__of_need_are_the_channels_at_their_shares_and_of_activity_the_patrol() -> None:
    events = drawn([Rhythm(1.0, 0.5)])
    counts = dict(events["source"].value_counts().iter_rows())
    assert set(counts) == {"line-137", "web", "counter"}
    for source, share in (("line-137", 0.55), ("web", 0.30), ("counter", 0.15)):
        assert abs(z_of_share(counts[source], events.height, share)) < LIMIT
    assert set(drawn([Rhythm(0.0, 1.0)], kind="activity")["source"]) == {"patrol"}


def test_delays__are_days_for_most_and_weeks_for_some() -> None:
    events = drawn([Rhythm(1.0, 0.5)])
    delay = (events["recorded"] - events["time"].dt.date()).dt.total_days().to_numpy()
    # longer than three weeks: 12% at a mean of 24 days, the others at 1.2
    share = 0.12 * np.exp(-21 / 24) + 0.88 * np.exp(-21 / 1.2)
    assert abs(z_of_share(int((delay >= 21).sum()), events.height, share)) < LIMIT
    assert delay.min() == 0
    assert delay.max() <= 150


def test_events__are_as_many_as_counted() -> None:
    counts = np.array([[[3], [0]], [[0], [2]]])
    events = drawn([Rhythm(1.0, 0.5)] * 2, counts=counts)
    assert events.group_by("topic", "area").len().sort("topic").rows() == [("t0", "a", 3), ("t1", "b", 2)]
    assert set(events["n"]) == {1}


def test_patrol__goes_where_it_found_something_in_the_last_four_weeks() -> None:
    areas, weeks = 5, 12
    hours, found = activity.patrol(areas, weeks, np.array([0.2, 0.05]), np.random.default_rng(3))
    total = areas * PATROL_HOURS
    rounds = hours[:, 0] / total
    for week in range(weeks):
        if week < 4:
            share = rounds
        else:
            seen = found[:, :, week - 4 : week].sum(axis=(0, 2)) + 1
            share = 0.6 * seen / seen.sum() + 0.4 * rounds
        assert hours[:, week] == pytest.approx(share * total)


def test_patrol__finds_at_the_stated_rate_of_its_hours() -> None:
    rates = np.array([0.22, 0.035])
    hours, found = activity.patrol(40, 200, rates, np.random.default_rng(4))
    # given hours, a count has variance m + m^2 / 10
    mean = rates[:, None, None] * hours
    z = (found.sum(axis=(1, 2)) - mean.sum(axis=(1, 2))) / np.sqrt((mean + mean**2 / 10).sum(axis=(1, 2)))
    assert np.abs(z).max() < LIMIT


def test_feelings__are_less_safe_where_more_happens_and_more_trusting_where_more_is_told() -> None:
    rng = np.random.default_rng(5)
    street, told = np.exp(rng.normal(size=(200, 2))), rng.uniform(0.2, 0.8, (200, 2))
    safety, trust = survey.feelings(street, told, rng)
    # 0.35 sd of what moves it beside 0.12 of noise
    expected = 0.35 / np.hypot(0.35, 0.12)
    assert np.corrcoef(safety.ravel(), np.log(street).ravel())[0, 1] == pytest.approx(-expected, abs=0.03)
    logit = np.log(told / (1 - told))
    assert np.corrcoef(trust.ravel(), logit.ravel())[0, 1] == pytest.approx(expected, abs=0.03)


def test_city__safety_follows_what_people_fear_outdoors(city: City) -> None:
    feared = city.truth.actual.sel(topic=["theft-from-person", "public-drug-use", "noise"]).sum("topic")
    people = city.places["population"].to_numpy()
    for number, week in enumerate(survey.waves(156)):
        street = feared.values[:, week + 1 - 26 : week + 1].sum(axis=1) / people
        found = np.corrcoef(city.truth.safety.values[:, number], np.log(street))[0, 1]
        assert found < -0.85


def test_land__residents_are_lognormal_within_bounds() -> None:
    people = make_land(600, np.random.default_rng(6)).places["population"].to_numpy()
    assert np.median(people) == pytest.approx(8_500, rel=0.07)
    # 0.38, but for 2% below 4,000 and as many above 18,000 that are held at these
    assert np.log(people).std() == pytest.approx(0.37, abs=0.03)
    assert people.min() >= 4_000
    assert people.max() <= 18_000
