"""Sums of frozen cells: always shown, unbiased, and with an error that holds."""

import numpy as np
import polars as pl
import pytest

from mahalleh.disclose import release, shown, total
from mahalleh.errors import DisclosureError
from tests.disclose.conftest import PARENTS, make_panel


@pytest.fixture(scope="module")
def sparse(settings: dict) -> pl.DataFrame:
    """Counts about 8, so that here and there a cell is small; each area in a district."""
    panel = make_panel(np.random.default_rng(11).poisson(9, (1, 6, 52)).astype(np.int64), start="2024-12-05")
    parents = {**PARENTS, "c1": "B"}
    return release(panel, **{**settings, "parents": parents}).cells


def test_total__is_the_sum_of_frozen_cells_small_ones_too(sparse: pl.DataFrame) -> None:
    whole = total(sparse, by=["place"])
    for place, value, cells in whole.select("place", "value", "cells").iter_rows():
        mine = sparse.filter(pl.col("place") == place)
        assert (value, cells) == (mine["value"].sum(), mine.height)
    assert total(sparse, by=[])["value"].item() == sparse["value"].sum()


def test_total__is_unbiased_and_within_its_half_width_19_times_in_20(settings: dict) -> None:
    exact = np.random.default_rng(1).poisson(6, (1, 6, 2080)).astype(np.int64)
    parts = make_panel(exact, start="1990-01-06")
    made = release(parts, **settings).cells.with_columns(
        (pl.col("start").rank("dense").over("place") - 1).floordiv(13).alias("quarter")
    )
    sums = total(made, by=["place", "quarter"]).sort("place", "quarter")
    truth = exact[0].reshape(6, 160, 13).sum(axis=2).ravel()
    error = sums["value"].to_numpy() - truth
    covered = (np.abs(error) <= sums["half_width"].to_numpy()).mean()
    spread = np.sqrt(0.95 * 0.05 / 960)
    assert covered > 0.95 - 5 * spread
    assert covered < 0.97 + 5 * spread  # whole numbers cover a little more than 95%
    assert abs(error.mean()) < 5 * error.std() / np.sqrt(960)


def test_total__is_small_below_the_threshold_and_for_no_other_reason(sparse: pl.DataFrame) -> None:
    for by in (["place", "start"], ["place"], ["start"], []):
        sums = total(sparse, by=by)
        assert sums["hidden"].is_not_null().equals(sums["value"] < 5)


def test_total__with_one_small_cell_is_shown_and_holds_it() -> None:
    rows = {"value": [3] + [20] * 7, "hidden": ["small"] + [None] * 7, "epsilon": 1.0, "draws": 1}
    sums = total(pl.DataFrame(rows, schema_overrides={"hidden": pl.String}), by=[])
    assert sums.select("value", "hidden", "cells").row(0) == (3 + 7 * 20, None, 8)


def test_total__takes_a_threshold_and_a_level(sparse: pl.DataFrame) -> None:
    strict = total(sparse, by=["place"], threshold=10_000)
    assert strict["hidden"].cast(pl.String).unique().to_list() == ["small"]
    wide, narrow = (total(sparse, by=[], level=level)["half_width"].item() for level in (0.99, 0.5))
    assert wide > narrow


def test_total__of_no_cells_is_empty(sparse: pl.DataFrame) -> None:
    assert total(sparse.head(0), by=["place"]).is_empty()


def test_total__refuses_a_table_that_is_no_cells(sparse: pl.DataFrame) -> None:
    with pytest.raises(DisclosureError) as caught:
        total(sparse.drop("epsilon"), by=["nowhere"])
    assert caught.value.faults[0].facts["missing"] == ["epsilon", "nowhere"]


def test_shown__hides_values_and_shows_no_count_below_zero() -> None:
    rows = pl.DataFrame({"value": [-2, 3, 9], "half_width": [3.0, 3.0, 3.0], "hidden": [None, "small", None]})
    assert shown(rows)["value"].to_list() == [0, None, 9]
    assert shown(rows)["half_width"].to_list() == [3.0, None, 3.0]
