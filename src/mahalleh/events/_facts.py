"""What the manifest says of a batch, found from its frames and read again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from mahalleh.events.batches import Batch

FACTS: Final = (
    pl.len().cast(pl.Int64).alias("rows"),
    pl.col("n").cast(pl.Int64).sum(),
    pl.col("time").min().dt.date().alias("first"),
    pl.col("time").max().dt.date().alias("last"),
    pl.col("recorded").max(),
    pl.concat_str("kind", pl.lit(":"), "resolution").unique().implode().alias("resolutions"),
)


def summary(facts: Sequence[pl.DataFrame]) -> dict[str, Any]:
    """Add `FACTS` of some frames up to the fields of a `Batch`."""
    total = pl.concat(facts).select(
        pl.col("rows", "n").sum(),
        pl.col("first").min().cast(pl.String),
        pl.col("last", "recorded").max().cast(pl.String),
        pl.col("resolutions").explode().unique().sort().implode(),
    )
    found = total.row(0, named=True)
    return found | {"resolutions": tuple(found["resolutions"])}


def listed(entry: dict[str, Any]) -> Batch:
    """A batch as the manifest has it."""
    facts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    facts["covers"] = tuple(tuple(each) for each in facts.get("covers", ()))
    return Batch(**facts)
