"""Coordinates to area and cell, after which they are dropped. Each distinct point is looked up once."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import polars as pl

from mahalleh.events import CELL_RESOLUTION
from mahalleh.places import locator

REMEMBERED: Final = 2_000_000  # distinct points kept; beyond that the oldest are looked up anew
SWAP_SHARE: Final = 0.9  # of the points outside the city, and inside it once swapped


class Placer:
    """Adds `area` and `cell` to rows with text columns `lon` and `lat`, and takes these away."""

    def __init__(self, places: gpd.GeoDataFrame) -> None:
        self.areas = pl.Series("area", places.index.to_list(), dtype=pl.String)
        self.locator = locator(places)
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
        """Rows with `area` (null outside), `cell` (null without coordinates) and `pointed` (had coordinates)."""
        distinct = rows.select("lon", "lat").unique()
        fresh = distinct.join(self.known, on=["lon", "lat"], how="anti", nulls_equal=True)
        if fresh.height:
            self.known = pl.concat([self.known, self._look_up(fresh)])
        placed = rows.join(self.known, on=["lon", "lat"], how="left", nulls_equal=True, maintain_order="left")
        if self.known.height > REMEMBERED:
            self.known = self.known.tail(REMEMBERED // 2)
        return placed.drop("lon", "lat")

    def looks_swapped(self, rows: pl.DataFrame) -> bool:
        """Whether nearly all points lie outside the city, but inside it once lon and lat are swapped."""
        points = rows.select(
            x=pl.col("lon").str.strip_chars().cast(pl.Float64, strict=False),
            y=pl.col("lat").str.strip_chars().cast(pl.Float64, strict=False),
        ).drop_nulls()
        if points.is_empty():
            return False
        x, y = points["x"].to_numpy(), points["y"].to_numpy()
        outside = self.locator.find(x, y) < 0
        rescued = self.locator.find(y, x) >= 0
        return bool((outside & rescued).mean() >= SWAP_SHARE)

    def _look_up(self, points: pl.DataFrame) -> pl.DataFrame:
        numbers = points.select(
            x=pl.col("lon").str.strip_chars().cast(pl.Float64, strict=False),
            y=pl.col("lat").str.strip_chars().cast(pl.Float64, strict=False),
        )
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
