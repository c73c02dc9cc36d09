"""Coordinates to area and cell, after which they are dropped. Each distinct point is looked up once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import polars as pl

from mahalleh.errors import SourceError
from mahalleh.events import CELL_RESOLUTION
from mahalleh.places import locator

REMEMBERED: Final = 2_000_000  # distinct points kept; beyond that the oldest are looked up anew
TELLING_ROWS: Final = 1000  # of a file say enough about its columns
TELLING_SHARE: Final = 0.9  # of a file's first points: then the columns are wrong, not the rows


class Placer:
    """Adds `area` and `cell` to rows with text columns `lon` and `lat`, and takes these away."""

    def __init__(self, places: gpd.GeoDataFrame) -> None:
        self.areas = pl.Series("area", places.index.to_list(), dtype=pl.String)
        self.locator = locator(places)
        self.lock = threading.Lock()
        self.known = pl.DataFrame(
            schema={
                "lon": pl.String,
                "lat": pl.String,
                "area": pl.String,
                "cell": pl.UInt64,
                "pointed": pl.Boolean,
            }
        )

    def place(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with `area` (null outside), `cell` (null without point) and `pointed` (had coordinates)."""
        distinct = rows.select("lon", "lat").unique()
        with self.lock:  # files are read side by side
            fresh = distinct.join(self.known, on=["lon", "lat"], how="anti", nulls_equal=True)
            if fresh.height:
                self.known = pl.concat([self.known, self._look_up(fresh)])
            known = self.known
            if known.height > REMEMBERED:
                self.known = known.tail(REMEMBERED // 2)
        placed = rows.join(known, on=["lon", "lat"], how="left", nulls_equal=True, maintain_order="left")
        return placed.drop("lon", "lat")

    def check(self, rows: pl.DataFrame, path: Path) -> None:
        """Refuse a file whose coordinates mean something else than longitude and latitude of this city.

        Raises:
            SourceError: where nearly all points are no degrees (metres of a map, say), naming the first such
                line, or lie outside the city but inside it once longitude and latitude change places.
        """
        points = rows.head(TELLING_ROWS).select("line", x=_degrees("lon"), y=_degrees("lat")).drop_nulls()
        if points.is_empty():
            return
        impossible = points.filter((pl.col("x").abs() > 180) | (pl.col("y").abs() > 90))
        if impossible.height >= TELLING_SHARE * points.height:
            line, x, y = impossible.row(0)
            raise SourceError("sources.out-of-range", path=path, line=line, lon=x, lat=y)
        x, y = points["x"].to_numpy(), points["y"].to_numpy()
        if ((self.locator.find(x, y) < 0) & (self.locator.find(y, x) >= 0)).mean() >= TELLING_SHARE:
            raise SourceError("sources.swapped", path=path)

    def _look_up(self, points: pl.DataFrame) -> pl.DataFrame:
        numbers = points.select(x=_degrees("lon"), y=_degrees("lat"))
        x, y = numbers["x"].fill_null(np.nan).to_numpy(), numbers["y"].fill_null(np.nan).to_numpy()
        position = self.locator.find(x, y)
        inside = position >= 0
        cells = np.zeros(points.height, dtype=np.uint64)
        cells[inside] = [
            h3.latlng_to_cell(b, a, CELL_RESOLUTION) for a, b in zip(x[inside], y[inside], strict=True)
        ]
        held = pl.Series(inside)
        return points.with_columns(
            area=pl.select(pl.when(held).then(self.areas.gather(np.maximum(position, 0)))).to_series(),
            cell=pl.select(pl.when(held).then(pl.Series(cells))).to_series(),
            # (0, 0) is how many systems write 'unknown'
            pointed=pl.Series(np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))),
        )


def _degrees(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().cast(pl.Float64, strict=False)
