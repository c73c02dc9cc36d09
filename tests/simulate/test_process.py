"""The process of the invented city, by arithmetic and against a slow and obvious twin."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh import calendars
from mahalleh.simulate import City, interventions, process
from mahalleh.simulate.model import Intervention, Rise
from mahalleh.simulate.topics import NEED, Rhythm
from tests.days import WEEK

RHYTHMS = [rhythm for _, rhythm in NEED]
ALONE = np.eye(1)


def twin(fresh: np.ndarray, spread: np.ndarray, branching: np.ndarray) -> np.ndarray:
    """The mean counts (T, A, W) as sentences: the first week's fresh events stand before it too."""
    topics, areas, weeks = fresh.shape
    lead = process.BURN_IN
    mean = np.zeros((topics, areas, lead + weeks))
    for topic in range(topics):
        for week in range(lead + weeks):
            for area in range(areas):
                mean[topic, area, week] = fresh[topic, area, max(week - lead, 0)]
                for lag, share in ((1, 0.45), (2, 0.30), (3, 0.15), (4, 0.10)):
                    for source in range(areas):
                        if week >= lag:
                            follow = branching[topic] * share * spread[source, area]
                            mean[topic, area, week] += follow * mean[topic, source, week - lag]
    return mean[:, :, lead:]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 2), st.integers(1, 4), st.integers(1, 7))
def test_expected__agrees_with_the_slow_twin(seed: int, topics: int, areas: int, weeks: int) -> None:
    rng = np.random.default_rng(seed)
    fresh = rng.gamma(2.0, 2.0, (topics, areas, weeks))
    pairs = np.array([(i, i + 1) for i in range(areas - 1)], dtype=np.int32).reshape(-1, 2)
    spread, branching = process.spread_matrix(pairs, areas), rng.uniform(0.0, 0.6, topics)
    assert process.expected(fresh, spread, branching) == pytest.approx(twin(fresh, spread, branching))


def test_expected__one_week_of_events_is_followed_over_four() -> None:
    fresh = np.zeros((1, 1, 8))
    fresh[0, 0, 2] = 100.0
    found = process.expected(fresh, ALONE, np.array([0.5]))[0, 0]
    one = 100.0 * 0.5 * 0.45
    assert found[:5].tolist() == pytest.approx([0, 0, 100, one, 100 * 0.5 * 0.30 + one * 0.5 * 0.45])


def test_expected__of_a_steady_city_is_steady_from_its_first_week() -> None:
    found = process.expected(np.full((1, 1, 30), 2.0), ALONE, np.array([0.35]))
    assert found == pytest.approx(np.full((1, 1, 30), 2.0 / (1.0 - 0.35)), rel=1e-3)


def test_spread__leaves_three_tenths_to_those_next_door() -> None:
    line = process.spread_matrix(np.array([[0, 1], [1, 2]], dtype=np.int32), 3)
    assert line.tolist() == [
        pytest.approx([0.7, 0.3, 0.0]),
        pytest.approx([0.15, 0.7, 0.15]),
        pytest.approx([0.0, 0.3, 0.7]),
    ]


def season_of(rhythm: Rhythm, first: date) -> float:
    """A week's factor day by day."""
    factors = []
    for number in range(7):
        today = first + timedelta(days=number)
        year, month, day = calendars.to_solar(today)
        new_year = calendars.nowruz(year)
        passed = (today - new_year).days / (calendars.nowruz(year + 1) - new_year).days
        factor = np.exp(rhythm.swing * np.cos(2 * np.pi * (passed - rhythm.peak)))
        holiday = month == 1 and day <= 13
        if holiday:
            factor *= rhythm.nowruz
        if any(begin <= today < end for begin, end in map(calendars.ramadan, range(1443, 1449))):
            factor *= rhythm.ramadan
        if (month >= 7 or month <= 3) and not holiday:
            factor *= rhythm.school
        factors.append(factor)
    return float(np.mean(factors))


def test_season__is_the_mean_of_its_days() -> None:
    first = date(2023, 1, 7)
    starts = np.datetime64(first) + WEEK * np.arange(120)
    found = process.season(RHYTHMS, starts)
    for topic, rhythm in enumerate(RHYTHMS):
        expected = [season_of(rhythm, first + timedelta(weeks=week)) for week in range(120)]
        assert found[topic].tolist() == pytest.approx(expected)


def test_season__is_highest_at_its_peak() -> None:
    starts = np.datetime64(calendars.nowruz(1403)) + WEEK * np.arange(52)
    [autumn] = process.season([Rhythm(1.0, 0.5, swing=0.3, peak=0.75)], starts)
    assert abs(int(autumn.argmax()) - 0.75 * 52) <= 1


def test_levels__give_the_stated_rate_to_an_area_of_average_size() -> None:
    people = np.full(40_000, process.RESIDENTS)
    level, chance = process.levels(RHYTHMS, people, np.random.default_rng(0))
    assert (level * chance).mean(axis=1) == pytest.approx([rhythm.rate for rhythm in RHYTHMS], rel=0.04)
    assert np.log(level).std(axis=1) == pytest.approx([rhythm.spread for rhythm in RHYTHMS], rel=0.03)
    assert chance.mean(axis=1) == pytest.approx([rhythm.told for rhythm in RHYTHMS], rel=0.03)
    assert np.corrcoef(np.log(level))[0, 1] == pytest.approx(0.5, abs=0.03)  # half is a shared burden


def test_city__reports_its_topics_at_the_stated_rates(city: City) -> None:
    told = (city.truth.undisturbed * city.truth.propensity.isel(period=0)).sum("area")
    people = float(city.places["population"].sum())
    starts = city.truth.reported["period"].values.astype("datetime64[D]")
    for topic, rhythm in NEED:
        rate = float(told.sel(topic=topic.id).mean()) / people * process.RESIDENTS
        season = process.season([rhythm], starts).mean()
        # 48 areas whose log levels have this sd, which is the same burden for all topics: four sd
        off = 4.0 * np.sqrt(np.expm1(rhythm.spread**2) / 48) + 0.04
        assert rate / season == pytest.approx(rhythm.rate, rel=min(off, 0.4))


def test_apply__does_to_the_weeks_and_areas_what_is_said() -> None:
    fresh, told = np.full((2, 3, 6), 10.0), np.full((2, 3, 6), 0.5)
    after, heard = interventions.apply(
        fresh,
        told,
        topics=["noise", "litter"],
        ids=["a", "b", "c"],
        rises=(Rise("noise", ("c",), 2, 4, 3.0),),
        interventions=(
            Intervention("i1", "displaces", "litter", ("a",), 3, factor=0.6, moved=0.5, next_areas=("b",)),
            Intervention("i2", "harms-trust", "noise", ("b",), 5, trust=0.7),
        ),
    )
    assert after[0].tolist() == [[10.0] * 6, [10.0] * 6, [10, 10, 30, 30, 10, 10]]
    assert after[1].tolist() == [[10, 10, 10, 6, 6, 6], [10, 10, 10, 12, 12, 12], [10.0] * 6]
    assert heard[:, 1].tolist() == [[0.5] * 5 + [0.35]] * 2  # every topic, there alone
    assert heard[:, [0, 2]].tolist() == np.full((2, 2, 6), 0.5).tolist()
    assert (fresh == 10.0).all()
    assert (told == 0.5).all()
