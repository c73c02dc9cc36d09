"""Which days no file told of: between the files of a source, and only there."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mahalleh.coverage import missing_days
from mahalleh.events import Batch


def batch(name, first, last, *, source="desk", topics=("noise",), how="seen"):
    return Batch(name, name, 1, 1, first, last, last, (), (), ((source, first, last, how, *topics),))


def days(first, last):
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return frozenset(start + timedelta(days=n) for n in range((end - start).days + 1))


def test_missing_days__are_those_between_stated_months():
    told = [
        batch("2023-04", "2023-04-01", "2023-04-30", how="stated"),
        batch("2023-11", "2023-11-01", "2023-11-30", how="stated"),
    ]
    assert missing_days(told) == {"noise": days("2023-05-01", "2023-10-31")}


def test_missing_days__are_whole_months_where_files_are_monthly_and_quiet_days_count_as_told():
    told = [batch("jan", "2024-01-03", "2024-01-27"), batch("mar", "2024-03-05", "2024-03-20")]
    assert missing_days(told) == {"noise": days("2024-02-01", "2024-02-29")}


def test_missing_days__are_weeks_where_files_are_weekly():
    told = [batch("w1", "2024-01-01", "2024-01-07"), batch("w3", "2024-01-15", "2024-01-21")]
    assert missing_days(told) == {"noise": days("2024-01-08", "2024-01-14")}


def test_missing_days__are_no_week_in_a_month_that_other_files_touch_where_one_file_is_longer():
    told = [batch("jan", "2024-01-01", "2024-01-14"), batch("later", "2024-01-22", "2024-01-28")]
    assert missing_days(told) == {}  # 15 to 21 January: as docs/operators.md warns


def test_missing_days__are_weeks_also_where_one_file_of_the_source_is_of_a_month():
    told = [
        batch("january", "2024-01-01", "2024-01-31"),
        *(batch(f"w{n}", f"2024-02-{n:02}", f"2024-02-{n + 6:02}") for n in (1, 8, 22)),
    ]
    assert missing_days(told) == {"noise": days("2024-02-15", "2024-02-21")}


def test_missing_days__are_none_of_a_month_whose_file_tells_of_a_few_days():
    months = [batch(f"{n}", f"2024-{n:02}-02", f"2024-{n:02}-28") for n in (1, 3)]
    assert missing_days([*months, batch("2", "2024-02-10", "2024-02-12")]) == {}


def test_missing_days__take_a_long_history_for_no_measure_of_what_follows():
    told = [batch("history", "2015-01-01", "2023-12-31"), batch("mar", "2024-03-01", "2024-03-31")]
    assert missing_days(told) == {"noise": days("2024-01-01", "2024-02-29")}


def test_missing_days__are_none_within_one_file_nor_between_neighbours():
    assert missing_days([batch("all", "2020-01-01", "2024-12-31")]) == {}
    assert (
        missing_days([batch("jan", "2024-01-02", "2024-01-30"), batch("feb", "2024-02-03", "2024-02-27")])
        == {}
    )


def test_missing_days__are_told_by_another_file_of_the_same_topics_alone():
    told = [
        batch("jan-street", "2024-01-01", "2024-01-31", how="stated", topics=("theft", "noise")),
        batch("feb-stops", "2024-02-01", "2024-02-29", how="stated", topics=("search",)),
        batch("mar-street", "2024-03-01", "2024-03-31", how="stated", topics=("theft",)),
    ]
    assert missing_days(told) == {topic: days("2024-02-01", "2024-02-29") for topic in ("theft", "noise")}
    empty = batch("feb-street", "2024-02-01", "2024-02-29", how="stated", topics=())
    assert missing_days([*told, empty]) == {}


def test_missing_days__are_those_of_any_source_and_those_between_two():
    gap = days("2024-02-01", "2024-02-29")
    halves = [batch("a1", "2024-01-01", "2024-01-31"), batch("a3", "2024-03-01", "2024-03-31")]
    other = batch("b", "2024-01-01", "2024-03-31", source="other")
    assert missing_days([*halves, other]) == {"noise": gap}
    after = batch("b", "2024-03-01", "2024-03-31", source="other")
    assert missing_days([halves[0], after]) == {"noise": gap}


def test_missing_days__know_files_that_name_their_sources_for_one():
    told = [
        batch("jan.csv", "2024-01-01", "2024-01-31", source="jan"),
        batch("mar.csv", "2024-03-01", "2024-03-31", source="mar"),
    ]
    assert missing_days(told) == {"noise": days("2024-02-01", "2024-02-29")}


def test_missing_days__know_a_source_by_its_name_whatever_its_first_file_is_called():
    told = [
        replace(batch("desk.csv", "2024-01-01", "2024-01-31"), named=True),
        batch("mar.csv", "2024-03-01", "2024-03-31", source="Desk"),
        batch("other.csv", "2024-01-01", "2024-03-31", source="street"),
    ]
    assert missing_days(told) == {"noise": days("2024-02-01", "2024-02-29")}


@pytest.mark.parametrize("always", ["", "reports:"])
def test_missing_days__are_none_of_a_source_that_tells_of_every_day(always):
    told = [
        batch("reports 2024-01", "2024-01-05", "2024-01-30", source="reports:web"),
        batch("reports 2024-03", "2024-03-05", "2024-03-30", source="reports:web"),
    ]
    assert bool(missing_days(told, always=always)) == (not always)
