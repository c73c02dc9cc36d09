"""How much of the newest weeks is on record: learnt from the past, never from what came later."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from mahalleh.panel import panel
from mahalleh.simulate import simulate_city
from mahalleh.watch.delay import completeness
from tests.days import DAY, WEEK

START = date(2023, 1, 2)
EDGES = np.datetime64(START) + WEEK * np.arange(105)


def events(delays, *, weeks=104, a_week=200, seed=0, topic="noise"):
    """So many events a week, each recorded some days after it happened."""
    rng = np.random.default_rng(seed)
    days = np.repeat(np.arange(weeks) * 7, a_week) + rng.integers(0, 7, weeks * a_week)
    late = rng.choice(delays, len(days))
    when = [START + timedelta(days=int(d)) for d in days]
    return pl.DataFrame(
        {
            "topic": topic,
            "source": "web",
            "resolution": "day",
            "time": pl.Series(when).cast(pl.Datetime("us")),
            "recorded": [day + timedelta(days=int(wait)) for day, wait in zip(when, late, strict=True)],
            "n": pl.Series(np.ones(len(days)), dtype=pl.Int32),
        }
    )


def test_completeness__is_the_share_that_is_recorded_by_then():
    """Half at once, a quarter after 10 days, a quarter after 24: counted from each event's own day."""
    table = events([0, 0, 10, 24])
    as_of = START + timedelta(days=7 * 104)  # the day after the newest week
    share, doubt = completeness(table, EDGES, as_of=as_of, newest=5)["noise"]
    ages = {103: 0, 102: 7, 101: 14, 100: 21, 99: 28}
    for week, age in ages.items():
        waited = age + 6.0 - np.arange(7) + 1  # days since each day of that week
        truth = np.mean([0.5 + 0.25 * (w >= 10) + 0.25 * (w >= 24) for w in waited])
        assert share[week] == pytest.approx(truth, abs=0.02), week
    assert (share[:99] == 1).all()
    assert doubt[103] > 0
    assert doubt[103] < 0.1


def test_completeness__looks_at_nothing_recorded_later():
    table = events([0, 5, 40])
    as_of = START + timedelta(days=7 * 90)
    then = completeness(table.filter(pl.col("recorded") <= as_of), EDGES, as_of=as_of, newest=20)
    now = completeness(table, EDGES, as_of=as_of, newest=20)
    np.testing.assert_array_equal(now["noise"][0], then["noise"][0])


def test_completeness__of_events_that_are_never_late_is_whole():
    share, doubt = completeness(events([0]), EDGES, as_of=START + timedelta(days=729), newest=8)["noise"]
    np.testing.assert_array_equal(share, 1)
    np.testing.assert_array_equal(doubt, 0)


def test_completeness__says_nothing_of_a_topic_without_enough_past():
    table = events([0, 30], weeks=20)
    share, _ = completeness(table, EDGES[:21], as_of=START + timedelta(days=140), newest=8)["noise"]
    np.testing.assert_array_equal(share, 1)


def test_completeness__works_where_only_the_month_of_recording_is_known():
    """Recorded on the month's last day: a week is unknown until its month is over."""
    table = events([0]).with_columns(pl.col("recorded").dt.month_end())
    as_of = date(2024, 12, 20)
    weeks = int(np.searchsorted(EDGES, np.datetime64(as_of)))
    share, _ = completeness(table, EDGES[:weeks], as_of=as_of, newest=4)["noise"]
    assert share[-1] < 0.5
    assert (np.diff(share[-4:]) <= 0).all()


def test_completeness__is_doubted_more_where_weeks_differ():
    steady = events([0, 10], a_week=400)
    week = (pl.col("time").dt.date() - START).dt.total_days() // 7
    late = pl.when(week % 2 == 0).then(0).otherwise(10)
    moody = steady.with_columns(recorded=pl.col("time").dt.date() + pl.duration(days=late))
    as_of = START + timedelta(days=7 * 104)
    _, calm = completeness(steady, EDGES, as_of=as_of, newest=2)["noise"]
    _, wild = completeness(moody, EDGES, as_of=as_of, newest=2)["noise"]
    assert wild[-1] > 5 * calm[-1]


def varying(a_week, drift, seed, weeks=104):
    """So many events a week by chance; of each week its own share, round a half, is recorded at once."""
    rng = np.random.default_rng(seed)
    week = np.repeat(np.arange(weeks), rng.poisson(a_week, weeks))
    at_once = 0.5 * np.exp(drift * rng.standard_normal(weeks))
    day = np.datetime64(START) + WEEK * week + DAY * rng.integers(0, 7, len(week))
    late = np.where(rng.random(len(week)) < at_once[week], 0, 20)
    return pl.DataFrame(
        {
            "topic": "noise",
            "source": "web",
            "resolution": "day",
            "time": pl.Series(day.astype("M8[us]")),
            "recorded": pl.Series((day + DAY * late).astype("M8[D]")),
            "n": pl.Series(np.ones(len(week)), dtype=pl.Int32),
        }
    )


@pytest.mark.parametrize("a_week", [5, 20, 100, 1000])
@pytest.mark.parametrize("drift", [0.0, 0.15])
def test_completeness__doubt_is_what_varies_beyond_counting(a_week, drift):
    """A thinned count has the noise of counting already: here 0.45 at 5 a week, 0.03 at 1000."""
    as_of = START + timedelta(days=7 * 104)
    doubts = [
        completeness(varying(a_week, drift, seed), EDGES, as_of=as_of, newest=1)["noise"][1][-1]
        for seed in range(40)
    ]
    counting = np.sqrt(0.5 / (0.5 * a_week))
    ratio_alone = counting / np.sqrt(26)  # as many weeks are learnt from
    truth = np.hypot(drift * np.sqrt(1 + 1 / 26), ratio_alone)
    found = np.sqrt(np.mean(np.square(doubts)))
    # a variance of which 26 weeks say nothing less than nothing: above the truth by what they cannot tell
    unsure = counting**2 * np.sqrt(2 / 25)
    assert truth**2 * 0.75 < found**2 < truth**2 * 1.25 + unsure


@pytest.mark.parametrize("a_week", [5, 20, 200])
def test_completeness__of_weeks_that_say_nothing_yet_is_in_doubt(a_week):
    """All is recorded after 20 days: of the newest two weeks nothing is known, nor how little will be."""
    share, doubt = completeness(
        events([20], a_week=a_week), EDGES, as_of=START + timedelta(days=7 * 104), newest=4
    )["noise"]
    np.testing.assert_array_equal(share[-2:], 0.02)
    assert (doubt[-2:] >= 1).all()


def test_completeness__where_one_week_outweighs_all_has_a_doubt():
    """One of the weeks that are learnt from has 50,000 events, the others about 20."""
    heavy = events([0, 10], weeks=1, a_week=50_000).with_columns(
        pl.col("time").dt.offset_by("60w"), pl.col("recorded").dt.offset_by("60w")
    )
    table = pl.concat([varying(20, 0.3, 1), heavy])
    share, doubt = completeness(table, EDGES, as_of=START + timedelta(days=7 * 104), newest=1)["noise"]
    assert share[-1] == pytest.approx(share_of(heavy), abs=0.01)  # it alone says what is usual
    assert 0 < doubt[-1] ** 2 <= 2.01 * (1 - share[-1]) / share[-1]


def share_of(one_week):
    """Of one week's events, those on record on the day after it."""
    after = one_week["time"].dt.date().min() + timedelta(days=7)
    return (one_week["recorded"] <= after).mean()


def test_completeness__learns_nothing_from_what_was_brought_in_at_once():
    """The city began to load events in week 60; all before came with the first load."""
    began = START + timedelta(days=7 * 60)
    table = events([0, 10]).with_columns(
        recorded=pl.max_horizontal("recorded", pl.lit(began))  # the file of the past was made that day
    )
    as_of = START + timedelta(days=7 * 104)
    with_past = completeness(table, EDGES, as_of=as_of, newest=3)["noise"]
    live = completeness(table.filter(pl.col("time") >= began), EDGES, as_of=as_of, newest=3)["noise"]
    np.testing.assert_allclose(with_past[0], live[0], atol=0.03)
    early = completeness(table, EDGES[:65], as_of=START + timedelta(days=7 * 64), newest=3)["noise"]
    np.testing.assert_array_equal(early[0], 1)  # no telling yet


def test_completeness__with_corrections_is_a_share():
    table = events([0, 10, 24])
    taken_back = table.head(3000).with_columns(
        n=pl.lit(-1, dtype=pl.Int32), recorded=pl.col("recorded") + pl.duration(days=30)
    )
    share, doubt = completeness(
        pl.concat([table, taken_back]), EDGES, as_of=START + timedelta(days=7 * 104), newest=8
    )["noise"]
    assert ((share > 0) & (share <= 1)).all()
    assert (doubt >= 0).all()


def test_completeness__of_an_invented_city_is_what_was_on_record():
    city = simulate_city(3, areas=16, weeks=104)
    counts = panel(city.events, city.places, week_start=city.week_start, start=city.start, end=city.end)
    edges = np.append(counts["period"].to_numpy(), counts["period_end"].to_numpy()[-1:])
    found = completeness(city.events, edges, as_of=city.end, newest=6)
    everything = city.truth.reported.sum(("area", "period"))
    topics = [name for name in everything["topic"].to_numpy() if everything.sel(topic=name) > 3000]
    assert len(topics) >= 5
    on_record = counts.sel(topic=topics).sum("area").to_numpy()[:, -6:]
    told_in_the_end = city.truth.reported.sel(topic=topics).sum("area").to_numpy()[:, -6:]
    share = np.array([found[name][0][-6:] for name in topics])
    # all topics together: thousands a week, of which 2% to 20% are late
    np.testing.assert_allclose(
        (share * told_in_the_end).sum(axis=0) / told_in_the_end.sum(axis=0),
        on_record.sum(axis=0) / told_in_the_end.sum(axis=0),
        atol=0.03,  # a day more or less of the newest week would be 0.05
    )
    assert (np.diff(share, axis=1) < 0).all()  # the newer, the less


def test_completeness__of_an_empty_store_is_none():
    assert completeness(events([0]).clear(), EDGES, as_of=START, newest=8) == {}
