"""Point to polygon, many points at a time.

Points are sorted into a square grid once; a polygon then tests only the points of the grid cells under its
bounding box, with a prepared polygon, so the work is about two tests a point however many polygons there are.
The few points that fall outside all polygons ask an R-tree for a polygon near by.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

POINTS_A_CELL = 64  # fewer makes many small slices, more tests many points in vain
FEW_AN_AREA = 20  # points an area, up to which asking an R-tree for each point is quicker
GRID = 1024  # at most this many columns and rows


class Locator:
    """Finds the polygon of points, again and again: what depends on the polygons alone is made once.

    `polygons`: (areas,) in degrees; `transformer`: degrees to metres; `near`: metres.
    """

    def __init__(self, polygons: NDArray[Any], *, transformer: Transformer, near: float) -> None:
        self.polygons, self.transformer, self.near = polygons, transformer, near
        self.bounds: NDArray[np.float64] = shapely.bounds(polygons)
        shapely.prepare(polygons)

    @cached_property
    def plain_tree(self) -> shapely.STRtree:
        """The polygons in degrees, in an R-tree."""
        return shapely.STRtree(self.polygons)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The polygons on the plane, in an R-tree."""
        return shapely.STRtree(project(self.polygons, self.transformer))

    def find(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """Row position of the first polygon that covers each point, else of the nearest by, else -1.

        `x`, `y`: (points,) degrees.
        """
        found = np.full(x.size, -1, dtype=np.int64)
        west, south = np.nanmin(self.bounds[:, :2], axis=0)
        east, north = np.nanmax(self.bounds[:, 2:], axis=0)
        inside = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
        if inside.size > FEW_AN_AREA * len(self.polygons):
            found[inside] = _covering(self.polygons, self.bounds, x[inside], y[inside])
        elif inside.size:
            found[inside] = self._few(x[inside], y[inside])
        # a degree of latitude has 110.57 km at least; the margin only has to be wide enough
        margin = self.near / 110_000
        wide = margin / max(np.cos(np.deg2rad(min(max(abs(south), abs(north)) + margin, 89.0))), 0.01)
        left = np.flatnonzero(
            (found < 0)
            & (x >= west - wide) & (x <= east + wide) & (y >= south - margin) & (y <= north + margin)
        )  # fmt: skip
        if left.size:
            found[left] = self._near(x[left], y[left])
        return found

    def _few(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        which, polygon = self.plain_tree.query(shapely.points(x, y), predicate="intersects")
        return _firsts(x.size, which, polygon)

    def _near(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        points = shapely.points(*self.transformer.transform(x, y))
        which, polygon = self.tree.query_nearest(points, max_distance=self.near, all_matches=True)
        return _firsts(x.size, which, polygon)  # of equally near polygons the first, as on a border


def _covering(
    polygons: NDArray[Any], bounds: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.int64]:
    side = int(np.clip(np.sqrt(x.size / POINTS_A_CELL), 1, GRID))
    x0, y0, x1, y1 = bounds[:, 0].min(), bounds[:, 1].min(), bounds[:, 2].max(), bounds[:, 3].max()

    def column(value: NDArray[np.float64]) -> NDArray[np.int64]:
        scaled = (value - x0) * (side / max(x1 - x0, 1e-12))
        return np.asarray(np.clip(scaled, 0, side - 1), dtype=np.int64)

    def row(value: NDArray[np.float64]) -> NDArray[np.int64]:
        scaled = (value - y0) * (side / max(y1 - y0, 1e-12))
        return np.asarray(np.clip(scaled, 0, side - 1), dtype=np.int64)

    key = row(y) * side + column(x)
    order = np.argsort(key, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=side * side))])
    xs, ys = x[order], y[order]
    sorted_found = np.full(x.size, -1, dtype=np.int64)
    left, bottom, right, top = (
        column(bounds[:, 0]),
        row(bounds[:, 1]),
        column(bounds[:, 2]),
        row(bounds[:, 3]),
    )
    for position, polygon in enumerate(polygons):
        for line in range(bottom[position], top[position] + 1):
            a, b = start[line * side + left[position]], start[line * side + right[position] + 1]
            if a == b:
                continue
            hit = shapely.intersects_xy(polygon, xs[a:b], ys[a:b])
            part = sorted_found[a:b]  # a view: the first polygon that covers a point keeps it
            part[hit & (part < 0)] = position
    found = np.empty_like(sorted_found)
    found[order] = sorted_found
    return found


def _firsts(size: int, point: NDArray[np.int64], polygon: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lowest polygon of each point; -1, which is the largest number without its sign, for none."""
    found = np.full(size, -1, dtype=np.int64)
    np.minimum.at(found.view(np.uint64), point, polygon.astype(np.uint64))
    return found


def project(polygons: NDArray[Any], transformer: Transformer) -> NDArray[Any]:
    """The polygons with their coordinates transformed, (areas,)."""

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return np.asarray(shapely.transform(polygons, move), dtype=object)
