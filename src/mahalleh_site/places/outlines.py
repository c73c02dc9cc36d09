"""Boundaries for drawing: light copies whose neighbours still share their borders.

The drawing's view box is 1,000 units wide; `y` grows downwards. Longitude is shrunk by the cosine of the
city's middle latitude (equirectangular), which is true to shape within a city.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

WIDTH: Final = 1000
MARGIN: Final = 12  # room for the stroke of the outermost border
TOLERANCE: Final = 1.2  # units: what a phone's screen, about 390 wide, cannot show
DECIMALS: Final = 5  # of a degree: about a metre


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the drawing lies on the globe. Degrees, but `height`: units of the view box."""

    west: float
    south: float
    east: float
    north: float
    height: int

    @property
    def unit(self) -> float:
        """Degrees of longitude in one unit of the drawing."""
        return (self.east - self.west) / (WIDTH - 2 * MARGIN)

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is than one of latitude."""
        return math.cos(math.radians((self.south + self.north) / 2))

    def draw(self, shapes: np.ndarray) -> np.ndarray:
        """WGS84 shapes in units of the drawing."""

        def forward(points: np.ndarray) -> np.ndarray:
            x = MARGIN + (points[:, 0] - self.west) / self.unit
            y = MARGIN + (self.north - points[:, 1]) / (self.unit * self.squeeze)
            return np.column_stack([x, y])

        return np.asarray(shapely.transform(shapes, forward))

    def globe(self, shapes: np.ndarray) -> np.ndarray:
        """Drawn shapes back in WGS84."""

        def backward(points: np.ndarray) -> np.ndarray:
            lon = self.west + (points[:, 0] - MARGIN) * self.unit
            lat = self.north - (points[:, 1] - MARGIN) * self.unit * self.squeeze
            return np.column_stack([lon, lat])

        return np.asarray(shapely.transform(shapes, backward))


def frame(shapes: Iterable[BaseGeometry]) -> Frame:
    """The frame that just holds `shapes` (WGS84)."""
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(np.asarray(list(shapes))))
    squeeze = math.cos(math.radians((south + north) / 2))
    unit = (east - west) / (WIDTH - 2 * MARGIN)
    height = 2 * MARGIN + math.ceil((north - south) / (unit * squeeze))
    return Frame(west, south, east, north, height)


def light(shapes: Sequence[BaseGeometry], within: Frame) -> tuple[list[str], list[dict[str, Any]]]:
    """Each shape as an SVG path and as a light GeoJSON geometry (WGS84, five decimals).

    Borders are simplified once for both sides (`shapely.coverage_simplify`, Visvalingam-Whyatt on the
    coverage's edges), so that no gap opens between neighbours.
    """
    drawn = within.draw(np.asarray(list(shapes)))
    simple = np.asarray(shapely.coverage_simplify(drawn, TOLERANCE))
    # a coverage with slivers can lose a small shape: then its own outline is better than none
    lost = shapely.is_empty(simple)
    simple[lost] = drawn[lost]
    globe = within.globe(simple)
    return [path(shape) for shape in simple], [_geometry(shape) for shape in globe]


def path(shape: BaseGeometry) -> str:
    """A polygon, or several, as an SVG path of whole units; the largest ring always stays.

    Other geometry has no inside and gives nothing.
    """
    rings: list[str] = []
    # holes run against their shell, so that either of SVG's fill rules leaves them open
    parts = [
        part for part in shapely.get_parts(shapely.orient_polygons(shape)) if part.geom_type == "Polygon"
    ]
    for part in sorted(parts, key=lambda part: -part.area):
        for ring in (part.exterior, *part.interiors):
            text = _ring(np.asarray(ring.coords)[:, :2], keep=not rings)
            if text:
                rings.append(text)
    return "".join(rings)


def _ring(points: np.ndarray, *, keep: bool) -> str:
    whole = np.rint(points).astype(int)
    moved = np.any(np.diff(whole, axis=0) != 0, axis=1)
    whole = whole[np.concatenate([[True], moved])]
    if len(whole) < 4:  # a ring closes on its first point, so three corners are four points
        if not keep:
            return ""
        (left, top), (right, bottom) = points.min(axis=0).astype(int), points.max(axis=0).astype(int) + 1
        whole = np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])
    steps = np.diff(whole, axis=0)[:-1]
    line = " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-")
    return f"M{whole[0][0]} {whole[0][1]}l{line}z"


def _geometry(shape: BaseGeometry) -> dict[str, Any]:
    return rounded(shapely.geometry.mapping(shape), DECIMALS)


def rounded(geometry: dict[str, Any], decimals: int) -> dict[str, Any]:
    """A GeoJSON geometry with its coordinates rounded."""

    def cut(value: Any) -> Any:
        return (
            round(float(value), decimals) if isinstance(value, int | float) else [cut(item) for item in value]
        )

    return {"type": geometry["type"], "coordinates": cut(geometry["coordinates"])}
