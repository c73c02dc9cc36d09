"""The tables of disclosure: the ledger (private), the cells (for page totals) and their checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from mahalleh.disclose.noise import half_width
from mahalleh.errors import DisclosureError

HIDDEN: Final = pl.Enum(["small", "unknown"])
KEY: Final = ("topic", "level", "place", "start")
PUBLIC_COLUMNS: Final = (*KEY, "end", "freq", "value", "half_width", "hidden")

# One row a draw, in the order drawn: `counted` events (below zero: corrections) that no draw before had
# counted, and `noisy`, the same with its noise.
LEDGER: Final[Mapping[str, pl.DataType]] = {
    "topic": pl.String(),
    "level": pl.String(),
    "place": pl.String(),
    "start": pl.Date(),
    "end": pl.Date(),
    "freq": pl.String(),
    "kind": pl.String(),
    "draw": pl.Int32(),
    "epsilon": pl.Float64(),
    "counted": pl.Int64(),
    "noisy": pl.Int64(),
}
DROPPED: Final = ("complement",)  # columns of ledgers made before, which nothing reads any more


@dataclass(frozen=True, slots=True, eq=False)  # tables have no single equality
class Release:
    """What one release gives.

    Attributes
    ----------
    cells : polars.DataFrame
        One row a published cell, sorted by topic, level, place, start. Columns topic, level (`area` or
        `district`), place, start, end (exclusive), freq (`W` or `M`), value (Int64, noisy, may be below
        zero), half_width (Float64: 95% of errors are no larger), hidden (null; `small`: below the threshold;
        `unknown`: no file told of the period), epsilon (the smallest of its draws) and draws. It holds the
        noisy values of small cells too, for `total`.
    ledger : polars.DataFrame
        Every draw ever made (see `LEDGER`), with exact counts: private; give it to the next release.
    withheld : tuple of str
        Areas of no district, whose careful topics are therefore in no cell.
    waiting : int
        By how many events cells differ from what their draws counted: exact, so private.
    """

    cells: pl.DataFrame
    ledger: pl.DataFrame
    withheld: tuple[str, ...] = ()
    waiting: int = 0

    def public(self) -> pl.DataFrame:
        """Give the cells as files may hold them.

        Returns
        -------
        polars.DataFrame
            The columns PUBLIC_COLUMNS; no value and no half-width where hidden.
        """
        seen = pl.col("hidden").is_null()
        return self.cells.select(PUBLIC_COLUMNS).with_columns(
            pl.when(seen).then(pl.col(name)).alias(name) for name in ("value", "half_width")
        )


def empty_ledger() -> pl.DataFrame:
    """Begin a ledger, before the first draw.

    Returns
    -------
    polars.DataFrame
        Of the schema `LEDGER`, without rows.
    """
    return pl.DataFrame(schema=dict(LEDGER))


def checked_ledger(ledger: pl.DataFrame) -> pl.DataFrame:
    """Refuse what is no ledger: a wrong one would draw noise again for events that were counted.

    Parameters
    ----------
    ledger : polars.DataFrame
        Of the schema `LEDGER`, or of an older one with columns that have gone (`DROPPED`).

    Returns
    -------
    polars.DataFrame
        The same draws, of the schema `LEDGER`.

    Raises
    ------
    DisclosureError
        `disclose.bad-ledger`, `disclose.ledger-twice`.
    """
    kept = ledger.drop(DROPPED, strict=False)
    if dict(kept.schema) != dict(LEDGER):
        raise DisclosureError("disclose.bad-ledger", given=list(ledger.columns), allowed=list(LEDGER))
    if kept.select(pl.struct(*KEY, "draw").is_duplicated().any()).item():
        raise DisclosureError("disclose.ledger-twice")
    return kept


def cells_of(ledger: pl.DataFrame, *, threshold: int) -> pl.DataFrame:
    """Add a ledger's draws up by cell, half-width and hidden mark included.

    Parameters
    ----------
    ledger : polars.DataFrame
        Of the schema `LEDGER`.
    threshold : int
        Values below it are marked `small`.

    Returns
    -------
    polars.DataFrame
        Columns as `Release.cells`.
    """
    cells = (
        ledger.group_by(*KEY)
        .agg(
            pl.col("end", "freq").first(),
            pl.col("noisy").sum().alias("value"),
            pl.col("epsilon").min(),
            pl.len().cast(pl.Int32).alias("draws"),
        )
        .sort(KEY)
    )
    return with_half_width(cells).select(
        *KEY, "end", "freq", "value", "half_width", small(threshold).alias("hidden"), "epsilon", "draws"
    )


def small(threshold: int) -> pl.Expr:
    """Say which values are below the threshold, and so are worded “fewer than”.

    Parameters
    ----------
    threshold : int
        In counts.

    Returns
    -------
    polars.Expr
        `small` or null, of the column `value`. It follows from the noisy value alone, and so costs nothing.
    """
    return pl.when(pl.col("value") < threshold).then(pl.lit("small")).cast(HIDDEN)


def with_half_width(table: pl.DataFrame) -> pl.DataFrame:
    """Add `half_width` to rows that sum `draws` draws of one `epsilon` each.

    Parameters
    ----------
    table : polars.DataFrame
        With the columns epsilon and draws.

    Returns
    -------
    polars.DataFrame
        The same rows in their order, with half_width (Float64, counts, 95%).
    """
    distinct = table.select("epsilon", "draws").unique()
    widths = [half_width(epsilon, draws) for epsilon, draws in distinct.iter_rows()]
    return table.join(
        distinct.with_columns(pl.Series("half_width", widths, dtype=pl.Float64)),
        on=["epsilon", "draws"],
        how="left",
        maintain_order="left",
    )
