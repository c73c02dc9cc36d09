"""Days that two batches of one source both tell: whoever counts both counts events twice.

Rows are shared where source, topic, day and day of recording are: a source that tells of the same day
later on, by its own day of recording, adds to it and is no overlap. A batch speaks of the topics that it
has rows of, so that two files of one source about different topics are none either. Where a source has no
name of its own but its file's, it may be any source: nothing says that it is another than one that tells of
the same topic and day. Names are the same however they are cased or spelt (`mahalleh.text.folded`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import polars as pl

from mahalleh.text import folded

UNNAMED: Final = ""  # stands for every source that is called after its file
_MONTH: Final = pl.col("day").dt.month_start().alias("month")


def family(source: str, *, name: str, named: bool) -> str:
    """Tell which source it is that a batch's rows name.

    Parameters
    ----------
    source : str
        As its rows have it.
    name : str
        What the batch is called.
    named : bool
        Whether the source is known to have a name of its own.

    Returns
    -------
    str
        Its name, folded; `UNNAMED` where it is called after its file.

    Examples
    --------
    >>> family("City-Desk", name="march.csv", named=True)
    'city desk'
    >>> family("march", name="march.csv", named=False)
    ''
    """
    return UNNAMED if not named and source == name.split(".")[0] else folded(source)


def days_of(events: pl.DataFrame, *, name: str, named: bool) -> pl.DataFrame:
    """Find what a batch's rows tell of.

    Parameters
    ----------
    events : polars.DataFrame
        By the schema of `mahalleh.events`.
    name : str
        What the batch is called.
    named : bool
        Whether its sources are known to have names of their own.

    Returns
    -------
    polars.DataFrame
        Distinct rows of family (the source), topic, day, recorded and monthly (only the month is known).
    """
    family = _family(events["source"], name=name, named=named)
    return events.select(family, "topic", _day(), "recorded", _monthly()).unique()


def akin(events: pl.LazyFrame, days: pl.DataFrame, *, name: str, named: bool) -> bool:
    """Tell whether two batches may share days at all, by their sources alone.

    Parameters
    ----------
    events : polars.LazyFrame
        Of the earlier one, by the schema of `mahalleh.events`.
    days : polars.DataFrame
        What the newer one tells of, as `days_of` gives it.
    name : str
        What the earlier one is called.
    named : bool
        Whether its sources are known to have names of their own.

    Returns
    -------
    bool
        True where one source is in both, or one of them is called after its file.
    """
    sources = events.select(pl.col("source").unique()).collect()["source"]
    mine, others = (
        {family(source, name=name, named=named) for source in sources},
        set(days["family"]),
    )
    return UNNAMED in mine | others or not mine.isdisjoint(others)


def shared(events: pl.DataFrame, days: pl.DataFrame, *, name: str, named: bool, apart: str = "") -> pl.Series:
    """Tell which rows of an earlier batch a newer one tells again.

    Parameters
    ----------
    events : polars.DataFrame
        Of the earlier batch, by the schema of `mahalleh.events`.
    days : polars.DataFrame
        What the newer one tells of, as `days_of` gives it.
    name : str
        What the earlier batch is called.
    named : bool
        Whether its sources are known to have names of their own.
    apart : str
        How the names of sources begin that are never one with a source called after its file.

    Returns
    -------
    polars.Series
        Of booleans, one a row.
    """
    family = _family(events["source"], name=name, named=named)
    rows = events.select(family, "topic", _day(), "recorded", _monthly()).with_columns(_MONTH)
    alone = pl.col("family").str.starts_with(folded(apart)) & pl.lit(apart != "")
    known = days.with_columns(_MONTH)
    same = _again(rows, known)
    nameless = pl.lit(UNNAMED).alias("family")
    any_known = _again(rows, known.filter(~alone).with_columns(nameless))
    any_row = _again(rows.with_columns(nameless), known) & ~rows.select(alone).to_series()
    return same | any_known | any_row


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


def _again(rows: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """Which rows are told again by their own family."""
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


def _marked(rows: pl.DataFrame, known: pl.DataFrame, on: list[str]) -> pl.Series:
    held = known.select(on).unique().with_columns(held=pl.lit(value=True))
    joined = rows.join(held, on=on, how="left", maintain_order="left")
    return joined["held"].fill_null(value=False)


def _family(sources: pl.Series, *, name: str, named: bool) -> pl.Expr:
    found = {source: family(source, name=name, named=named) for source in sources.unique()}
    return pl.col("source").replace_strict(found, return_dtype=pl.String).alias("family")


def _day() -> pl.Expr:
    return pl.col("time").dt.date().alias("day")


def _monthly() -> pl.Expr:
    return (pl.col("resolution") == "month").alias("monthly")
