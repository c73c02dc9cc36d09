"""Sums for pages, made of frozen noisy cells and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from mahalleh.disclose.noise import half_width_of
from mahalleh.disclose.tables import HIDDEN
from mahalleh.errors import DisclosureError

NEEDED: Final = ("value", "hidden", "epsilon", "draws")


def total(cells: pl.DataFrame, *, by: Sequence[str], threshold: int = 5, level: float = 0.95) -> pl.DataFrame:
    """The sum of the cells for each value of the columns `by`; the sum of all where `by` is empty.

    The noisy values of hidden cells are part of it: leaving them out would make every sum too low, and the
    noise is what protects them. A sum is hidden where it is below the threshold (`small`), and where exactly
    one of its cells is hidden, so that subtracting the cells shown would give that one (`complement`).

    Returns the columns `by`, value (Int64, may be below zero), half_width (Float64, at `level`), hidden
    (null, `small`, `complement`), cells (UInt32), hidden_cells (UInt32), sorted by `by`. Hidden rows keep
    their value for further sums; show rows by `shown` only.

    Raises:
        DisclosureError: `disclose.bad-columns`, `disclose.bad-threshold`, `disclose.bad-level`.
    """
    if missing := [name for name in (*NEEDED, *by) if name not in cells.columns]:
        raise DisclosureError("disclose.bad-columns", missing=missing, given=cells.columns)
    check_threshold(threshold)
    names = list(by)
    spare = pl.lit(True).alias("_all")  # so that summing all is a group like any other
    sums = cells.group_by(*names, spare).agg(
        pl.col("value").sum(),
        pl.len().alias("cells"),
        pl.col("hidden").is_not_null().sum().cast(pl.UInt32).alias("hidden_cells"),
    )
    draws = cells.group_by(*names, spare, "epsilon").agg(pl.col("draws").cast(pl.Int64).sum())
    parts = draws.group_by(*names, "_all").agg(pl.struct("epsilon", "draws").sort().alias("parts"))
    sums = sums.join(parts, on=[*names, "_all"], how="left", nulls_equal=True)
    widths = [
        half_width_of([(part["epsilon"], part["draws"]) for part in row], level=level)
        for row in sums["parts"].to_list()
    ]
    hidden = (
        pl.when(pl.col("value") < threshold)
        .then(pl.lit("small"))
        .when(pl.col("hidden_cells") == 1)
        .then(pl.lit("complement"))
        .cast(HIDDEN)
    )
    table = sums.with_columns(pl.Series("half_width", widths, dtype=pl.Float64), hidden.alias("hidden"))
    table = table.select(*names, "value", "half_width", "hidden", "cells", "hidden_cells")
    return table.sort(names) if names else table


def shown(table: pl.DataFrame) -> pl.DataFrame:
    """Cells or totals as a person may see them: nothing where hidden, and no count below zero."""
    seen = pl.col("hidden").is_null()
    return table.with_columns(
        pl.when(seen).then(pl.col("value").clip(lower_bound=0)).alias("value"),
        pl.when(seen).then(pl.col("half_width")).alias("half_width"),
    )


def check_threshold(threshold: int) -> None:
    """Refuse a threshold that lets single persons be seen.

    Raises:
        DisclosureError: `disclose.bad-threshold`.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, int) or threshold < 3:
        raise DisclosureError("disclose.bad-threshold", given=threshold)
