"""For how long topics have been reported on, of small tables that can be worked out by hand."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from mahalleh.events import SCHEMA
from mahalleh.spans import reported_spans


def told(*rows, resolution="day", kind="need"):
    """Events of (source, topic, day, day of recording)."""
    return pl.DataFrame(
        [
            {
                "time": datetime.fromisoformat(day),
                "resolution": resolution,
                "recorded": date.fromisoformat(recorded),
                "area": "a",
                "cell": None,
                "topic": topic,
                "source": source,
                "kind": kind,
                "n": 1,
            }
            for source, topic, day, recorded in rows
        ],
        schema=SCHEMA,
    ).lazy()


def test_reported_spans__a_rare_topic_is_reported_for_as_long_as_its_source():
    events = told(
        ("web", "noise", "2024-01-08", "2024-01-09"),
        ("web", "lamps", "2024-02-20", "2024-02-20"),
        ("web", "noise", "2024-03-10", "2024-03-11"),
    )
    spans = reported_spans(events, lag_weeks=0)
    assert spans["need", "lamps"] == spans["need", "noise"] == (date(2024, 1, 8), date(2024, 3, 11))


def test_reported_spans__what_came_in_years_late_begins_nothing():
    # recorded first in January 2024: one of 2019, two of January; their median lies in January
    events = told(
        ("web", "noise", "2019-05-01", "2024-01-05"),
        ("web", "noise", "2024-01-10", "2024-01-10"),
        ("web", "noise", "2024-01-20", "2024-01-20"),
        ("web", "noise", "2024-02-20", "2024-02-20"),
    )
    assert reported_spans(events, lag_weeks=0)["need", "noise"][0] == date(2024, 1, 1)


def test_reported_spans__lag_counts_back_from_the_last_day_of_recording():
    events = told(("web", "noise", "2024-01-08", "2024-01-09"), ("web", "noise", "2024-03-10", "2024-03-20"))
    assert reported_spans(events, lag_weeks=0)["need", "noise"][1] == date(2024, 3, 11)  # what was told of
    assert reported_spans(events, lag_weeks=2)["need", "noise"][1] == date(2024, 3, 7)  # 21 March less 14


def test_reported_spans__of_a_month_the_whole_month_was_told():
    events = told(("file", "noise", "2024-02-01", "2024-03-31"), resolution="month")
    assert reported_spans(events, lag_weeks=0)["need", "noise"] == (date(2024, 2, 1), date(2024, 3, 1))


def test_reported_spans__sources_and_kinds_stand_for_themselves():
    events = pl.concat(
        [
            told(("web", "noise", "2024-01-08", "2024-01-08"), ("line", "noise", "2024-02-10", "2024-02-10")),
            told(("web", "lamps", "2024-01-20", "2024-01-20")),
            told(("web", "stops", "2023-06-03", "2023-06-03"), kind="activity"),
        ]
    )
    assert reported_spans(events, lag_weeks=0) == {
        ("need", "noise"): (date(2024, 1, 8), date(2024, 2, 11)),  # of either source
        ("need", "lamps"): (date(2024, 1, 8), date(2024, 1, 21)),  # of its own source alone
        ("activity", "stops"): (date(2023, 6, 3), date(2023, 6, 4)),
    }


def test_reported_spans__of_nothing_are_none():
    assert reported_spans(told(), lag_weeks=0) == {}
