"""Panels: complete periods, in the city's weeks and months, as known on a day."""

from datetime import date, timedelta
from itertools import pairwise

import jdatetime
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh.errors import PanelError
from mahalleh.panel import WEEKDAYS, panel, period_edges
from tests.test_events import events
from tests.test_places import GRID


def table(text):
    """Events from lines `day area topic n [recorded]`."""
    frames = []
    for line in text.strip().splitlines():
        day, area, topic, n, *recorded = line.split()
        known = date.fromisoformat(recorded[0] if recorded else day)
        frames.append(events(day, n=int(n), area=pl.lit(area), topic=pl.lit(topic), recorded=pl.lit(known)))
    return pl.concat(frames)


THREE = table("""
    2024-01-06 a0 noise 2
    2024-01-12 a0 noise 1
    2024-01-13 a1 light 5
    2024-01-30 a0 noise 1 2024-02-10
    2024-01-13 a1 light -1 2024-03-01
""")


def test_panel__fills_weeks_without_events_with_zero():
    counts = panel(THREE, GRID, week_start="saturday")
    assert counts.dims == ("topic", "area", "period")
    assert counts.dtype == np.int64
    assert counts.sel(topic="noise", area="a0").values.tolist() == [2 + 1, 0, 0, 1]
    assert counts.sel(topic="light", area="a1").values.tolist() == [0, 5 - 1, 0, 0]
    assert counts.sel(area="a8").sum() == 0


def test_panel__begins_weeks_on_the_citys_day():
    saturdays = panel(THREE, GRID, week_start="saturday")["period"].values.astype("datetime64[D]")
    assert saturdays[0] == np.datetime64("2024-01-06")
    mondays = panel(THREE, GRID, week_start="monday")["period"].values.astype("datetime64[D]")
    assert mondays[0] == np.datetime64("2024-01-01")


def test_panel__shows_the_past_as_it_was_known():
    by = {
        day: int(panel(THREE, GRID, as_of=date.fromisoformat(day)).sum())
        for day in ("2024-01-31", "2024-02-10", "2024-03-01")
    }
    assert by == {"2024-01-31": 2 + 1 + 5, "2024-02-10": 2 + 1 + 5 + 1, "2024-03-01": 2 + 1 + 5 + 1 - 1}


def test_panel__never_mixes_need_and_activity():
    mixed = pl.concat([THREE, events("2024-01-07", n=100, kind="activity", area=pl.lit("a0"))])
    assert int(panel(mixed, GRID).sum()) == int(panel(THREE, GRID).sum())
    assert int(panel(mixed, GRID, kind="activity").sum()) == 100


def test_panel__keeps_the_asked_topics_in_their_order_even_where_nothing_was_told():
    counts = panel(THREE, GRID, topics=["none", "noise"], start=date(2024, 1, 1), end=date(2024, 2, 5))
    assert counts["topic"].values.tolist() == ["none", "noise"]
    assert counts.sum(("area", "period")).values.tolist() == [0, 2 + 1 + 1]


def test_panel__counts_only_whole_periods_between_start_and_end():
    counts = panel(THREE, GRID, start=date(2024, 1, 3), end=date(2024, 1, 24), week_start="monday")
    assert counts["period"].values.astype("datetime64[D]").astype(str).tolist() == [
        "2024-01-08",
        "2024-01-15",
    ]
    assert int(counts.sum()) == 1 + 5 - 1


def test_panel__cuts_solar_months_at_nowruz():
    months = panel(
        table("2024-03-19 a0 noise 1\n2024-03-20 a0 noise 2\n2024-04-19 a0 noise 4\n2024-04-20 a0 noise 8"),
        GRID, freq="M", calendar="persian",
    )  # fmt: skip
    # Esfand 1402 ended on 19 March 2024; Farvardin 1403 has 31 days
    assert months["period"].values.astype("datetime64[D]").astype(str).tolist() == [
        "2024-02-20",
        "2024-03-20",
        "2024-04-20",
    ]
    assert months.sel(topic="noise", area="a0").values.tolist() == [1, 2 + 4, 8]


def test_panel__refuses_weeks_of_events_that_know_only_their_month():
    monthly = events("2024-01-01", resolution=pl.lit("month"), recorded=pl.lit(date(2024, 1, 31)))
    for options in ({"freq": "W"}, {"freq": "D"}, {"freq": "M", "calendar": "persian"}):
        with pytest.raises(PanelError, match="1 events know only their"):
            panel(monthly.with_columns(area=pl.lit("a0")), GRID, **options)
    assert int(panel(monthly.with_columns(area=pl.lit("a0")), GRID, freq="M").sum()) == 1


@pytest.mark.parametrize(
    "options", [{"freq": "Y"}, {"kind": "both"}, {"week_start": "someday"}, {"calendar": "mayan"}]
)
def test_panel__refuses_unknown_options(options):
    with pytest.raises(PanelError):
        panel(THREE, GRID, **options)


def test_panel__refuses_areas_that_the_places_lack():
    with pytest.raises(PanelError, match="elsewhere"):
        panel(THREE.with_columns(area=pl.lit("elsewhere")), GRID)


def test_panel__refuses_what_has_no_whole_period():
    with pytest.raises(PanelError, match="no events"):
        panel(THREE.clear(), GRID)
    with pytest.raises(PanelError, match="no whole period"):
        panel(THREE, GRID, start=date(2024, 1, 2), end=date(2024, 1, 5))


spring = st.dates(date(2024, 1, 1), date(2024, 3, 31))
days = st.dates(date(2019, 1, 1), date(2025, 12, 31))


@given(first=days, length=st.integers(0, 800), start=st.sampled_from(WEEKDAYS))
def test_period_edges__are_weeks_that_begin_on_their_day(first, length, start):
    past = first + timedelta(days=length)
    edges = period_edges(first, past, freq="W", week_start=start).astype(object).tolist()
    assert all(edge.weekday() == WEEKDAYS.index(start) for edge in edges)
    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(edges))
    if len(edges) > 1:
        assert first <= edges[0] < first + timedelta(days=7)
        assert past - timedelta(days=7) < edges[-1] <= past


@given(first=days, length=st.integers(0, 800))
def test_period_edges__are_first_days_of_solar_months(first, length):
    past = first + timedelta(days=length)
    edges = (
        period_edges(first, past, freq="M", calendar="persian", widen=(True, True)).astype(object).tolist()
    )
    solar = [jdatetime.date.fromgregorian(date=edge) for edge in edges]
    assert all(day.day == 1 for day in solar)
    assert edges[0] <= first
    assert edges[-1] >= past
    assert [(b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(solar)] == [1] * (len(edges) - 1)


@given(
    rows=st.lists(
        st.tuples(spring, st.integers(0, 8), st.sampled_from("xyz"), st.integers(-2, 5)),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_panel__agrees_with_counting_by_hand(rows):
    rows = [row for row in rows if row[3]] or [(date(2024, 1, 1), 0, "x", 1)]
    frame = pl.concat(
        [events(day.isoformat(), n=n, area=pl.lit(f"a{a}"), topic=pl.lit(t)) for day, a, t, n in rows]
    )
    counts = panel(frame, GRID, week_start="sunday")
    by_hand: dict[tuple, int] = {}
    for day, a, t, n in rows:
        sunday = day - timedelta(days=(day.weekday() + 1) % 7)
        by_hand[t, f"a{a}", sunday] = by_hand.get((t, f"a{a}", sunday), 0) + n
    periods = counts["period"].values.astype("datetime64[D]").astype(object)
    for (topic, area, start), n in by_hand.items():
        assert counts.sel(topic=topic, area=area).values[list(periods).index(start)] == n
    assert int(counts.sum()) == sum(by_hand.values())
