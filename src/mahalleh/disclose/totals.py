"""Sums for pages, made of frozen noisy cells and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from mahalleh.disclose.noise import half_width_of
from mahalleh.disclose.tables import HIDDEN, small
from mahalleh.errors import DisclosureError

UNKNOWN: Final = "unknown"
NEEDED: Final = ("value", "hidden", "epsilon", "draws")


def total(cells: pl.DataFrame, *, by: Sequence[str], threshold: int = 5, level: float = 0.95) -> pl.DataFrame:
    """Add cells up for each value of the columns `by`.

    Small cells are part of a sum with their noisy values: leaving them out would make every sum too low. Who
    subtracts the cells shown from a sum learns the noisy value of a small one, which the noise protects as it
    protects every other. Cells of periods that nobody told of add nothing; a sum of nothing else is
    `unknown`.

    Parameters
    ----------
    cells : polars.DataFrame
        Cells of a release (`Release.cells`), small ones included.
    by : sequence of str
        Columns; the sum of all where it is empty.
    threshold : int
        Sums below it are marked `small`.
    level : float
        Of the half-widths, between 0 and 1.

    Returns
    -------
    polars.DataFrame
        The columns `by`, value (Int64, may be below zero), half_width (Float64, at `level`), hidden (null,
        `small`, `unknown`), cells (UInt32), sorted by `by`. Small rows keep their value for further sums;
        show rows by `shown`.

    Raises
    ------
    DisclosureError
        `disclose.bad-columns`, `disclose.bad-threshold`, `disclose.bad-level`.
    """
    if missing := [name for name in (*NEEDED, *by) if name not in cells.columns]:
        raise DisclosureError("disclose.bad-columns", missing=missing, given=cells.columns)
    check_threshold(threshold)
    names = list(by)
    untold = cells.filter(pl.col("hidden") == UNKNOWN).select(names).unique()
    cells = cells.filter(pl.col("hidden").is_null() | (pl.col("hidden") != UNKNOWN))
    spare = pl.lit(True).alias("_all")  # so that summing all is a group like any other
    sums = cells.group_by(*names, spare).agg(pl.col("value").sum(), pl.len().alias("cells"))
    draws = cells.group_by(*names, spare, "epsilon").agg(pl.col("draws").cast(pl.Int64).sum())
    parts = draws.group_by(*names, "_all").agg(pl.struct("epsilon", "draws").sort().alias("parts"))
    sums = sums.join(parts, on=[*names, "_all"], how="left", nulls_equal=True)
    widths = [
        half_width_of([(part["epsilon"], part["draws"]) for part in row], level=level)
        for row in sums["parts"].to_list()
    ]
    table = sums.select(
        *names,
        "value",
        pl.Series("half_width", widths, dtype=pl.Float64),
        small(threshold).alias("hidden"),
        "cells",
    )
    if names and untold.height:
        alone = untold.join(table, on=names, how="anti", nulls_equal=True)
        unknown = pl.lit(UNKNOWN).cast(HIDDEN).alias("hidden")
        table = pl.concat([table, alone.with_columns(unknown)], how="diagonal")
    return table.sort(names) if names else table


def shown(table: pl.DataFrame) -> pl.DataFrame:
    """Show cells or totals as a person may see them: no number where small, and no count below zero.

    Parameters
    ----------
    table : polars.DataFrame
        With the columns value, half_width and hidden.

    Returns
    -------
    polars.DataFrame
        The same rows; value and half_width are null where `hidden` says why.
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
