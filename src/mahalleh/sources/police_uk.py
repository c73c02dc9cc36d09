"""data.police.uk: street crime and stop-and-search files, as published, gzipped or not.

Street files know their month alone, and it must be the one that the file's name tells; a month's file is
published within the following one, so its rows count as recorded on the last day of that month. Crime types
are turned into topics by a table (`police_uk_topics.toml`) that a city can replace: it says which of them
follow from police going looking (drugs, possession of weapons) and are `activity`. Stop-and-search files
are activity altogether. Only month, coordinates and crime type are read: no column about a person, a street
or an outcome enters memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Final

import geopandas as gpd
import polars as pl

from mahalleh.errors import Faults, MahallehError, SourceError
from mahalleh.events import SCHEMA
from mahalleh.sources import _files
from mahalleh.sources._placing import Placer
from mahalleh.sources.reading import LINE, REASON, Part, Reading
from mahalleh.topics import Topic, read_topics

STREET: Final = {"Month": "month", "Longitude": "lon", "Latitude": "lat", "Crime type": "category"}
STOPS: Final = {"Date": "moment", "Longitude": "lon", "Latitude": "lat", "Type": "category"}
PATTERNS: Final = ("*-street.csv*", "*-stop-and-search.csv*")
NAME: Final = re.compile(
    r"(?P<month>\d{4}-(?:0[1-9]|1[0-2]))-(?P<force>.+)-(?P<form>street|stop-and-search)\.csv(\.gz)?$"
)
SLACK: Final = "1d"  # searches may lie so far beside their file's month: forces cut it by other clocks
ZONE: Final = "Europe/London"


def default_topics() -> tuple[Topic, ...]:
    """Read the topics of the table that comes with this reader.

    Returns
    -------
    tuple of Topic
        Their categories are crime types, and the `Type` of searches.
    """
    with resources.as_file(resources.files("mahalleh.sources").joinpath("police_uk_topics.toml")) as path:
        return read_topics(path)


def read(
    paths: Iterable[str | Path], *, places: gpd.GeoDataFrame, topics: Sequence[Topic] | None = None
) -> Reading:
    """Read street and stop-and-search files, or folders of them.

    Parameters
    ----------
    paths : iterable of str or pathlib.Path
        Files, or folders that are searched for them at any depth.
    places : geopandas.GeoDataFrame
        Places.
    topics : sequence of Topic, optional
        Instead of `default_topics()`; their categories are crime types, and the `Type` of searches.

    Returns
    -------
    Reading
        Ready to be read.

    Raises
    ------
    SourceError
        With every fault of every file that shows before its rows are read.
    """
    chosen = tuple(topics) if topics is not None else default_topics()
    faults = Faults(SourceError)
    files = _files.expand(paths, PATTERNS, faults=faults)
    placer = Placer(places)
    makers = {}
    for path in files:
        if not (named := NAME.search(path.name)):
            faults.add("sources.wrong-name", path=path, pattern="2024-01-FORCE-street.csv")
            continue
        try:
            _check(path, STREET if named["form"] == "street" else STOPS)
            make = partial(
                _frames,
                placer=placer,
                topics=chosen,
                month=named["month"],
                force=named["force"],
                form=named["form"],
            )
            makers[path] = make
        except MahallehError as error:
            faults.found.extend(error.faults)
    faults.raise_if_any()
    parts = zip(makers, _files.digests(makers), makers.values(), strict=True)
    return Reading(tuple(Part(*part, speaks_for=_speaks_for(part[0])) for part in parts), chosen)


def _speaks_for(path: Path) -> tuple[str, date, date] | None:
    """The force and month of a file's name; None where the name tells no month that there is."""
    named = NAME.search(path.name)
    try:
        first = date.fromisoformat(f"{named['month']}-01") if named else None
    except ValueError:
        return None
    if named is None or first is None:
        return None
    following = (first + timedelta(days=31)).replace(day=1)
    return named["force"], first, following - timedelta(days=1)


def _check(path: Path, columns: dict[str, str]) -> None:
    with _files.plain(path) as plain:
        held = _files.header(plain, path)
        if missing := [column for column in columns if column not in held]:
            raise SourceError("sources.header", path=path, missing=missing, columns=held)


def _frames(
    part: Part, *, placer: Placer, topics: Sequence[Topic], month: str, force: str, form: str
) -> Iterator[pl.DataFrame]:
    columns = STREET if form == "street" else STOPS
    dated = _by_month if form == "street" else _by_moment
    words = topic_table(topics)
    with _files.plain(part.path) as plain:
        for number, raw in enumerate(_files.batches(plain, part.path, list(columns))):
            named = raw.rename(columns)
            if number == 0:
                placer.check(named, part.path)
            rows = dated(placer.place(named)).with_columns(
                pl.col("category").str.strip_chars().str.to_lowercase()
            )
            rows = rows.join(words, on="category", how="left", maintain_order="left")
            rows = rows.with_columns(
                pl.lit(force, dtype=pl.String).alias("source"),
                pl.lit(1, dtype=pl.Int32).alias("n"),
                _reason(month).alias(REASON),
            )
            yield part.account(rows.select(*SCHEMA, REASON, LINE))


def topic_table(topics: Sequence[Topic]) -> pl.DataFrame:
    """Lay topics out as a table to join by.

    Parameters
    ----------
    topics : sequence of Topic
        With their categories.

    Returns
    -------
    polars.DataFrame
        Columns category (folded), topic, kind.
    """
    rows = [(word, topic.id, topic.kind) for topic in topics for word in topic.categories]
    return pl.DataFrame(
        rows, schema={"category": pl.String, "topic": pl.String, "kind": SCHEMA["kind"]}, orient="row"
    )


def _by_month(rows: pl.DataFrame) -> pl.DataFrame:
    first = (pl.col("month") + "-01").str.to_date("%Y-%m-%d", strict=False)
    months = rows.select(pl.col("month").unique()).with_columns(  # a file has one month, or few
        pl.col("month").is_null().alias("dateless"),
        first.cast(pl.Datetime("us")).alias("time"),
        pl.lit("month", dtype=SCHEMA["resolution"]).alias("resolution"),
        first.dt.offset_by("1mo").dt.month_end().alias("recorded"),
    )
    return rows.join(months, on="month", how="left", nulls_equal=True, maintain_order="left")


def _by_moment(rows: pl.DataFrame) -> pl.DataFrame:
    moment = pl.col("moment").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", strict=False, time_unit="us")
    local = moment.dt.convert_time_zone(ZONE).dt.replace_time_zone(None)
    return rows.with_columns(
        pl.col("moment").is_null().alias("dateless"),
        local.alias("time"),
        pl.lit("minute", dtype=SCHEMA["resolution"]).alias("resolution"),
        local.dt.date().dt.offset_by("1mo").dt.month_end().alias("recorded"),
    )


def _elsewhere(month: str) -> pl.Expr:
    """Whether a row is not of its file's month: a renamed file would be counted as another month's."""
    first = pl.lit(f"{month}-01").str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    slack = pl.when(pl.col("resolution") == "month").then(pl.lit("0d")).otherwise(pl.lit(SLACK))
    day = pl.col("time").dt.truncate("1d")
    late = day.dt.offset_by(pl.lit("-") + slack) >= first.dt.offset_by("1mo")
    return (day.dt.offset_by(slack) < first) | late


def _reason(month: str) -> pl.Expr:
    return (
        pl.when(pl.col("category").is_null()).then(pl.lit("no-category"))
        .when(pl.col("topic").is_null()).then(pl.lit("unknown-category"))
        .when(pl.col("dateless")).then(pl.lit("no-date"))
        .when(pl.col("time").is_null()).then(pl.lit("bad-date"))
        .when(_elsewhere(month)).then(pl.lit("other-month"))
        .when(~pl.col("pointed")).then(pl.lit("no-place"))
        .when(pl.col("area").is_null()).then(pl.lit("outside"))
    )  # fmt: skip
