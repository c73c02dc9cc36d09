"""What is on record by every habit of recording: small runs of `benchmarks/delay.py`, and single cases."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from benchmarks import delay as bench
from mahalleh.panel import period_edges
from mahalleh.simulate.recording import HABITS, recorded
from mahalleh.watch._lateness import law
from mahalleh.watch._recording import Calendar, calendar
from mahalleh.watch.delay import completeness
from tests.days import DAY, WEEK

BEGIN = np.datetime64("2021-01-01")
DAYS = BEGIN + DAY * np.arange(1461)  # four years


def table(day, when, *, topic="noise", source="office", resolution="day"):
    """Events of one topic and source."""
    return pl.DataFrame(
        {
            "topic": topic,
            "source": source,
            "resolution": resolution,
            "time": pl.Series(day.astype("M8[us]")),
            "recorded": pl.Series(when.astype("M8[D]")),
            "n": pl.Series(np.ones(len(day), dtype=np.int32)),
        }
    )


def month_end(day, more=0):
    """The last day of each day's month, or of one of the next."""
    return ((day.astype("M8[M]") + np.timedelta64(1 + more, "M")).astype("M8[D]")) - DAY


def months(past, calendar_="gregorian"):
    """Three years of months up to a day."""
    past = np.datetime64(past, "D").item()
    begin = date(past.year - 3, past.month, past.day)
    return period_edges(begin, past, freq="M", week_start="monday", calendar=calendar_)


def next_of(office, day):
    return office.days[np.searchsorted(office.days, day)]


def weeks(past, number=150):
    return np.datetime64(past) - WEEK * np.arange(number, -1, -1)


def newest(events, edges, as_of, **more):
    return completeness(events, edges, as_of=np.datetime64(as_of).item(), newest=8, **more)["noise"]


@pytest.mark.parametrize("panel", bench.PANELS)
@pytest.mark.parametrize("habit", HABITS)
def test_shares__err_by_less_than_two_in_a_hundred(habit, panel, monkeypatch):
    monkeypatch.setattr(bench, "DENSE", 10)
    said, truth = np.array(bench.shares(habit, panel, office=11, looks=4)).T
    assert np.abs(said - truth).mean() < bench.ERROR
    assert np.abs(said - truth).max() < 0.06
    assert truth.min() < 0.95  # so there was something to be said


@pytest.mark.parametrize("at", range(50, 60))
def test_look__at_a_city_that_is_known_by_files_is_the_look_at_one_where_nothing_is_late(at):
    """A month's file is whole, whatever its month's length and the next one's."""
    counts, usual = bench.City("by-month", "months", 1).expected(at)
    same, wanted = bench.City(bench.AT_ONCE, "months", 1).expected(at)
    np.testing.assert_array_equal(counts, same)
    np.testing.assert_array_equal(usual.mean, wanted.mean)
    np.testing.assert_array_equal(usual.dispersion, wanted.dispersion)


@pytest.mark.parametrize("as_of", ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"])
def test_month_of_a_monthly_file__is_whole_on_the_day_of_the_file(as_of):
    first = np.unique(DAYS.astype("M8[M]")).astype("M8[D]")
    events = table(np.repeat(first, 50), np.repeat(month_end(first, 1), 50), resolution="month")
    past = np.datetime64(as_of).astype("M8[M]").astype("M8[D]")  # of the month before the file's
    share, doubt = newest(events, months(past), as_of)
    np.testing.assert_array_equal(share, 1)
    np.testing.assert_array_equal(doubt, 0)
    before, unsure = newest(events, months(past), np.datetime64(as_of) - DAY)
    assert before[-1] == 0.02
    assert unsure[-1] >= 1
    np.testing.assert_array_equal(before[:-1], 1)


@pytest.mark.parametrize("past", ["2024-02-26", "2024-03-04", "2024-04-29", "2024-09-02"])
def test_week_that_is_recorded_on_its_months_last_day__is_on_record_by_its_days(past):
    events = table(np.repeat(DAYS, 10), np.repeat(month_end(DAYS), 10))
    edges = weeks(past)
    share, _ = newest(events, edges, past)
    told = events.filter(pl.col("recorded") <= np.datetime64(past).item())["time"].to_numpy()
    seen = np.histogram(told.astype("M8[D]").astype(int), edges.astype(int))[0] / 70
    np.testing.assert_allclose(share, np.maximum(seen, 0.02), atol=0.005)
    assert seen[-8:].min() < 0.9


def test_solar_months__are_whole_on_their_last_day():
    edges = months("2024-05-20", "persian")  # 31 days each in spring, 29 or 30 in winter
    when = recorded("solar-month-end", DAYS, seed=0)
    last = np.unique(when)
    at_once = table(np.repeat(DAYS, 10), np.repeat(last[np.searchsorted(last, DAYS)], 10))
    for past in (33, 30, 28):
        share, _ = newest(at_once, edges[: past + 1], edges[past] - DAY)
        np.testing.assert_allclose(share, 1, atol=1e-5)
        share, _ = newest(at_once, edges[: past + 1], edges[past] - 2 * DAY)
        assert share[-1] == 0.02


def test_events_known_by_month__may_be_told_before_its_end():
    """Recorded each day at once; only the month of the event is kept."""
    day = np.repeat(DAYS, 4)
    events = table(day.astype("M8[M]").astype("M8[D]"), day, resolution="month")
    share, doubt = newest(events, months("2024-03-01"), "2024-03-01")
    np.testing.assert_array_equal(share, 1)
    assert doubt.max() < 0.01


def test_events_known_by_month__are_mostly_told_where_the_month_ends_on_a_sunday():
    """The office records at once on working days: the last of March 2024 was the 29th."""
    work = DAYS[DAYS.astype(int) % 7 != 2]
    work = work[work.astype(int) % 7 != 3]
    day = np.repeat(DAYS[: len(DAYS) - 9], 4)
    events = table(day.astype("M8[M]").astype("M8[D]"), work[np.searchsorted(work, day)], resolution="month")
    share, _ = newest(events, months("2024-04-01"), "2024-03-31")
    assert share[-1] == pytest.approx(29 / 31, abs=0.02)


def test_sources__each_by_its_own_calendar():
    """Three quarters come each day at once, a quarter by a file on the month's last day."""
    day = np.repeat(DAYS, 4)
    events = pl.concat(
        [table(np.repeat(DAYS, 12), np.repeat(DAYS, 12)), table(day, month_end(day), source="counter")]
    )
    share, doubt = newest(events, weeks("2024-03-25"), "2024-03-24")
    np.testing.assert_allclose(share[-3:], 0.75, atol=1e-6)  # the file of February is the last
    assert share[-4] == pytest.approx(0.75 + 0.25 * 4 / 7, abs=0.001)  # 26 February to 3 March
    np.testing.assert_array_equal(share[:-4], 1)
    assert doubt.max() < 0.02


def test_source_that_fell_silent_for_good__is_not_waited_for():
    gone = DAYS[: int((np.datetime64("2024-01-01") - BEGIN) / DAY)]
    events = pl.concat([table(np.repeat(DAYS, 9), np.repeat(DAYS, 9)), table(gone, gone, source="old")])
    share, _ = newest(events, weeks("2024-04-01"), "2024-04-01")
    assert share[-1] == pytest.approx(0.9)  # three months: still late
    share, _ = newest(events, weeks("2024-07-08"), "2024-07-08")
    np.testing.assert_array_equal(share, 1)


def test_topic_with_few_events__takes_from_its_source():
    rng = np.random.default_rng(4)
    many = np.repeat(DAYS, 40)
    late = np.where(rng.random(len(many)) < 0.5, 0, 40)
    events = table(many, many + DAY * late, topic="theft")
    few = table(DAYS[3::56], DAYS[3::56])  # one in eight weeks, by chance never late
    share, doubt = newest(pl.concat([events, few]), weeks("2024-04-01"), "2024-04-01")
    assert 0.5 < share[-1] < 0.7  # four of its own and ten of the source's
    assert doubt[-1] > 0.3
    alone, _ = newest(few, weeks("2024-04-01"), "2024-04-01")
    assert alone[-1] > 0.95


def test_other_topics__tell_when_their_source_records():
    """One topic is rare, so that its last record is old; the others show that the office went on."""
    rare = DAYS[::9]
    events = pl.concat([table(rare, rare), table(np.repeat(DAYS, 20), np.repeat(DAYS, 20), topic="theft")])
    found = completeness(events, weeks("2024-04-01"), as_of=date(2024, 4, 1), newest=8, topics=["noise"])
    assert list(found) == ["noise"]
    np.testing.assert_array_equal(found["noise"][0], 1)


def test_stop__leaves_nothing_known_until_it_ends():
    """Six weeks without a record, then all at once: learnt from half a year later, and seen as it happens."""
    begun, over = np.datetime64("2023-09-04"), np.datetime64("2023-10-16")
    day = np.repeat(DAYS, 20)
    when = day + DAY * (np.arange(len(day)) % 2)  # a half on the day after
    when = np.where((when >= begun) & (when < over), over, when)
    events = table(day, when)
    within, _ = newest(events, weeks("2023-10-02"), "2023-10-02")
    np.testing.assert_allclose(within[-4:], 0.02)
    after, _ = newest(events, weeks("2023-10-16"), "2023-10-16")
    np.testing.assert_allclose(after, 1, atol=0.01)  # all that waited
    for past in (
        "2024-04-29",
        "2024-06-03",
        "2024-07-01",
    ):  # the stop is among the weeks that are learnt from
        edges = weeks(past)
        share, _ = newest(events, edges, edges[-1] - DAY)
        assert share[-1] == pytest.approx(13 / 14, abs=0.01)


def test_calendar__of_a_busy_office_is_the_days_on_which_it_records():
    work = np.arange(400)[np.arange(400) % 7 < 5]
    found = calendar(np.repeat(work, 30), np.ones(30 * len(work)), 0, 399)
    np.testing.assert_array_equal(found.days, work)


def test_calendar__of_a_quiet_office_is_every_day():
    """An event in three days: a day without a record says nothing, but a month does."""
    some = np.sort(np.random.default_rng(1).choice(400, 130, replace=False))
    found = calendar(some, np.ones(len(some)), 0, 399)
    assert len(found.days) > 360
    kept = some[(some < 200) | (some > 230)]
    away = calendar(kept, np.ones(len(kept)), 0, 399)
    assert not np.isin(np.arange(201, 229), away.days).any()


def test_calendar__takes_single_events_on_odd_days_for_none():
    ends = np.arange(29, 720, 30)
    odd = np.arange(3, 720, 4)
    recorded_ = np.concatenate([np.repeat(ends, 300), odd])
    found = calendar(recorded_, np.ones(len(recorded_)), 0, 719)
    np.testing.assert_array_equal(found.days, ends)
    huge = np.concatenate([recorded_, np.full(100_000, 100)])  # and one large file moves none of them
    found = calendar(huge, np.ones(len(huge)), 0, 719)
    np.testing.assert_array_equal(found.days, np.sort(np.append(ends, 100)))


def test_calendar__takes_back_nothing_and_of_nothing_is_empty():
    assert len(calendar(np.array([5, 6]), np.array([-1.0, -3.0]), 0, 9).days) == 0
    assert len(calendar(np.array([50]), np.array([1.0]), 0, 9).days) == 0


def test_law__counts_days_or_recording_days_whichever_explains_the_past():
    rng = np.random.default_rng(2)
    day = np.sort(rng.integers(0, 600, 6000))
    dumps = Calendar(np.cumsum(rng.integers(5, 60, 40)).astype(np.int64))
    ready = day + rng.geometric(0.1, len(day))
    known = next_of(dumps, ready)
    by_days = law(day, known, np.ones(len(day)), dumps, longest=200, early=False)
    assert by_days.in_days
    seen = by_days.told(np.array([0]), np.array([20]), Calendar(np.arange(300)))[0]
    assert seen == pytest.approx(1 - 0.9**20, abs=0.03)
    queue = dumps.days[np.searchsorted(dumps.days, day) + (rng.random(len(day)) < 0.3)]
    by_turns = law(day, queue, np.ones(len(day)), dumps, longest=200, early=False)
    assert not by_turns.in_days
    first = dumps.days[10:11]
    assert by_turns.told(first, first, dumps)[0] == pytest.approx(0.7, abs=0.02)
    assert by_turns.told(first, dumps.days[11:12], dumps)[0] == pytest.approx(1, abs=0.01)
    assert by_turns.told(first + 1, first, dumps)[0] == 0


def test_days_of_the_week__weigh_as_they_are_told_of():
    """Nine of ten happen on a Monday and one on a Sunday; all are recorded on the day after."""
    mondays, sundays = (DAYS[DAYS.astype("M8[D]").astype(int) % 7 == day] for day in (4, 3))
    day = np.concatenate([np.repeat(mondays, 90), np.repeat(sundays, 10)])
    events = table(day, day + DAY)
    share, _ = newest(events, weeks("2024-04-01"), "2024-03-31")
    assert share[-1] == pytest.approx(0.9, abs=0.001)
    assert share[-2] == 1


def test_what_is_taken_back__is_taken_off_when_it_is_told():
    """A half at once and a half after 10 days; a quarter of all is taken back after 40."""
    day = np.repeat(DAYS, 8)
    kind = np.tile(np.arange(8), len(DAYS))
    added = table(day, day + DAY * np.where(kind < 4, 0, 10))
    back = table(day[kind < 2], day[kind < 2] + DAY * 40).with_columns(n=pl.lit(-1, dtype=pl.Int32))
    share, _ = newest(pl.concat([added, back]), weeks("2024-04-01"), "2024-03-31")
    assert share[-1] == pytest.approx(4 / 6, abs=0.005)
    np.testing.assert_array_equal(share[-7:-2], 1)  # more than will stay


def test_weeks_that_came_in_long_after__are_not_learnt_from():
    """A half is told after 10 days; most weeks that would be learnt from come with one late file."""
    day = np.repeat(DAYS, 10)
    when = day + DAY * np.where(np.arange(len(day)) % 2 == 0, 0, 10)
    edges = weeks("2024-04-01")
    usual, _ = newest(table(day, when), edges, "2024-04-01")
    gone = (day >= np.datetime64("2023-04-10")) & (day < np.datetime64("2023-07-31"))
    file = np.where(gone, np.datetime64("2024-03-20"), when)
    share, _ = newest(table(day, file), edges, "2024-04-01")
    np.testing.assert_allclose(share, usual, atol=0.01)
    assert usual[-1] < 0.6


def test_doubt__is_of_the_stage_at_which_a_week_is():
    """A tenth is late by 30 days; of the others every second week's come at once, the rest after 10 days."""
    day = np.repeat(DAYS, 10)
    week = (day - np.datetime64("2021-01-04")).astype(int) // 7
    when = day + DAY * np.where(np.arange(len(day)) % 10 == 0, 30, np.where(week % 2 == 0, 0, 10))
    share, doubt = newest(table(day, when), weeks("2024-04-01"), "2024-04-01")
    assert share[-3] == pytest.approx(0.9, abs=0.01)
    assert doubt[-3] < 0.03
    assert doubt[-1] > 0.3
