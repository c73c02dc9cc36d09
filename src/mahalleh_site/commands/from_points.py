"""Areas from labelled points, where no boundary file is at hand: `mahalleh init --from-points`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mahalleh.errors import Faults, InputError

if TYPE_CHECKING:
    import geopandas as gpd
    import polars as pl

Columns = dict[str, str]
POLICE_UK: Final[Columns] = {"id": "LSOA code", "name": "LSOA name", "lon": "Longitude", "lat": "Latitude"}
STRAYS: Final = 29  # points of an LSOA, up to which a force's file only strayed into another one's place
FORMATS: Final = ("police_uk", "table")


def places_from(form: str, paths: Iterable[Path], *, columns: Columns) -> gpd.GeoDataFrame:
    """The places frame whose areas are the labels' hexagons.

    `form`: `police_uk` knows its columns; `table` is CSV, and `columns` names its id, name, lon and lat.

    Raises:
        InputError: where a format is unknown, or files cannot be read, or lack a column; all are named.
        PlacesError: where no point has a label.
    """
    from mahalleh.places import places_from_points

    if form not in FORMATS:
        raise InputError("cli.no-format", given=form, allowed=FORMATS)
    wanted = POLICE_UK if form == "police_uk" else columns
    wanted = {key: wanted.get(key, "") for key in POLICE_UK}
    if missing := [key for key, column in wanted.items() if not column]:
        raise InputError("cli.needs-columns", options=[f"--{key}" for key in missing])
    points = _points(_files(paths, "*street.csv*" if form == "police_uk" else "*.csv*"), wanted)
    return places_from_points(
        points["lon"].to_numpy(),
        points["lat"].to_numpy(),
        points["id"].to_list(),
        points["name"].to_list(),
        least=STRAYS + 1 if form == "police_uk" else 1,
    )


def _files(paths: Iterable[Path], pattern: str) -> list[Path]:
    files = [file for path in paths for file in (sorted(path.rglob(pattern)) if path.is_dir() else [path])]
    if not files:
        raise InputError("cli.no-files", pattern=pattern)
    return files


def _points(files: list[Path], columns: Columns) -> pl.DataFrame:
    """A table id, name, lon, lat of every row of the files; unreadable numbers are empty."""
    import polars as pl

    faults = Faults(InputError)
    tables = []
    for file in files:
        try:
            table = pl.read_csv(file, infer_schema=False)
        except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
            faults.add("cli.unreadable", path=file, reason=str(error).splitlines()[0])
            continue
        if missing := sorted(set(columns.values()) - set(table.columns)):
            faults.add("cli.no-column", path=file, columns=missing, allowed=table.columns)
            continue
        tables.append(table.select(pl.col(column).alias(key) for key, column in columns.items()))
    faults.raise_if_any()
    return pl.concat(tables).with_columns(
        pl.col("id", "name").fill_null(""), pl.col("lon", "lat").cast(pl.Float64, strict=False)
    )
