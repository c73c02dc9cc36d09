"""For how long each topic has been reported on: the days that its counts can be trusted to be whole."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl


def reported_spans(events: pl.LazyFrame, *, lag_weeks: int) -> dict[tuple[str, str], tuple[date, date]]:
    """Find the days on which the sources of each topic report.

    Parameters
    ----------
    events : polars.LazyFrame
        Events by the schema of `mahalleh.events`.
    lag_weeks : int
        Weeks before the last day on which a source recorded something that are not whole yet.

    Returns
    -------
    dict of (str, str) to (datetime.date, datetime.date)
        By kind and topic its first day, and the day by which its periods must have ended. With a long lag
        the second can lie before the first: then no period is whole.

    Notes
    -----
    The days are those of the sources that speak of the topic, not of its own events: a rare topic has true
    zeros for as long as its source reports, and none before. A source reports from the month in which most of
    what it recorded first had happened: what lies before came in by chance, years late. A file that stops in
    June says nothing about July. The lag counts back from the last day on which the source recorded
    something, not from today, so that a city of the past is published whole.
    """
    source = ["kind", "source"]
    events = events.with_columns(pl.col("kind").cast(pl.String), month=pl.col("recorded").dt.month_start())
    past = (
        pl.when(pl.col("resolution") == "month")
        .then(pl.col("time").dt.offset_by("1mo"))
        .otherwise(pl.col("time").dt.offset_by("1d"))
    )
    facts = (
        events.group_by(*source, "topic")
        .agg(
            pl.col("time").min().dt.date().alias("first"),
            pl.col("month").min(),
            past.max().dt.date().alias("past"),
            pl.col("recorded").max().alias("known"),
        )
        .collect()
    )
    of_source = facts.group_by(source).agg(pl.col("first", "month").min(), pl.col("past", "known").max())
    began = (
        events.join(of_source.lazy().select(*source, "month"), on=[*source, "month"], how="semi")
        .group_by(source)
        .agg(pl.col("time").median().dt.date().dt.month_start().alias("began"))
        .collect()
    )
    until = pl.col("known") + timedelta(days=1) - timedelta(weeks=lag_weeks)
    spans = of_source.join(began, on=source).select(
        *source, first=pl.max_horizontal("first", "began"), past=pl.min_horizontal("past", until)
    )
    of_topic = (
        facts.select(*source, "topic")
        .join(spans, on=source)
        .group_by("kind", "topic")
        .agg(pl.col("first").min(), pl.col("past").max())
    )
    return {(kind, topic): (first, end) for kind, topic, first, end in of_topic.iter_rows()}
