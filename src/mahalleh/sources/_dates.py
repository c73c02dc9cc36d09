"""Dates of outside tables: by a declared format and calendar, never by guessing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import jdatetime
import polars as pl

from mahalleh.errors import SourceError
from mahalleh.text import DIGITS

# What makes the times of a format instants: an offset, seconds since 1970, or a zone that is written out.
OFFSET: Final = re.compile(r"%[:#]*z|%\+|%s")
WRITTEN_ZONE: Final = re.compile(r"(?:(?<=%[A-Za-z])|(?<![%A-Za-z]))(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$")
CLOCK: Final = re.compile(
    r"%[-_0]?[HIklTRrXcs+]"
)  # a format that tells the hour: a day alone has no offset to turn
ZONE_NAME: Final = "%Z"  # which is read and thrown away
DIRECTIVE: Final = re.compile(r"%[-_0^#:.\d]*[A-Za-z%+]")
# what else a format has that may tell a zone: a word, or a sign with digits
LETTERS: Final = re.compile(r"[A-Za-z]+(?:[/_][A-Za-z]+)*|[+\u2212-]\d+(?::?\d+)*")
# words beside a time
NO_ZONE: Final = frozenset({"t", "h", "hr", "hrs", "m", "min", "s", "sec", "o", "clock", "at", "um", "uhr"})
SOLAR_YEARS: Final = range(1250, 1500)  # in Gregorian years like these nobody kept such a table
SOLAR: Final = re.compile(r"^\s*(\d{4})\D(\d{1,2})(?:\D(\d{1,2}))?(?:\D+(\d{1,2}):(\d{2})(?::\d{2})?)?\s*$")
FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


def resolution(format: str | None) -> str:
    """How finely a format tells the time; a day where there is none."""
    if format is None:
        return "day"
    return "minute" if re.search(r"%H|%s|%\+", format) else "day" if "%d" in format else "month"


def lost_zone(format: str) -> str | None:
    """What a format reads and throws away though it may tell the offset of a time; None where nothing is."""
    if ZONE_NAME in format:
        return ZONE_NAME
    if not CLOCK.search(format) or OFFSET.search(format):
        return None
    rest = DIRECTIVE.sub(" ", WRITTEN_ZONE.sub("", format))
    return next((word for word in LETTERS.findall(rest) if word.lower() not in NO_ZONE), None)


def parse(
    frame: pl.DataFrame,
    column: str,
    *,
    format: str | None,
    calendar: str,
    zone: str | None,
    path: Path,
    shown: str,
    closing: bool = False,
) -> pl.DataFrame:
    """The frame with `column` parsed into a naive date and time; null where it does not fit.

    A time that carries an offset, or stands in a column that knows its zone, becomes the wall time of `zone`.
    A day alone stays the day that is written.

    `format` in strptime's words; without one, ISO dates. `calendar`: `persian` takes year, month and day in
    this order with any mark between, and an optional hour and minute; `format` then tells the resolution
    alone. A text without a day fits only a format without one. Of a month its first day is given, or, with
    `closing`, its last in the declared calendar. `shown`: the column's name in `path`.

    Raises:
        SourceError: where no date fits, saying so or which other calendar they look like; where times have an
            offset and no zone is given.
    """
    given = frame[column]
    if given.dtype.is_temporal():
        moment = pl.col(column)
        if isinstance(given.dtype, pl.Datetime) and given.dtype.time_zone is not None:
            moment = _local(moment, _known(zone, path, shown, str(given.dtype.time_zone)))
        return frame.with_columns(moment.cast(pl.Datetime("us")))
    texts = given.cast(pl.String)
    distinct = texts.drop_nulls().unique()
    latin = _latin(distinct)
    monthly = resolution(format) == "month"
    if calendar == "persian":
        moments = _solar(latin, monthly=monthly, closing=closing)
    else:
        local = _known(zone, path, shown, format) if format and _instants(format) else None
        moments = _gregorian(latin, format, local)
        moments = moments.dt.month_end() if monthly and closing else moments
    _check_calendar(latin, moments, calendar=calendar, format=format, path=path, shown=shown)
    table = pl.DataFrame(
        {column: distinct, "__moment": moments}, schema_overrides={"__moment": pl.Datetime("us")}
    )
    joined = frame.with_columns(texts.alias(column)).join(table, on=column, how="left", maintain_order="left")
    return joined.with_columns(pl.col("__moment").alias(column)).drop("__moment")


def _latin(texts: pl.Series) -> pl.Series:
    return texts.to_frame("t").select(pl.col("t").str.replace_many(DIGITS).str.strip_chars()).to_series()


def _instants(format: str) -> bool:
    return bool(CLOCK.search(format) and (OFFSET.search(format) or WRITTEN_ZONE.search(format)))


def _known(zone: str | None, path: Path, shown: str, given: str) -> str:
    if zone is None:
        raise SourceError("sources.no-zone", path=path, column=shown, given=given)
    return zone


def _local(moment: pl.Expr, zone: str) -> pl.Expr:
    """An instant as the wall time of a zone."""
    return moment.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def _gregorian(texts: pl.Series, format: str | None, zone: str | None) -> pl.Series:
    """`zone`: of times with an offset; None where the format has none."""
    if format and zone:
        written = WRITTEN_ZONE.search(format)
        if written:  # as if the text told it: one offset for the whole column
            word = written.group()
            offset = "+0000" if word in ("Z", "UTC", "GMT") else word.ljust(len("+0000"), "0")
            format = format[: written.start()] + "%z"
            cut = pl.col("t").str.strip_suffix(word)
            texts = texts.to_frame("t").select(pl.when(cut != pl.col("t")).then(cut + offset)).to_series()
        moment = pl.col("t").str.to_datetime(format, strict=False, time_unit="us")
        if not re.search(r"%[:#]*z|%\+", format):
            moment = moment.dt.replace_time_zone("UTC")  # seconds since 1970
        return texts.to_frame("t").select(_local(moment, zone)).to_series()
    formats = [format] if format else list(FORMATS)
    tries = [_strptime(one) for one in formats]
    return texts.to_frame("t").select(pl.coalesce(tries)).to_series()


def _strptime(format: str) -> pl.Expr:
    text = pl.col("t")
    if "%d" not in format:
        return (text + "-01").str.to_datetime(format + "-%d", strict=False, time_unit="us")
    return text.str.to_datetime(format, strict=False, time_unit="us")


def _solar(texts: pl.Series, *, monthly: bool, closing: bool) -> pl.Series:
    moments = []
    for text in texts:
        found = SOLAR.match(text)
        moment = None
        if found and (found.group(3) is not None or monthly):  # without a day it is no day
            year, month, day, hour, minute = (int(part) if part else 0 for part in found.groups())
            try:
                if monthly:
                    day, hour, minute = _last_day(year, month) if closing else 1, 0, 0
                moment = jdatetime.datetime(year, month, day, hour, minute).togregorian()
            except ValueError:  # such as the 30th of Esfand in a common year: no date, and counted so
                moment = None
        moments.append(moment)
    return pl.Series(moments, dtype=pl.Datetime("us"))


def _last_day(year: int, month: int) -> int:
    """How many days a Solar Hijri month has."""
    if not 1 <= month <= 12:
        raise ValueError(month)
    leap = jdatetime.date(year, 1, 1).isleap()
    return 31 if month <= 6 else 30 if month < 12 or leap else 29


def _check_calendar(
    texts: pl.Series, moments: pl.Series, *, calendar: str, format: str | None, path: Path, shown: str
) -> None:
    if texts.is_empty():
        return
    years = texts.str.extract(r"(\d{4})").cast(pl.Int32, strict=False)
    solar = years.is_between(SOLAR_YEARS.start, SOLAR_YEARS.stop).fill_null(value=False)
    if calendar == "gregorian" and solar.sum() * 2 > len(texts):
        raise SourceError("sources.other-calendar", path=path, column=shown, given=texts.filter(solar)[0])
    gregorian = (years >= 1700).fill_null(value=False)
    if calendar == "persian" and gregorian.sum() * 2 > len(texts):
        raise SourceError("sources.not-persian", path=path, column=shown, given=texts.filter(gregorian)[0])
    if moments.is_null().all():
        wanted = format or ("1403/02/17" if calendar == "persian" else " ".join(FORMATS))
        raise SourceError("sources.no-date-fits", path=path, column=shown, format=wanted, given=texts[0])
