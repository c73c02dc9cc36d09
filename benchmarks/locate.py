"""Points to areas: at least a million a second for 1,000 polygons on one core."""

from __future__ import annotations

import statistics

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks._timing import RUNS, row, seconds
from mahalleh.places import locate

POINTS, AREAS, LIMIT = 2_000_000, 1_000, 1_000_000


def voronoi_places(count: int, seed: int) -> gpd.GeoDataFrame:
    """Areas with wriggly borders of some 60 vertices each, as digitised ones have."""
    rng = np.random.default_rng(seed)
    box = shapely.box(51, 35, 51.5, 35.4)
    seeds = shapely.multipoints(rng.uniform([51, 35], [51.5, 35.4], (count, 2)))
    cells = shapely.intersection(np.array(shapely.voronoi_polygons(seeds, extend_to=box).geoms), box)
    cells = shapely.segmentize(cells, 0.001)
    ids = [f"a{number:05d}" for number in range(count)]
    return gpd.GeoDataFrame(
        {"name": ids, "population": 1000.0, "parent": None},
        geometry=list(cells), crs=4326, index=pd.Index(ids, name="area"),
    )  # fmt: skip


def run() -> list[dict]:
    """Points a second, on one core, what depends on the polygons included; 8% of the points lie outside."""
    places = voronoi_places(AREAS, seed=1)
    lon, lat = np.random.default_rng(2).uniform([50.99, 34.99], [51.51, 35.41], (POINTS, 2)).T
    locate(places, lon[:1000], lat[:1000])
    taken = statistics.median(seconds(lambda: locate(places, lon, lat)) for _ in range(RUNS))
    rate = POINTS / taken
    vertices = int(shapely.get_num_coordinates(places.geometry.values).mean())
    claim = f"locate: {POINTS:,} points, {AREAS:,} polygons of {vertices} vertices, one core"
    return [row(claim, f"{rate / 1e6:.2f} million points a second", "at least 1.00", holds=rate >= LIMIT)]
