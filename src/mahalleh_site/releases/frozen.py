"""Reading a release's frozen table, apart from making one: pages need no tool that makes releases."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mahalleh.disclose.tables import HIDDEN


def cells_path(folder: Path, number: int) -> Path:
    """Where the frozen table of a release stands in the city's folder; this account alone may look in."""
    return folder / "private" / f"cells-{number}.parquet"


def account_path(folder: Path) -> Path:
    """Where the account stands that pages read."""
    return folder / "account.json"


def cells(folder: Path, number: int) -> pl.DataFrame:
    """The frozen table of a release, small cells' noisy values included: totals alone use those.

    Columns: topic, level (area, district), place, start, end, freq, value, half_width, hidden, epsilon,
    draws.

    Raises:
        FileNotFoundError: where the release has no table here: it is too old, or was never made.
    """
    table = pl.read_parquet(cells_path(folder, number), memory_map=False)
    # tables of releases made before knew a second reason, `complement`: such a cell is shown like any other
    reason = pl.col("hidden").cast(pl.String)
    return table.with_columns(
        pl.when(reason.is_in(list(HIDDEN.categories))).then(reason).cast(HIDDEN).alias("hidden")
    )
