"""A burst from one spot is damped; what is usual, spread out or known by month only is left alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import floor, log2

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mahalleh.events import SCHEMA, check_events
from mahalleh.watch.duplicates import damp, damped

CELLS = [0x892B9BC4A03FFFF, 0x892B9BC4A07FFFF, 0x892B9BC4A0BFFFF]
DAY = date(2025, 3, 10)


def events(*rows):
    """(day, count, cell number or None, topic, source, kind, resolution): what is left out is usual."""
    usual = (DAY, 1, 0, "noise", "phone", "need", "day")
    made = []
    for row in rows:
        day, n, cell, topic, source, kind, resolution = (*row, *usual[len(row) :])
        made.append(
            {
                "time": datetime(day.year, day.month, day.day),
                "resolution": resolution,
                "recorded": day,
                "area": "a",
                "cell": None if cell is None else CELLS[cell],
                "topic": topic,
                "source": source,
                "kind": kind,
                "n": n,
            }
        )
    return check_events(pl.DataFrame(made, schema=SCHEMA))


def total(frame):
    return int(frame["n"].sum())


def one_by_one(count, *row):
    return [(row[0] if row else DAY, 1, *row[1:])] * count


def by_hand(reports, cap):
    return reports if reports <= cap else cap + floor(log2(1 + reports - cap))


@given(st.integers(-50, 100_000), st.integers(3, 500))
def test_damped__keeps_what_is_within_the_cap_and_counts_doublings_of_the_rest(reports, cap):
    one = damped(np.array([reports]), np.array([cap]))
    assert one.tolist() == [by_hand(reports, cap)]
    assert damped(np.array([reports + 1]), np.array([cap]))[0] >= one[0]


def test_damp__a_hundred_reports_of_a_day_from_one_cell_count_nine():
    frame, damping = damp(events(*one_by_one(100)))
    assert total(frame) == 3 + 6  # 97 beyond: 1 + 97 doubles six times
    assert (damping.reports, damping.counted) == (100, 9)
    row = damping.rows.row(0, named=True)
    assert {k: row[k] for k in ("source", "day", "reports", "cap", "counted")} == {
        "source": "phone",
        "day": DAY,
        "reports": 100,
        "cap": 3,
        "counted": 9,
    }
    assert damping.left_out("noise", ["a"], DAY, DAY + timedelta(days=1)) == 91
    assert damping.left_out("noise", ["b"], DAY, DAY + timedelta(days=1)) == 0
    assert damping.left_out("noise", ["a"], DAY - timedelta(days=1), DAY) == 0


def test_damp__counts_in_one_row_are_damped_as_counts_in_many():
    assert total(damp(events((DAY, 100)))[0]) == total(damp(events(*one_by_one(100)))[0]) == 9


@pytest.mark.parametrize("reports", [1, 2, 3, 4])
def test_damp__one_report_and_a_few_neighbours_are_untouched(reports):
    given_ones = events(*one_by_one(reports))
    frame, damping = damp(given_ones)
    assert frame is given_ones
    assert damping.rows.is_empty()


def test_damp__the_same_reports_from_other_cells_days_topics_or_sources_are_no_burst():
    spread = [
        *one_by_one(4),
        *one_by_one(4, DAY, 1),
        *one_by_one(4, DAY + timedelta(days=1)),
        *one_by_one(4, DAY, 0, "litter"),
        *one_by_one(4, DAY, 0, "noise", "app"),
    ]
    assert total(damp(events(*spread))[0]) == 5 * 4


def test_damp__months_and_activity_are_left_alone():
    coarse = (DAY.replace(day=1), 500, 0, "noise", "phone", "need", "month")
    patrols = (DAY, 500, 0, "stops", "patrol", "activity", "day")
    given_ones = events(coarse, patrols)
    assert damp(given_ones)[0] is given_ones
    with_burst, _ = damp(events(coarse, patrols, *one_by_one(100)))
    assert total(with_burst) == 500 + 500 + 9


def busy(months, reports, *, cell=0):
    """So many reports on one day of each month."""
    return [(date(2025, month, 5), reports, cell) for month in range(1, months + 1)]


def test_damp__a_spot_is_used_to_what_it_saw_in_three_months():
    assert total(damp(events(*busy(3, 20)))[0]) == 3 * 20
    assert total(damp(events(*busy(2, 20)))[0]) == 2 * by_hand(20, 3)
    later = damp(events(*busy(3, 20), (date(2025, 9, 1), 100)))[0]
    assert total(later) == 3 * 20 + by_hand(100, 20)


def test_damp__a_brigade_of_many_days_within_two_months_does_not_lift_its_own_cap():
    days = [(date(2025, 3, 1) + timedelta(days=i), 50) for i in range(60)]  # to 29 April
    assert total(damp(events(*days))[0]) == 60 * by_hand(50, 3)


def test_damp__reports_that_name_only_their_area_may_double_what_it_is_used_to():
    usual = busy(3, 20, cell=None)
    assert total(damp(events(*usual, (date(2025, 9, 1), 40, None)))[0]) == 3 * 20 + 40
    assert total(damp(events(*usual, (date(2025, 9, 1), 400, None)))[0]) == 3 * 20 + by_hand(400, 40)


def test_damp__corrections_take_back_no_more_than_was_counted():
    frame, damping = damp(events(*one_by_one(100), *[(DAY, -1)] * 98))
    assert total(frame) == 2
    assert damping.rows.is_empty()
    half = damp(events(*one_by_one(100), *[(DAY, -1)] * 50))[0]
    assert total(half) == by_hand(50, 3)


def test_damp__keeps_the_reports_that_were_recorded_first():
    early = events(*one_by_one(3))
    late = events(*one_by_one(97)).with_columns(recorded=pl.lit(DAY + timedelta(days=9)))
    frame, _ = damp(pl.concat([late, early]))
    assert total(frame.filter(pl.col("recorded") == DAY)) == 3
    assert total(frame) == 9


def test_damp__keeps_the_schema_the_laziness_and_the_order_of_the_rest():
    quiet = events(*[(DAY + timedelta(days=i), 1, i % 3) for i in range(1, 9)])
    whole = pl.concat([quiet.head(4), events(*one_by_one(50)), quiet.tail(4)])
    frame, _ = damp(whole)
    assert frame.schema == SCHEMA
    assert_frame_equal(frame.head(8), quiet)
    lazy, damping = damp(whole.lazy())
    assert isinstance(lazy, pl.LazyFrame)
    assert_frame_equal(lazy.collect(), frame)
    assert total(frame) == damping.counted


def test_damp__no_events_are_no_burst():
    frame, damping = damp(pl.DataFrame(schema=SCHEMA))
    assert frame.is_empty()
    assert (damping.reports, damping.counted) == (0, 0)


rows = st.lists(
    st.tuples(
        st.integers(0, 120).map(lambda days: DAY + timedelta(days=days)),
        st.integers(1, 40),
        st.sampled_from([0, 1, None]),
        st.sampled_from(["noise", "litter"]),
    ),
    min_size=1,
    max_size=40,
)


def spot_totals(frame):
    keys = ["cell", "topic", pl.col("time").dt.date().alias("day")]
    found = frame.group_by(keys).agg(pl.col("n").sum())
    return {(cell, topic, day): n for cell, topic, day, n in found.iter_rows()}


@settings(max_examples=80)
@given(rows, rows, st.integers(0, 2**32))
def test_damp__more_reports_never_lower_any_count_and_order_does_not_matter(some, more, seed):
    before = spot_totals(damp(events(*some))[0])
    together = events(*some, *more)
    after = spot_totals(damp(together)[0])
    assert all(after[spot] >= count for spot, count in before.items())
    shuffled = together.sample(fraction=1, shuffle=True, seed=seed)
    assert spot_totals(damp(shuffled)[0]) == after
    assert damp(shuffled)[1].rows.equals(damp(together)[1].rows)


@settings(max_examples=80)
@given(rows)
def test_damp__is_the_rule_written_down_plainly(some):
    frame = events(*some)
    reports = spot_totals(frame)
    expected = {}
    for (cell, topic, day), n in reports.items():
        maxima = {}
        for (c, t, d), m in reports.items():
            if (c, t) == (cell, topic):
                maxima[d.month] = max(maxima.get(d.month, 0), m)
        third = sorted(maxima.values())[-3] if len(maxima) >= 3 else 0
        expected[cell, topic, day] = by_hand(n, max(third, 3) * (2 if cell is None else 1))
    assert spot_totals(damp(frame)[0]) == expected
