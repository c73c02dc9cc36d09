"""What was loaded and what was published, with the files that anyone may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.conf import settings

from mahalleh_site.places.models import Area
from mahalleh_site.releases.models import Load, Release
from mahalleh_site.releases.queries.tables import current_table

FILES: Mapping[str, str] = {
    "counts.csv": "text/csv; charset=utf-8",
    "counts.parquet": "application/vnd.apache.parquet",
    "topics.csv": "text/csv; charset=utf-8",
    "areas.geojson": "application/geo+json",
    "datapackage.json": "application/json",
}
COLUMNS = ("topic", "level", "place", "start", "end", "freq", "value", "half_width", "hidden")


@dataclass(frozen=True, slots=True)
class Refused:
    """Rows that could not be used: a reason's code and how many."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One load: its row, and why rows were refused, most frequent first."""

    load: Load
    refused: tuple[Refused, ...]
    lost: int


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a release: name and size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class DataPage:
    """All loads and releases, newest first."""

    loads: tuple[LoadRow, ...]
    read: int
    kept: int
    releases: tuple[tuple[Release, tuple[DataFile, ...]], ...]


def data_page() -> DataPage:
    """What the page about the data shows."""
    loads = tuple(_load(load) for load in Load.objects.of_files())
    releases = tuple((release, _files(release.number)) for release in Release.objects.all()[:12])
    return DataPage(
        loads,
        sum(row.load.rows_read for row in loads),
        sum(row.load.rows_kept for row in loads),
        releases,
    )


def _load(load: Load) -> LoadRow:
    refused = sorted(
        (Refused(reason, int(facts["count"])) for reason, facts in load.refused.items()),
        key=lambda item: (-item.count, item.reason),
    )
    return LoadRow(load, tuple(refused), sum(item.count for item in refused))


def _files(number: int) -> tuple[DataFile, ...]:
    folder = _folder(number)
    return tuple(
        DataFile(name, (folder / name).stat().st_size) for name in FILES if (folder / name).is_file()
    )


def _folder(number: int) -> Path:
    return Path(settings.VAR) / "releases" / str(number)


def release_file(number: int, name: str) -> Path | None:
    """A published file, by a name of the list alone; None where there is none."""
    if name not in FILES or not Release.objects.filter(number=number).exists():
        return None
    path = _folder(number) / name
    return path if path.is_file() else None


def area_csv(area_id: str) -> str | None:
    """The published counts of one neighbourhood as CSV; a hidden cell's value is empty.

    None where there is no such neighbourhood, or no release.
    """
    table = current_table()
    if table is None or not Area.objects.filter(pk=area_id).exists():
        return None
    seen = pl.col("hidden").is_null()
    frame = table.area(area_id).with_columns(
        value=pl.when(seen).then(pl.col("value")),
        half_width=pl.when(seen).then(pl.col("half_width").round(3)),
    )
    return frame.select(COLUMNS).sort("topic", "start").write_csv()
