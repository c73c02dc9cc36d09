"""How a published curve is laid out."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from mahalleh.disclose import Amount, half_width, series
from mahalleh.disclose.curves import coarsest_needed

HIDDEN = Amount(None, 3.0, "small")


def test_coarsest_needed__adds_up_periods_only_where_many_are_hidden():
    shown = Amount(100, 3.0)
    assert coarsest_needed([shown] * 52, "W") == 1
    assert coarsest_needed([HIDDEN] * 10 + [shown] * 42, "W") == 1  # 10 / 52 < 0.2
    assert coarsest_needed([HIDDEN] * 11 + [shown] * 41, "W") == 4  # 11 / 52 > 0.2
    assert coarsest_needed([HIDDEN] * 52, "W") == 13
    assert coarsest_needed([HIDDEN] * 12, "M") == 12
    assert coarsest_needed([], "M") == 1


def test_coarsest_needed__adds_up_periods_that_noise_blurs():
    assert coarsest_needed([Amount(10, 3.0)] * 52, "W") == 1  # 0.3, not more
    assert coarsest_needed([Amount(9, 3.0)] * 52, "W") == 4
    assert coarsest_needed([Amount(8, 3.0)] * 12, "M") == 3


FIRST = date(2024, 1, 6)


def cells_of(values, *, hidden=()):
    """Weekly cells of one place with one draw each; those at positions `hidden` are."""
    return pl.DataFrame(
        {
            "start": [FIRST + timedelta(weeks=i) for i in range(len(values))],
            "value": values,
            "hidden": ["small" if i in hidden else None for i in range(len(values))],
            "epsilon": 1.0,
            "draws": 1,
        },
        schema_overrides={"hidden": pl.Enum(("small",)), "value": pl.Int64},
    )


def curve_of(cells):
    starts = cells["start"].to_list()
    return series(cells, starts, starts[-1] + timedelta(weeks=1), "W", threshold=5)


def test_series__sets_the_last_year_beside_the_year_before():
    found = curve_of(cells_of([20] * 3 + [30] * 52 + [10] * 52))
    assert (found.span, found.compared, len(found.points)) == (1, True, 52)
    assert {(point.now.value, point.before.value) for point in found.points} == {(10, 30)}
    assert found.points[0].start == FIRST + timedelta(weeks=55)
    assert found.points[-1].end == FIRST + timedelta(weeks=107)


def test_series__of_a_young_release_is_its_whole_history():
    found = curve_of(cells_of(list(range(10, 30))))
    assert [point.now.value for point in found.points] == list(range(10, 30))
    assert not found.compared
    assert {point.before for point in found.points} == {Amount(None)}


def test_series__adds_up_weeks_that_are_hidden_and_says_how_sure_the_sum_is():
    found = curve_of(cells_of([3] * 52, hidden=range(52)))  # each is below 5, four of them are not
    assert found.coarse
    assert found.span == 13  # all are hidden, so it goes to quarters at once
    assert found.hidden == 0
    assert {point.now.value for point in found.points} == {13 * 3}
    assert {point.now.half_width for point in found.points} == {half_width(1.0, draws=13)}


def test_series__goes_to_quarters_where_most_sums_of_four_weeks_are_hidden_too():
    found = curve_of(cells_of([20] * 22 + [0] * 30, hidden=range(22, 52)))  # 7 of the 13 sums are 0
    assert found.span == 13
    assert [point.now.value for point in found.points] == [13 * 20, 9 * 20, None, None]


def test_series__counts_four_weeks_back_from_the_last():
    found = curve_of(cells_of([8] * 30, hidden=range(20, 28)))  # 8 of 30 are hidden
    assert found.span == 4
    assert [point.start for point in found.points] == [FIRST + timedelta(weeks=2 + 4 * i) for i in range(7)]
    assert {point.now.value for point in found.points} == {4 * 8}
    assert not found.empty
