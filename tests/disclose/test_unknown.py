"""Periods that no file told of: no value, no draw, no nought; sums say of how many periods they are."""

from datetime import date

import numpy as np
import polars as pl
import xarray as xr

from mahalleh.disclose import Amount, amounts, compare, release, series
from mahalleh.disclose.changes import bursts, window

STARTS = [date(2022 + month // 12, month % 12 + 1, 1) for month in range(24)]
EDGES = [*STARTS, date(2024, 1, 1)]
LOST = STARTS[14:18]  # four months of the second year


def panel():
    edges = np.array(EDGES, dtype="datetime64[ns]")
    values = np.full((1, 2, 24), 100)
    values[:, :, 14:18] = 0  # as a panel has it: what no file told is a nought
    return xr.DataArray(
        values,
        dims=("topic", "area", "period"),
        coords={
            "topic": ["noise"],
            "area": ["a", "b"],
            "period": edges[:-1],
            "period_end": ("period", edges[1:]),
        },
        attrs={"freq": "M", "kind": "need"},
    )


def made(ledger=None, unknown=None):
    return release(
        panel(),
        epsilon=1.0,
        threshold=5,
        sensitivity={"noise": "open"},
        parents={"a": "d", "b": "d"},
        ledger=ledger,
        unknown={"noise": LOST} if unknown is None else unknown,
    )


def test_release__says_unknown_where_no_file_told_and_draws_nothing():
    first = made()
    lost = first.public().filter(pl.col("start").is_in(LOST))
    assert lost["hidden"].cast(pl.String).to_list() == ["unknown"] * 2 * 4
    assert lost["value"].null_count() == lost["half_width"].null_count() == 8
    assert first.ledger.filter(pl.col("start").is_in(LOST)).is_empty()
    assert first.cells.height == 2 * 24
    assert first.cells.filter(~pl.col("start").is_in(LOST))["hidden"].null_count() == 2 * 20


def test_release__publishes_a_period_once_its_file_has_come_and_changes_nothing_else():
    first = made()
    second = made(first.ledger, {})
    known = ~pl.col("start").is_in(LOST)
    assert second.cells.filter(known).equals(first.cells.filter(known))
    assert second.ledger.filter(~known)["draw"].to_list() == [1] * 8


def test_amounts__say_of_how_many_periods_they_are():
    cells = made().cells
    year = cells.filter(pl.col("start") >= STARTS[12])
    (told,) = amounts(year, by=["topic"], threshold=5).values()
    assert (told.periods, told.unknown, told.known) == (12, 4, 8)
    assert abs(told.value - 2 * 8 * 100) < 60
    by_month = amounts(cells, by=["start"], threshold=5)
    assert {start for start, amount in by_month.items() if amount.hidden == "unknown"} == set(LOST)
    assert all(by_month[start].value is None for start in LOST)


def test_compare__never_compares_fewer_periods_with_all():
    assert compare(Amount(800, 3.0, None, 12, 4), Amount(1200)).kind == "unknown"
    assert compare(Amount(1200), Amount(800, 3.0, None, 12, 4)).kind == "unknown"


def test_series__has_a_gap_and_no_nought_and_stays_as_fine_as_it_was():
    curve = series(made().cells, STARTS, EDGES[-1], "M", threshold=5)
    assert (curve.span, curve.unknown, curve.hidden) == (1, 4, 0)
    gaps = [point.start for point in curve.points if point.now.hidden == "unknown"]
    assert gaps == LOST
    assert all(point.now.value is None for point in curve.points if point.start in LOST)


def test_bursts__pass_over_unknown_periods():
    found = bursts(made().cells, window(STARTS, EDGES[-1], "M"), by="topic")
    assert found["noise"] == 1.0
