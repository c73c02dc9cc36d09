"""What a signal rests on: sources left out, spots that stand out, and reports that were damped."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh.errors import WatchError
from mahalleh.events import SCHEMA
from mahalleh.watch.duplicates import damp
from mahalleh.watch.influence import PRIOR, expectation_ratio, influence, outstanding_cells
from mahalleh.watch.results import Baseline, Cluster
from tests.days import WEEK

FIRST = date(2024, 1, 6)
PERIODS, WINDOW = 20, 4
EDGES = np.datetime64(FIRST) + WEEK * np.arange(PERIODS + 1)
AREAS = ("a", "b", "c")
CELL = 0x892B9BC4A03FFFF
CHANCE = np.linspace(0.1, 9.99, 99)  # the largest ratios of 99 replicates


def told(rows):
    """(week, area, source, reports, cell offset): of a topic, on different days of the week."""
    made = []
    for week, area, source, reports, cell in rows:
        for i in range(reports):
            day = FIRST + timedelta(days=7 * week + i % 7)
            made.append(
                {
                    "time": datetime(day.year, day.month, day.day),
                    "resolution": "day",
                    "recorded": day,
                    "area": area,
                    "cell": None if cell is None else CELL + (cell + (i // 7)) * 2**18,
                    "topic": "noise",
                    "source": source,
                    "kind": "need",
                    "n": 1,
                }
            )
    return pl.DataFrame(made, schema=SCHEMA)


def baseline(level=5.0, dispersion=2.0):
    mean = np.full((3, PERIODS), level)
    return Baseline(mean, np.full_like(mean, dispersion), np.zeros((3, PERIODS, 1)), np.zeros((PERIODS, 1)))


def found_in(events, areas=(0, 1), level=5.0):
    observed = events.filter(
        pl.col("area").is_in([AREAS[i] for i in areas]), pl.col("time") >= EDGES[-1 - WINDOW].item()
    )["n"].sum()
    return Cluster(
        index=np.asarray(areas, dtype=np.int32),
        areas=tuple(AREAS[i] for i in areas),
        start=PERIODS - WINDOW,
        end=PERIODS - 1,
        observed=float(observed),
        expected=level * WINDOW * len(areas),
        relative_risk=2.0,
        ratio=8.0,
        p_value=0.01,
        gumbel_p_value=0.01,
        recurrence=100.0,
    )


def asked(events, cluster=None, **options):
    return influence(
        events,
        cluster or found_in(events),
        **{
            "topic": "noise",
            "edges": EDGES,
            "expected": baseline(),
            "chance": CHANCE,
            **options,
        },
    )


def usual(week, phone=4, app=1, area="a"):
    return [(week, area, "phone", phone, 0), (week, area, "app", app, 20)]


def two_areas(phone, app):
    """Sixteen usual weeks in all areas, then four in which a and b are told of by phone and app as given."""
    past = [row for week in range(16) for area in AREAS for row in usual(week, area=area)]
    new = [row for week in range(16, 20) for area in "ab" for row in usual(week, phone, app, area)]
    return told(past + new)


def test_influence__a_rise_by_every_source_stands_without_the_small_one():
    found = asked(two_areas(phone=12, app=3))
    assert [(one.source, one.observed) for one in found.sources] == [("phone", 96), ("app", 24)]
    assert [one.share for one in found.sources] == [96 / 120, 24 / 120]
    # 4 of 5 in these areas and in the city alike
    assert [one.history_share for one in found.sources] == pytest.approx([0.8, 0.2])
    app = found.sources[1]
    assert (app.left_observed, app.left_expected) == (96, pytest.approx(5 * 4 * 2 * 0.8))
    # counts and expectations over a dispersion of 2: 48 against 16
    assert app.left_ratio == pytest.approx(48 * np.log(48 / 16) - (48 - 16))
    assert app.left_p_value == 1 / 100
    assert app.stands
    # without phone: 12 against 4
    left = 12 * np.log(12 / 4) - 8
    assert found.sources[0].left_ratio == pytest.approx(left)
    assert found.sources[0].left_p_value == (1 + (left <= CHANCE).sum()) / 100
    assert found.rests_on == ("phone",)


def test_influence__a_rise_of_one_source_alone_rests_on_it():
    found = asked(two_areas(phone=4, app=11))
    assert found.rests_on == ("app",)
    assert found.sources[0].source == "app"
    assert found.sources[0].left_ratio == 0.0  # phone is as usual
    assert found.sources[0].left_p_value == 1.0


def test_influence__a_new_source_takes_no_expectation_with_it():
    events = pl.concat([two_areas(phone=4, app=1), told([(19, "a", "radio", 60, 40)])])
    radio = asked(events).sources[0]
    assert (radio.source, radio.observed, radio.history_share) == ("radio", 60, 0.0)
    assert (radio.left_observed, radio.left_expected) == (40, 40.0)
    assert not radio.stands


def test_influence__shares_of_quiet_areas_begin_from_the_citys():
    past = [row for week in range(16) for row in usual(week, phone=3, app=1, area="c")]  # a tells nothing
    new = [(week, "a", "phone", 12, 0) for week in range(16, 20)]
    found = asked(told(past + new), found_in(told(past + new), areas=(0,)))
    assert found.sources[0].history_share == pytest.approx((0 + PRIOR * 0.75) / (0 + PRIOR))


def test_influence__only_the_history_asked_for_is_compared_with():
    old = [(week, "a", "app", 9, 20) for week in range(8)]
    recent = [(week, "a", "phone", 9, 0) for week in range(8, 20)]
    events = told(old + recent)
    cluster = found_in(events, areas=(0,))
    assert asked(events, cluster, history=8).sources[0].history_share == 1.0
    assert asked(events, cluster).sources[0].history_share < 0.6


def test_influence__without_any_history_nothing_is_taken_from_the_expected():
    events = told([(week, "a", "phone", 12, 0) for week in range(16, 20)])
    found = asked(events, found_in(events, areas=(0,)))
    assert found.sources[0].history_share == 0.0


def test_influence__activity_other_topics_and_other_weeks_change_nothing():
    events = two_areas(phone=12, app=3)
    other = events.with_columns(topic=pl.lit("litter"))
    patrols = events.with_columns(kind=pl.lit("activity", dtype=SCHEMA["kind"]))
    later = events.with_columns(pl.col("time") + pl.duration(days=7 * PERIODS))
    everything = pl.concat([events, other, patrols, later])
    assert asked(everything, found_in(events)) == asked(events)
    assert asked(everything.lazy(), found_in(events)) == asked(events)


def test_influence__other_events_than_were_scanned_are_refused():
    events = two_areas(phone=12, app=3)
    with pytest.raises(WatchError) as caught:
        asked(events.head(len(events) - 1), found_in(events))
    assert [fault.code for fault in caught.value.faults] == ["watch.influence-other-events"]


def test_influence__corrections_beyond_what_was_told_count_as_zero_as_in_the_scan():
    events = two_areas(phone=12, app=3)
    week = pl.col("time") >= EDGES[-2].item()
    corrections = events.filter(week, pl.col("area") == "b").with_columns(n=pl.lit(-3, dtype=pl.Int32))
    everything = pl.concat([events, corrections])
    cluster = found_in(events.filter(~(week & (pl.col("area") == "b"))))
    found = asked(everything, cluster)
    assert cluster.observed == 4 * 15 + 3 * 15
    assert {one.source: one.observed for one in found.sources} == {"phone": 84, "app": 21}


@pytest.mark.parametrize("edges", [EDGES[:-1], EDGES[::-1]])
def test_influence__edges_of_other_periods_are_refused(edges):
    with pytest.raises(WatchError) as caught:
        asked(two_areas(12, 3), edges=edges)
    assert [fault.code for fault in caught.value.faults] == ["watch.influence-edges"]


def test_influence__a_brigade_on_one_spot_is_damped_flagged_and_told():
    past = two_areas(phone=5, app=1)
    brigade = told([(19, "a", "app", 7, 20)] * 40)  # forty a day for a week, from one cell
    events, damping = damp(pl.concat([past, brigade]))
    found = asked(events, damping=damping)
    assert found.burst
    # of 40 on top of the app's usual report (on the week's first day alone), 3 and five doublings remain
    assert found.damped == 7 * 40 + 1 - 7 * (3 + 5)
    assert found.cells[0].cell == CELL + 20 * 2**18
    assert found.cells_share > 0.4


def test_influence__a_rise_all_over_is_no_burst():
    rng = np.random.default_rng(1)
    weeks = [(week, 2) for week in range(16)] + [(week, 5) for week in range(16, 20)]
    rows = [
        (week, area, "phone", 1, int(rng.integers(0, 12)))
        for week, level in weeks
        for area in "ab"
        for _ in range(level * 2)
    ]
    found = asked(told(rows))
    assert not found.burst
    assert found.cells_share < 0.3


def test_outstanding_cells__are_few_the_largest_first_and_within_their_error():
    rng = np.random.default_rng(2)
    weights = rng.dirichlet(np.full(30, 2.0))
    mistaken = 0
    for _ in range(400):
        before = dict(enumerate(rng.multinomial(400, weights).tolist()))
        now = {cell: n for cell, n in enumerate(rng.multinomial(40, weights).tolist()) if n}
        mistaken += bool(outstanding_cells(now, before))
    # one in a hundred was allowed; unequal and unsure shares of the past may double it
    assert mistaken / 400 < 0.02 + 3 * np.sqrt(0.02 / 400)
    before = dict.fromkeys(range(30), 10)
    now = {3: 20, 4: 30, 5: 25, 6: 22, 7: 1}
    assert [one.cell for one in outstanding_cells(now, before)] == [4, 5, 6]


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_expectation_ratio__is_nothing_without_a_rise_and_grows_with_it(observed, expected):
    ratio = expectation_ratio(observed, expected)
    assert ratio >= 0
    if observed <= expected:
        assert ratio == 0
    assert expectation_ratio(observed + 1, expected) >= ratio
    assert expectation_ratio(1.0, 0.0) == np.inf
