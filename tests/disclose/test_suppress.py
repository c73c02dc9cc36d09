"""Complementary suppression, and the attacks that it is for."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mahalleh.disclose import release, shown, total
from mahalleh.disclose.suppress import complement
from mahalleh.errors import DisclosureError
from tests.disclose.conftest import AREAS, PARENTS, make_panel


def table(text: str) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """A table drawn: a number is shown, `s7` is small. Rows and columns are sums."""
    rows = [line.split() for line in text.strip().splitlines()]
    cells = [cell for row in rows for cell in row]
    values = np.array([int(cell.lstrip("s")) for cell in cells], dtype=np.int64)
    small = np.array([cell.startswith("s") for cell in cells])
    row, column = np.indices((len(rows), len(rows[0])), dtype=np.int64)
    return values, small, (row.ravel(), column.ravel())


def hidden(text: str) -> str:
    values, small, sums = table(text)
    also = complement(values, small, np.zeros_like(small), sums)
    marks = ["s" if s else "c" if c else "." for s, c in zip(small, also, strict=True)]
    width = len(text.strip().splitlines()[0].split())
    return "\n".join(" ".join(marks[i : i + width]) for i in range(0, len(marks), width))


def test_complement__hides_small_cells_that_leave_no_new_single() -> None:
    assert hidden("""
        s2  9  8
        7  20 30
        6  11 40
    """) == "\n".join(["s . c", "c . c", "c . c"])  # fmt: skip


def test_complement__prefers_a_larger_cell_that_spoils_no_other_sum() -> None:
    # rows one and two: hiding the 30s in the third column leaves no column single; hiding 20s would
    assert hidden("s2 20 30\n s3 20 30\n 50 60 s4\n 50 60 s1") == "s . c\ns . c\nc . s\nc . s"


def test_complement__leaves_sums_with_two_hidden_alone() -> None:
    assert hidden("s2 s1 8\n s3 s4 9\n 20 30 40") == "s s .\ns s .\n. . ."


def test_complement__hides_nothing_where_nothing_is_small() -> None:
    assert hidden("12 13\n14 15") == ". .\n. ."


def test_complement__of_sums_of_one_cell_can_hide_no_other() -> None:
    values, small = np.array([3], dtype=np.int64), np.array([True])
    alone, none = np.array([0], dtype=np.int64), np.array([-1], dtype=np.int64)
    for sums in ((alone, alone), (alone, none), (none, none)):
        assert complement(values, small, ~small, sums).tolist() == [False]


def singles(values: np.ndarray, out: np.ndarray, sums: tuple[np.ndarray, ...]) -> int:
    """The slow obvious twin: count the sums with one hidden cell and some shown."""
    found = 0
    for groups in sums:
        for group in set(groups.tolist()) - {-1}:
            inside = [bool(out[i]) for i in range(len(values)) if groups[i] == group]
            found += inside.count(True) == 1 and len(inside) > 1
    return found


@given(st.data())
def test_complement__leaves_no_sum_with_a_single_hidden_cell(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    numbers = st.lists(st.integers(-3, 40), min_size=count, max_size=count)
    groups = st.lists(st.integers(-1, 6), min_size=count, max_size=count)
    values = np.array(data.draw(numbers), dtype=np.int64)
    sums = tuple(np.array(data.draw(groups), dtype=np.int64) for _ in range(2))
    small = values < 5
    also = complement(values, small, np.zeros(count, dtype=bool), sums)
    assert singles(values, small | also, sums) == 0
    assert not (small & also).any()
    if not small.any():
        assert not also.any()


def given_away(out: np.ndarray, sums: tuple[np.ndarray, ...]) -> list[int]:
    """The attack by all sums at once: the hidden cells that the equations fix, whatever the others are.

    A cell is fixed where it is zero in every direction along which the sums do not change.
    """
    at = np.flatnonzero(out)
    rows = [
        (groups[at] == group).astype(float)
        for groups in sums
        for group in set(groups.tolist()) - {-1}
        if (groups == group).sum() > 1
    ]
    if not rows or not at.size:
        return []
    _, strength, directions = np.linalg.svd(np.array(rows))
    free = directions[(strength > 1e-9).sum() :]
    return at[(np.abs(free) < 1e-9).all(axis=0)].tolist()


def test_complement__stops_the_attack_by_several_sums_at_once() -> None:
    # no sum has a single hidden cell, and yet the sums of the first two rows less those of the first two
    # columns are the 4: two rings of four hidden cells, and the 4 between them
    text = """
        s1 s1 s4 55 80
        s1 s1 60 50 80
        70 70 s1 s1 80
        70 70 s1 s1 80
        70 70 60 50 80
    """
    values, small, sums = table(text)
    assert singles(values, small, sums) == 0
    assert given_away(small, sums) == [2]
    also = complement(values, small, np.zeros_like(small), sums)
    assert np.flatnonzero(also).tolist() == [8]  # the 50: the smallest that closes a ring through it
    assert given_away(small | also, sums) == []


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.integers(1, 6), st.integers(1, 7), st.integers(0, 2), st.data())
def test_complement__of_a_full_table_gives_no_cell_away(
    areas: int, periods: int, homeless: int, data: st.DataObject
) -> None:
    """A district of `areas`, and `homeless` areas of none."""
    period, area = (at.ravel().astype(np.int64) for at in np.indices((periods, areas + homeless)))
    district = np.where(area < areas, period, -1)
    numbers = st.lists(st.sampled_from([1, 10, 20, 30]), min_size=len(area), max_size=len(area))
    values = np.array(data.draw(numbers), dtype=np.int64)
    small = values < 5
    also = complement(values, small, np.zeros_like(small), (district, area))
    assert given_away(small | also, (district, area)) == []


@pytest.fixture(scope="module")
def sparse(settings: dict) -> pl.DataFrame:
    """Counts about 8, so that here and there a cell is small; each area in a district."""
    panel = make_panel(np.random.default_rng(11).poisson(9, (1, 6, 52)).astype(np.int64), start="2024-12-05")
    parents = {**PARENTS, "c1": "B"}
    return release(panel, **{**settings, "parents": parents}).cells


def attack(cells: pl.DataFrame, totals: pl.DataFrame, by: list[str]) -> int:
    """Subtract the cells shown from each total shown; how many single hidden cells does that give away?"""
    known = cells.filter(pl.col("hidden").is_null()).group_by(by).agg(pl.col("value").sum().alias("known"))
    left = cells.filter(pl.col("hidden").is_not_null()).group_by(by).len("left")
    seen = totals.filter(pl.col("hidden").is_null())
    return seen.join(known, on=by, how="left").join(left, on=by).filter(pl.col("left") == 1).height


def test_attack__subtracting_from_district_totals_reaches_no_hidden_cell(sparse: pl.DataFrame) -> None:
    home = pl.DataFrame({"place": list(AREAS), "district": ["A", "A", "A", "B", "B", "B"]})
    cells = sparse.join(home, on="place")
    by = ["topic", "district", "start"]
    totals = total(cells, by=by)
    assert cells["hidden"].is_not_null().sum() > 5
    assert totals["hidden"].is_null().any()
    assert attack(cells, totals, by) == 0


@pytest.mark.parametrize("by", [["topic", "place"], ["topic", "start"], ["place", "quarter"], ["topic"]])
def test_attack__subtracting_from_any_total_reaches_no_hidden_cell(
    sparse: pl.DataFrame, by: list[str]
) -> None:
    cells = sparse.with_columns(pl.col("start").dt.truncate("1q").alias("quarter"))
    assert attack(cells, total(cells, by=by), by) == 0


def test_attack__would_succeed_without_complements(sparse: pl.DataFrame) -> None:
    """The attack itself works: it is the suppression that stops it."""
    by = ["topic", "start"]
    bare = sparse.with_columns(pl.when(pl.col("hidden") == "small").then("hidden").alias("hidden"))
    totals = total(bare, by=by).with_columns(pl.lit(None).alias("hidden"))
    assert attack(bare, totals, by) > 0


def test_suppression__stays_as_it_was_in_later_releases(settings: dict) -> None:
    panel = make_panel(np.random.default_rng(12).poisson(8, (1, 6, 40)).astype(np.int64))
    first = release(panel.isel(period=slice(0, 20)), **settings)
    later = release(panel, ledger=first.ledger, **settings)
    key = ["topic", "level", "place", "start"]
    both = first.cells.join(later.cells, on=key, suffix="_later")
    was = both.filter(pl.col("hidden").is_not_null())
    assert was.height > 0
    assert was["hidden"].equals(was["hidden_later"], check_names=False)


# --- totals


def test_total__is_the_sum_of_frozen_cells_hidden_ones_too(sparse: pl.DataFrame) -> None:
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


def test_total__below_the_threshold_is_hidden_and_single_hidden_cells_hide_it(sparse: pl.DataFrame) -> None:
    cells = total(sparse, by=["place", "start"])
    assert cells.filter(pl.col("value") < 5)["hidden"].cast(pl.String).unique().to_list() == ["small"]
    again = sparse.join(cells, on=["place", "start"], suffix="_total")
    assert again.filter(pl.col("hidden").is_not_null())["hidden_total"].null_count() == 0
    assert again.filter(pl.col("hidden").is_null())["hidden_total"].null_count() > 0


def gappy(value: int, shown_values: list[int], hidden: str = "small") -> pl.DataFrame:
    """Cells of which the first is hidden."""
    marks = [hidden] + [None] * len(shown_values)
    rows = {"value": [value, *shown_values], "hidden": marks, "epsilon": 1.0, "draws": 1}
    return pl.DataFrame(rows, schema_overrides={"hidden": pl.String})


def test_total__may_let_the_mean_of_the_shown_stand_in_for_a_single_hidden_cell() -> None:
    shown_values = [8, 10, 12, 9, 11, 10, 10, 10]
    plain = total(gappy(3, shown_values), by=[])
    assert plain["hidden"].to_list() == ["complement"]
    row = total(gappy(3, shown_values), by=[], estimate_single=True).row(0, named=True)
    assert (row["value"], row["hidden"]) == (80 + 10, None)
    # the sample deviation of the shown is sqrt(10 / 7); the interval is that of one more draw from them
    reach = 1.959964 * np.sqrt(10 / 7) * np.sqrt(1 + 1 / 8)
    assert row["half_width"] == pytest.approx(np.sqrt(plain["half_width"].item() ** 2 + reach**2))


@pytest.mark.parametrize("hidden", ["small", "complement"])
def test_attack__learns_nothing_from_a_total_in_which_the_mean_stands_in(hidden: str) -> None:
    tables = [
        total(gappy(v, [9] * 5 + [12] * 5, hidden), by=[], estimate_single=True) for v in (-3, 0, 4, 400)
    ]
    assert all(table.equals(tables[0]) for table in tables)


def test_total__lets_nothing_stand_in_where_few_cells_are_shown_or_two_hidden() -> None:
    assert total(gappy(3, [10] * 7), by=[], estimate_single=True)["hidden"].to_list() == ["complement"]
    two = pl.concat([gappy(3, [10] * 9), gappy(4, [10] * 9)])
    assert total(two, by=[], estimate_single=True)["value"].item() == 3 + 4 + 18 * 10


def test_total__covers_the_truth_where_the_mean_stands_in(settings: dict) -> None:
    """Years of weeks of one area, each with its first week hidden: 95% of the intervals hold the truth."""
    exact = np.random.default_rng(3).poisson(12, (1, 6, 52 * 40)).astype(np.int64)
    cells = release(make_panel(exact, start="1970-01-03"), **settings).cells.sort("place", "start")
    week = pl.int_range(pl.len()).over("place")
    cells = cells.with_columns(
        week.floordiv(52).alias("year"), pl.when(week % 52 == 0).then(pl.lit("small")).alias("hidden")
    )
    sums = total(cells, by=["place", "year"], estimate_single=True).sort("place", "year")
    truth = exact[0].reshape(6, 40, 52).sum(axis=2).ravel()
    covered = (np.abs(sums["value"].to_numpy() - truth) <= sums["half_width"].to_numpy()).mean()
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 240)


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
