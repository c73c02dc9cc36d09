"""The mapping of an outside table: a small TOML file that says what its columns mean.

[file]                      # all optional
encoding = "utf-8"
separator = ","
sheet = "Sheet1"            # of an Excel file; the first where left out
source = "city-desk"        # who recorded; the file's name where left out

[columns]
time = "occurred_at"
time_format = "%Y-%m-%dT%H:%M"
calendar = "gregorian"      # or "persian": 1403/02/17, with Persian or Latin digits
recorded = "coded_month"    # optional; the day of the event where left out
recorded_format = "%Y-%m"
area = "nhood"              # an area id, or lon and lat, or all three: the id first
unknown_area = "stop"       # an id that the city lacks: "stop", "likely", "point" or "refuse", see table
lon = "lon"
lat = "lat"
category = "category"       # optional where there is one topic
n = "count"                 # optional; 1 where left out

[[topic]]                   # as in a topic file, see mahalleh.topics
id = "burglary"
categories = ["burglary"]
"""

from __future__ import annotations

import codecs
import io
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mahalleh.errors import Faults, SourceError
from mahalleh.sources._area_ids import UNKNOWN
from mahalleh.sources._dates import lost_zone
from mahalleh.topics import Topic, parse_topics

FILE_KEYS: Final = ("encoding", "separator", "sheet", "source")
COLUMN_KEYS: Final = ("time", "recorded", "area", "lon", "lat", "category", "n")
FORMAT_KEYS: Final = ("time_format", "calendar", "recorded_format", "unknown_area")
CALENDARS: Final = ("gregorian", "persian")


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, read. `columns`: role -> the table's column."""

    columns: dict[str, str]
    topics: tuple[Topic, ...]
    time_format: str | None
    recorded_format: str | None
    calendar: str
    unknown_area: str
    encoding: str
    separator: str
    sheet: str | None
    source: str | None


def read_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file.

    Raises:
        SourceError: with every fault of the file.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError("sources.mapping-unreadable", path=path, reason=error) from error
    faults = Faults(SourceError)
    file = _table(document, "file", FILE_KEYS, path, faults)
    columns = _table(document, "columns", COLUMN_KEYS + FORMAT_KEYS, path, faults)
    for key in sorted(set(document) - {"file", "columns", "topic"}):
        faults.add(
            "sources.mapping-key", path=path, given=key, table="", allowed=["file", "columns", "topic"]
        )
    if "time" not in columns:
        faults.add(
            "sources.mapping-lacks", path=path, table="columns", given="time", hint='time = "DATE_COLUMN"'
        )
    if "area" not in columns and not {"lon", "lat"} <= columns.keys():
        hint = 'area = "AREA_COLUMN" / lon = "LON_COLUMN", lat = "LAT_COLUMN"'
        faults.add("sources.mapping-lacks", path=path, table="columns", given="area / lon, lat", hint=hint)
    calendar = columns.get("calendar", CALENDARS[0])
    if calendar not in CALENDARS:
        faults.add("sources.mapping-value", path=path, key="calendar", given=calendar, allowed=CALENDARS)
    unknown_area = columns.get("unknown_area", UNKNOWN[0])
    if unknown_area not in UNKNOWN:
        faults.add(
            "sources.mapping-value", path=path, key="unknown_area", given=unknown_area, allowed=UNKNOWN
        )
    for key in ("time_format", "recorded_format"):
        if (lost := lost_zone(columns.get(key, ""))) is not None:
            faults.add("sources.zone-name", path=path, key=key, given=columns[key], lost=lost)
    time_format = columns.get("time_format")
    if calendar == "persian" and time_format and "%d" not in time_format:
        faults.add("sources.solar-month", path=path, given=time_format)
    encoding = file.get("encoding", "utf-8")
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)  # refuses what is no encoding of text
        encoding = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        faults.add(
            "sources.mapping-value", path=path, key="encoding", given=encoding, allowed="utf-8, cp1256 ..."
        )
    separator = file.get("separator", ",")
    if len(separator) != 1 or not separator.isascii():
        faults.add("sources.mapping-value", path=path, key="separator", given=separator, allowed=", ; | \\t")
    topics: tuple[Topic, ...] = ()
    try:
        topics = parse_topics(document.get("topic", []), file=str(path))
    except SourceError as error:
        faults.found.extend(error.faults)
    if "category" not in columns and len(topics) > 1:
        hint = 'category = "CATEGORY_COLUMN"'
        faults.add("sources.mapping-lacks", path=path, table="columns", given="category", hint=hint)
    faults.raise_if_any()
    return Mapping(
        columns={key: columns[key] for key in COLUMN_KEYS if key in columns},
        topics=topics,
        time_format=time_format,
        recorded_format=columns.get("recorded_format"),
        calendar=calendar,
        unknown_area=unknown_area,
        encoding=encoding,
        separator=separator,
        sheet=file.get("sheet"),
        source=file.get("source"),
    )


def _table(
    document: dict[str, Any], name: str, allowed: tuple[str, ...], path: Path, faults: Faults
) -> dict[str, str]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        faults.add("sources.mapping-value", path=path, key=name, given=table, allowed=f"[{name}]")
        return {}
    for key in sorted(set(table) - set(allowed)):
        faults.add("sources.mapping-key", path=path, given=key, table=name, allowed=allowed)
    return {key: str(value) for key, value in table.items() if key in allowed}
