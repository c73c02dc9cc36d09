"""Any table: CSV (gzipped or not), Excel or Parquet, described by a mapping (see `_mapping`).

A row's area comes from its area id where the mapping names one and the row has it, otherwise from its
coordinates. A point takes the place of an id that the city does not have only where the mapping says so.
Columns that the mapping does not name are never read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import fastexcel
import geopandas as gpd
import polars as pl

from mahalleh.errors import Faults, MahallehError, SourceError
from mahalleh.events import SCHEMA
from mahalleh.sources import _dates, _files
from mahalleh.sources._area_ids import LIKELY, POINT, STOP, AreaIds, Unknown
from mahalleh.sources._mapping import Mapping, read_mapping
from mahalleh.sources._placing import Placer
from mahalleh.sources.police_uk import topic_table
from mahalleh.sources.reading import LINE, REASON, Part, Reading

PATTERNS: Final = ("*.csv", "*.csv.gz", "*.tsv", "*.txt", "*.xlsx", "*.xls", "*.ods", "*.parquet")
EXCEL: Final = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")


def read(
    paths: Iterable[str | Path],
    *,
    places: gpd.GeoDataFrame,
    mapping: str | Path,
    zone: str | None = None,
) -> Reading:
    """Read tables, or folders of them, by a mapping.

    Parameters
    ----------
    paths : iterable of str or pathlib.Path
        Files, or folders that are searched for them at any depth.
    places : geopandas.GeoDataFrame
        Places.
    mapping : str or pathlib.Path
        The TOML file that says what each column means.
    zone : str, optional
        The city's time zone, such as `Asia/Tehran`: times with an offset become its wall time, and are
        refused without it.

    Returns
    -------
    Reading
        Ready to be read.

    Raises
    ------
    SourceError
        With every fault of the mapping, or of every file that shows before its rows are read.
    """
    chosen = read_mapping(Path(mapping))
    faults = Faults(SourceError)
    files = _files.expand(paths, PATTERNS, faults=faults)
    for path in files:
        try:
            _check(path, chosen)
        except MahallehError as error:
            faults.found.extend(error.faults)
    faults.raise_if_any()
    ids = AreaIds(str(area) for area in places.index)
    make = partial(_frames, mapping=chosen, placer=Placer(places), ids=ids, zone=zone)
    named = bool(chosen.source)
    digests = zip(files, _files.digests(files), strict=True)
    return Reading(tuple(Part(*one, make, named=named) for one in digests), chosen.topics)


def _check(path: Path, mapping: Mapping) -> None:
    with _opened(path, mapping) as (columns, _):
        if missing := [column for column in mapping.columns.values() if column not in columns]:
            raise SourceError("sources.header", path=path, missing=missing, columns=columns)


def _frames(
    part: Part, *, mapping: Mapping, placer: Placer, ids: AreaIds, zone: str | None
) -> Iterator[pl.DataFrame]:
    unknown = Unknown(ids)
    words = topic_table(mapping.topics)
    wanted = sorted(set(mapping.columns.values()))
    with _opened(part.path, mapping) as (_, rows):
        for number, raw in enumerate(rows(wanted)):
            frame = raw.select(LINE, **{role: pl.col(column) for role, column in mapping.columns.items()})
            if number == 0 and "lon" in mapping.columns:
                placer.check(_texts(frame, "lon", "lat"), part.path)
            frame = _timed(frame, mapping, part.path, zone)
            frame = _placed(_counted(frame), placer, ids, mapping.unknown_area)
            if mapping.unknown_area == STOP:
                unknown.note(frame)
            else:
                part.by_point += frame.filter(pl.col("unknown") & pl.col("area").is_not_null()).height
            frame = _sorted(frame, words, mapping)
            source = mapping.source or part.path.name.split(".")[0]
            frame = frame.with_columns(pl.lit(source).alias("source"), _reason().alias(REASON))
            yield part.account(frame.select(*SCHEMA, REASON, LINE))
    unknown.check(part.path)


@contextmanager
def _opened(
    path: Path, mapping: Mapping
) -> Iterator[tuple[list[str], Callable[[list[str]], Iterator[pl.DataFrame]]]]:
    """A table's column names, and what turns wanted columns into frames with LINE.

    Raises:
        SourceError: where the file is not what its ending says.
    """
    try:
        if path.suffix.lower() == ".parquet":
            yield _parquet(path)
        elif path.suffix.lower() in EXCEL:
            yield _excel(path, mapping.sheet)
        else:
            with _files.plain(path, encoding=mapping.encoding) as plain:
                held = _files.header(plain, path, separator=mapping.separator)
                yield held, partial(_files.batches, plain, path, separator=mapping.separator)
    except OSError as error:
        raise SourceError("sources.no-right", path=path, reason=error.strerror or error) from error


def _parquet(path: Path) -> tuple[list[str], Callable[[list[str]], Iterator[pl.DataFrame]]]:
    _refuse_empty(path)
    scan = pl.scan_parquet(path, row_index_name=LINE, row_index_offset=1)
    try:
        held = [column for column in scan.collect_schema().names() if column != LINE]
    except pl.exceptions.PolarsError as error:
        raise SourceError("sources.unreadable", path=path, reason=str(error).split("\n")[0]) from error
    return held, lambda columns: iter(
        scan.select(LINE, *columns).collect_batches(chunk_size=_files.CHUNK_ROWS)
    )


def _excel(path: Path, sheet: str | None) -> tuple[list[str], Callable[[list[str]], Iterator[pl.DataFrame]]]:
    _refuse_empty(path)
    try:
        # a sheet has a million rows at most, so it may be read whole
        frame = fastexcel.read_excel(path).load_sheet(sheet or 0).to_polars()
    except (fastexcel.FastExcelError, ValueError) as error:
        raise SourceError("sources.unreadable", path=path, reason=str(error).split("\n")[0]) from error
    return frame.columns, lambda columns: iter([frame.with_row_index(LINE, offset=2).select(LINE, *columns)])


def _refuse_empty(path: Path) -> None:
    if path.stat().st_size == 0:
        raise SourceError("sources.empty", path=path)


def _texts(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(column).cast(pl.String) for column in columns)


def _timed(frame: pl.DataFrame, mapping: Mapping, path: Path, zone: str | None) -> pl.DataFrame:
    """Adds `time`, `recorded`, `resolution` and `dateless`."""
    frame = frame.with_columns(_blank("time").alias("dateless"))
    for role, form in (("time", mapping.time_format), ("recorded", mapping.recorded_format)):
        if role in mapping.columns:
            frame = _dates.parse(
                frame,
                role,
                format=form,
                calendar=mapping.calendar,
                zone=zone,
                path=path,
                shown=mapping.columns[role],
                closing=role == "recorded",
            )
    resolution = _dates.resolution(mapping.time_format)
    start = {"minute": "1m", "day": "1d", "month": "1mo"}[resolution]
    frame = frame.with_columns(
        pl.col("time").dt.truncate(start), pl.lit(resolution, dtype=SCHEMA["resolution"]).alias("resolution")
    )
    if "recorded" in mapping.columns:
        return frame.with_columns(pl.col("recorded").dt.date())
    day = pl.col("time").dt.date()
    return frame.with_columns((day.dt.month_end() if resolution == "month" else day).alias("recorded"))


def _counted(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `n`, null where it is no whole number, and `countless`."""
    if "n" not in frame.columns:
        return frame.with_columns(
            pl.lit(1, dtype=pl.Int32).alias("n"), pl.lit(value=False).alias("countless")
        )
    number = pl.col("n").cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    whole = pl.when(number == number.round()).then(number).cast(pl.Int32, strict=False)
    return frame.with_columns(
        (_blank("n") | (number == 0).fill_null(value=False)).alias("countless"), whole.alias("n")
    )


def _placed(frame: pl.DataFrame, placer: Placer, ids: AreaIds, unknown_area: str) -> pl.DataFrame:
    """Adds `area`, `cell`, `pointed`, `unknown` (an id that the places lack) and its `likely` reading."""
    by_id = pl.lit(None, dtype=pl.String)
    if "area" in frame.columns:
        texts = pl.col("area").cast(pl.String).str.strip_chars().str.replace(r"\.0$", "")
        by_id = pl.when(texts != "").then(texts)
    frame = frame.with_columns(by_id.alias("named")).drop("area", strict=False)
    frame = frame.join(ids.likely_table(frame["named"]), on="named", how="left", maintain_order="left")
    if unknown_area == LIKELY:
        frame = frame.with_columns(pl.coalesce("likely", "named").alias("named"))
    if "lon" in frame.columns:
        frame = placer.place(_texts(frame, "lon", "lat"))
    else:
        nothing = {"area": pl.String, "cell": pl.UInt64}
        frame = frame.with_columns(
            *(pl.lit(None, dtype=kind).alias(column) for column, kind in nothing.items()),
            pl.lit(value=False).alias("pointed"),
        )
    known = pl.col("named").is_in(list(ids.areas))
    unknown = pl.col("named").is_not_null() & ~known
    # while the file may still be refused (STOP) the point's area is kept: it tells that there is one
    by_point = pl.col("area") if unknown_area in (STOP, POINT) else pl.when(~unknown).then(pl.col("area"))
    return frame.with_columns(
        unknown.fill_null(value=False).alias("unknown"),
        pl.when(known).then(pl.col("named")).otherwise(by_point).alias("area"),
    )


def _sorted(frame: pl.DataFrame, words: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Adds `topic` and `kind` by the row's category, or the mapping's one topic."""
    if "category" not in frame.columns:
        topic = mapping.topics[0]
        return frame.with_columns(
            pl.lit(topic.id).alias("category"),
            pl.lit(topic.id).alias("topic"),
            pl.lit(topic.kind, dtype=SCHEMA["kind"]).alias("kind"),
        )
    folded = pl.col("category").cast(pl.String).str.strip_chars().str.to_lowercase()
    frame = frame.with_columns(pl.when(folded != "").then(folded).alias("category"))
    return frame.join(words, on="category", how="left", maintain_order="left")


def _blank(column: str) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column).cast(pl.String).str.strip_chars() == "")


def _reason() -> pl.Expr:
    return (
        pl.when(pl.col("category").is_null()).then(pl.lit("no-category"))
        .when(pl.col("topic").is_null()).then(pl.lit("unknown-category"))
        .when(pl.col("dateless")).then(pl.lit("no-date"))
        .when(pl.col("time").is_null() | pl.col("recorded").is_null()).then(pl.lit("bad-date"))
        .when(pl.col("recorded") < pl.col("time").dt.date()).then(pl.lit("recorded-early"))
        .when(pl.col("countless")).then(pl.lit("no-count"))
        .when(pl.col("n").is_null()).then(pl.lit("bad-count"))
        .when(pl.col("area").is_not_null()).then(None)
        .when(pl.col("unknown")).then(pl.lit("unknown-area"))
        .when(pl.col("pointed")).then(pl.lit("outside"))
        .otherwise(pl.lit("no-place"))
    )  # fmt: skip
