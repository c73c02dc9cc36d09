"""Days that two batches of one source both tell: whoever counts both counts events twice.

Rows are shared where source, topic, day and day of recording are: a source that tells of the same day
later on, by its own day of recording, adds to it and is no overlap. A batch speaks of the topics that it
has rows of, so that two files of one source about different topics are none either. Where a source has no
name of its own but its file's, all such files count as one source, since nothing says that they are two.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import polars as pl

UNNAMED: Final = ""  # stands for every source that is called after its file
_MONTH: Final = pl.col("day").dt.month_start().alias("month")


def days_of(events: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Find what a batch's rows tell of.

    Parameters
    ----------
    events : polars.DataFrame
        By the schema of `mahalleh.events`.
    name : str
        What the batch is called.

    Returns
    -------
    polars.DataFrame
        Distinct rows of family (the source), topic, day, recorded and monthly (only the month is known).
    """
    return events.select(_family(name), "topic", _day(), "recorded", _monthly()).unique()


def families(events: pl.LazyFrame, *, name: str) -> set[str]:
    """Find the sources of a batch, as `days_of` calls them.

    Parameters
    ----------
    events : polars.LazyFrame
        By the schema of `mahalleh.events`.
    name : str
        What the batch is called.

    Returns
    -------
    set of str
        One where all sources are called after their files.
    """
    return set(events.select(_family(name).unique()).collect()["family"])


def shared(events: pl.DataFrame, days: pl.DataFrame, *, name: str) -> pl.Series:
    """Tell which rows of an earlier batch a newer one tells again.

    Parameters
    ----------
    events : polars.DataFrame
        Of the earlier batch, by the schema of `mahalleh.events`.
    days : polars.DataFrame
        What the newer one tells of, as `days_of` gives it.
    name : str
        What the earlier batch is called.

    Returns
    -------
    polars.Series
        Of booleans, one a row.
    """
    rows = events.select(_family(name), "topic", _day(), "recorded", _monthly()).with_columns(_MONTH)
    known = days.with_columns(_MONTH)
    fine, coarse = known.filter(~pl.col("monthly")), known.filter("monthly")
    told = _marked(rows, known, ["family", "topic"])
    monthly = rows["monthly"]
    again = (~monthly & _marked(rows, fine, ["family", "day", "recorded"])) | (
        monthly & _marked(rows, coarse, ["family", "month", "recorded"])
    )
    # a month's sum and its days are one and the same, whenever they were recorded
    mixed = (~monthly & _marked(rows, coarse, ["family", "month"])) | (
        monthly & _marked(rows, fine, ["family", "month"])
    )
    return told & (again | mixed)


def runs(days: Iterable[date]) -> list[str]:
    """Write days as spans.

    Parameters
    ----------
    days : iterable of datetime.date
        In any order.

    Returns
    -------
    list of str
        Oldest first.

    Examples
    --------
    >>> runs([date(2024, 1, 2), date(2024, 1, 1), date(2024, 1, 5)])
    ['2024-01-01–2024-01-02', '2024-01-05']
    """
    spans: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if spans and day - spans[-1][1] <= timedelta(days=1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return [str(first) if first == last else f"{first}–{last}" for first, last in spans]


def _marked(rows: pl.DataFrame, known: pl.DataFrame, on: list[str]) -> pl.Series:
    held = known.select(on).unique().with_columns(held=pl.lit(value=True))
    joined = rows.join(held, on=on, how="left", maintain_order="left")
    return joined["held"].fill_null(value=False)


def _family(name: str) -> pl.Expr:
    own = pl.col("source") == name.split(".")[0]
    return pl.when(own).then(pl.lit(UNNAMED)).otherwise("source").alias("family")


def _day() -> pl.Expr:
    return pl.col("time").dt.date().alias("day")


def _monthly() -> pl.Expr:
    return (pl.col("resolution") == "month").alias("monthly")
