"""Sums for pages, made of frozen noisy cells and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import polars as pl

from mahalleh.disclose.noise import half_width_of
from mahalleh.disclose.tables import HIDDEN
from mahalleh.errors import DisclosureError

# cells shown from which their mean may stand in for one that is hidden: a choice. Of eight the spread is
# known to a quarter, 1 / sqrt(2 * 7); fewer would show more sums, with half-widths that promise too much
ENOUGH: Final = 8
UNKNOWN: Final = "unknown"
NEEDED: Final = ("value", "hidden", "epsilon", "draws")


def total(
    cells: pl.DataFrame,
    *,
    by: Sequence[str],
    threshold: int = 5,
    level: float = 0.95,
    estimate_single: bool = False,
) -> pl.DataFrame:
    """Add cells up for each value of the columns `by`.

    The noisy values of hidden cells are part of a sum: leaving them out would make every sum too low, and the
    noise is what protects them. A sum is hidden where it is below the threshold (`small`), and where exactly
    one of its cells is hidden, so that subtracting the cells shown would give that one (`complement`). Cells
    of periods that nobody told of add nothing; a sum of nothing else is `unknown`.

    Parameters
    ----------
    cells : polars.DataFrame
        Cells of a release (`Release.cells`), hidden ones included.
    by : sequence of str
        Columns; the sum of all where it is empty.
    threshold : int
        Sums below it are hidden.
    level : float
        Of the half-widths, between 0 and 1.
    estimate_single : bool
        Whether a sum with exactly one hidden cell and at least eight shown is shown: the mean of the shown
        stands in for the hidden one. Meant for long series with a rare gap: a year of weeks.

    Returns
    -------
    polars.DataFrame
        The columns `by`, value (Int64, may be below zero), half_width (Float64, at `level`), hidden (null,
        `small`, `complement`, `unknown`), cells (UInt32), hidden_cells (UInt32), sorted by `by`. Hidden rows
        keep their value for further sums; show rows by `shown` only.

    Raises
    ------
    DisclosureError
        `disclose.bad-columns`, `disclose.bad-threshold`, `disclose.bad-level`.

    Notes
    -----
    With `estimate_single` the hidden cell's own value is not used at all, so subtracting gives back the mean.
    The half-width grows by what one more cell may differ from the mean of m (a prediction interval: z s
    sqrt(1 + 1/m), added in squares).
    """
    if missing := [name for name in (*NEEDED, *by) if name not in cells.columns]:
        raise DisclosureError("disclose.bad-columns", missing=missing, given=cells.columns)
    check_threshold(threshold)
    names = list(by)
    untold = cells.filter(pl.col("hidden") == UNKNOWN).select(names).unique()
    cells = cells.filter(pl.col("hidden").is_null() | (pl.col("hidden") != UNKNOWN))
    spare = pl.lit(True).alias("_all")  # so that summing all is a group like any other
    sums = cells.group_by(*names, spare).agg(
        pl.col("value").sum(),
        pl.len().alias("cells"),
        pl.col("hidden").is_not_null().sum().cast(pl.UInt32).alias("hidden_cells"),
        pl.col("value").filter(pl.col("hidden").is_null()).mean().alias("mean"),
        pl.col("value").filter(pl.col("hidden").is_null()).std().alias("spread"),
        pl.col("value").filter(pl.col("hidden").is_null()).sum().alias("seen"),
    )
    draws = cells.group_by(*names, spare, "epsilon").agg(pl.col("draws").cast(pl.Int64).sum())
    parts = draws.group_by(*names, "_all").agg(pl.struct("epsilon", "draws").sort().alias("parts"))
    sums = sums.join(parts, on=[*names, "_all"], how="left", nulls_equal=True)
    widths = [
        half_width_of([(part["epsilon"], part["draws"]) for part in row], level=level)
        for row in sums["parts"].to_list()
    ]
    single = pl.col("hidden_cells") == 1
    stands_in = single & (pl.col("cells") > ENOUGH) if estimate_single else pl.lit(value=False)
    reach = NormalDist().inv_cdf((1 + level) / 2) * pl.col("spread") * (1 + 1 / (pl.col("cells") - 1)).sqrt()
    sums = sums.with_columns(
        pl.Series("half_width", widths, dtype=pl.Float64), stands_in.alias("stands_in")
    ).with_columns(
        pl.when("stands_in")
        .then((pl.col("seen") + pl.col("mean")).round().cast(pl.Int64))
        .otherwise("value")
        .alias("value"),
        pl.when("stands_in")
        .then((pl.col("half_width") ** 2 + reach**2).sqrt())
        .otherwise("half_width")
        .alias("half_width"),
    )
    hidden = (
        pl.when(pl.col("value") < threshold)
        .then(pl.lit("small"))
        .when(single & ~pl.col("stands_in"))
        .then(pl.lit("complement"))
        .cast(HIDDEN)
    )
    table = sums.with_columns(hidden.alias("hidden"))
    table = table.select(*names, "value", "half_width", "hidden", "cells", "hidden_cells")
    if names and untold.height:
        alone = untold.join(table, on=names, how="anti", nulls_equal=True)
        unknown = pl.lit(UNKNOWN).cast(HIDDEN).alias("hidden")
        table = pl.concat([table, alone.with_columns(unknown)], how="diagonal")
    return table.sort(names) if names else table


def shown(table: pl.DataFrame) -> pl.DataFrame:
    """Show cells or totals as a person may see them: nothing where hidden, and no count below zero.

    Parameters
    ----------
    table : polars.DataFrame
        With the columns value, half_width and hidden.

    Returns
    -------
    polars.DataFrame
        The same rows; value and half_width are null where hidden.
    """
    seen = pl.col("hidden").is_null()
    return table.with_columns(
        pl.when(seen).then(pl.col("value").clip(lower_bound=0)).alias("value"),
        pl.when(seen).then(pl.col("half_width")).alias("half_width"),
    )


def check_threshold(threshold: int) -> None:
    """Refuse a threshold that lets single persons be seen.

    Parameters
    ----------
    threshold : int
        3 or more.

    Raises
    ------
    DisclosureError
        `disclose.bad-threshold`.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, int) or threshold < 3:
        raise DisclosureError("disclose.bad-threshold", given=threshold)
