"""The invented city as a whole: repeatable, by the schema, and refused where it cannot be."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from pandas.testing import assert_frame_equal

from mahalleh import calendars
from mahalleh.errors import InputError
from mahalleh.events import check_events
from mahalleh.panel import panel
from mahalleh.simulate import City, simulate_city


def test_simulate_city__is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = (simulate_city(seed, areas=12, weeks=20) for seed in (3, 3, 4))
    assert first.events.equals(again.events)
    assert first.survey.equals(again.survey)
    assert first.services == again.services
    assert first.truth.rises == again.truth.rises
    assert first.truth.interventions == again.truth.interventions
    assert first.truth.intensity.identical(again.truth.intensity)
    assert_frame_equal(first.places.drop(columns="geometry"), again.places.drop(columns="geometry"))
    assert first.places.geom_equals_exact(again.places, 0.0).all()
    assert not first.events.equals(other.events)


def test_simulate_city__events_keep_the_schema(city: City) -> None:
    assert check_events(city.events).equals(city.events)
    assert city.events["time"].is_sorted()
    assert set(city.events["area"]) <= set(city.places.index)
    assert set(city.events["topic"]) == {topic.id for topic in city.topics}


def test_simulate_city__events_and_late_ones_are_the_reported_truth(city: City) -> None:
    everything = pl.concat([city.events, city.truth.late])
    topics = [topic.id for topic in city.topics if topic.kind == "need"]
    counted = panel(
        everything, city.places, topics=topics, week_start="saturday", start=city.start, end=city.end
    )
    truth = city.truth.reported
    assert (counted["period"].values == truth["period"].values).all()
    assert (counted.values == truth.sel(topic=counted["topic"].values).values).all()


def test_simulate_city__knows_only_what_was_recorded_before_its_end(city: City) -> None:
    assert city.events["recorded"].max() < city.end
    assert city.truth.late["recorded"].min() >= city.end
    assert (city.events["recorded"] >= city.events["time"].dt.date()).all()
    delay = (city.events["recorded"] - city.events["time"].dt.date()).dt.total_days()
    assert 0.80 < (delay <= 7).mean() < 0.97  # most within days
    assert delay.max() > 42  # a tail of weeks


def test_simulate_city__events_lie_in_hexagons_of_their_area(city: City) -> None:
    owners = city.events.group_by("cell").agg(pl.col("area").n_unique())
    assert owners["area"].max() == 1


def test_simulate_city__open_topics_are_worth_showing(city: City) -> None:
    medians = city.truth.reported.median(("area", "period")).to_series()
    shown = [topic.id for topic in city.topics if topic.kind == "need" and topic.sensitivity == "open"]
    assert len(shown) == 7
    assert medians[shown].between(4, 12).all()


def test_simulate_city__every_topic_is_named_and_classed(city: City) -> None:
    assert all(topic.names["fa"] and topic.names["en"] for topic in city.topics)
    assert {topic.sensitivity for topic in city.topics} == {"open", "careful", "sealed"}
    care = {topic.id: topic.sensitivity for topic in city.topics}
    assert {care[key] for key in ("family-conflict", "self-harm", "child-at-risk")} == {"sealed"}
    kinds = city.events.group_by("topic").agg(pl.col("kind").cast(pl.String).unique())
    assert {t: k for t, [k] in kinds.iter_rows()} == {topic.id: topic.kind for topic in city.topics}


@pytest.mark.parametrize("week_start", ["saturday", "monday", "sunday"])
def test_simulate_city__ends_on_the_week_start_at_or_before_the_day_given(week_start: str) -> None:
    city = simulate_city(0, areas=6, weeks=12, end=date(2025, 6, 4), week_start=week_start)
    assert city.end.strftime("%A").lower() == week_start
    assert timedelta() <= date(2025, 6, 4) - city.end < timedelta(days=7)
    assert city.end - city.start == timedelta(weeks=12)
    assert city.events["time"].dt.date().min() >= city.start


def test_simulate_city__refuses_what_it_cannot_build_naming_every_fault() -> None:
    with pytest.raises(InputError) as caught:
        simulate_city(-1, areas=2, weeks=0, week_start="someday")
    codes = [fault.code for fault in caught.value.faults]
    assert codes == [
        "simulate.bad-seed",
        "simulate.bad-areas",
        "simulate.bad-weeks",
        "simulate.bad-week-start",
    ]
    assert "بذر" in caught.value.text("fa")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"end": "2025-01-01"}, "simulate.bad-end"),
        ({"end": datetime(2025, 1, 1, 12)}, "simulate.bad-end"),
        ({"end": np.datetime64("2025-01-01")}, "simulate.bad-end"),
        ({"end": date(1, 1, 1)}, "calendars.out-of-range"),
        ({"end": date(2090, 1, 1)}, "calendars.out-of-range"),
        ({"end": date(1925, 2, 1)}, "simulate.too-early"),
        ({"areas": 5000, "weeks": 1040}, "simulate.too-large"),
        ({"areas": 48.0}, "simulate.bad-areas"),
        ({"areas": True}, "simulate.bad-areas"),
    ],
)
def test_simulate_city__refuses_with_a_word_and_before_any_work(arguments: dict, code: str) -> None:
    with pytest.raises(InputError) as caught:
        simulate_city(1, **{"areas": 6, "weeks": 12} | arguments)
    assert [fault.code for fault in caught.value.faults] == [code]
    assert caught.value.text("en")
    assert caught.value.text("fa")


@pytest.mark.parametrize("end", [calendars.FIRST + timedelta(weeks=13), calendars.LAST])
def test_simulate_city__stands_at_both_ends_of_the_calendars(end: date) -> None:
    assert simulate_city(1, areas=6, weeks=12, end=end).events.height > 0


def test_simulate_city__thousand_areas_are_possible() -> None:
    city = simulate_city(1, areas=1000, weeks=12)
    assert len(city.places) == 1000
    assert city.truth.actual.shape == (10, 1000, 12)
    assert np.isfinite(city.truth.intensity.values).all()
