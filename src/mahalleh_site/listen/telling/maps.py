"""Maps to tap without JavaScript: the browser sends where a drawn map was touched (`input type=image`).

A map has the size in CSS pixels that its page states; the browser counts in those. `zoom` names the area that
a nearer map shows; an empty one is the whole city. One pixel of a phone's map of a city 10 km wide is about
30 m, and the cell that is kept about 350 m across: a finger is fine enough.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

import h3
import numpy as np
import shapely
from django.template import loader

from mahalleh.events import CELL_RESOLUTION
from mahalleh_site.places import outlines
from mahalleh_site.places.models import Area, Basemap

MAPS: Final = {"map": 320, "bigmap": 640}  # name of the input -> width in CSS pixels: phones, desks
AROUND: Final = 0.35  # of an area's size that a nearer map shows on each side
SLACK: Final = 0.005  # degrees that a cell's middle may lie outside its area's box: a cell is 350 m across


@dataclass(frozen=True, slots=True)
class Shape:
    """An area on a map: its outline as an SVG path, its name and where to write it."""

    path: str
    name: str
    x: float
    y: float
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map: `height` units of a view box 1,000 wide."""

    height: int
    shapes: tuple[Shape, ...]
    water: str = ""
    green: str = ""
    cell: str = ""

    def size(self, name: str) -> tuple[int, int]:
        """Width and height in CSS pixels of the map with this name."""
        width = MAPS[name]
        return width, round(self.height * width / outlines.WIDTH)


def frame(zoom: str) -> outlines.Frame | None:
    """Where a map lies on the globe; None where there is no such area or no city."""
    if zoom:
        area = Area.objects.filter(pk=zoom).first()
        return _around(area) if area is not None else None
    base = Basemap.objects.first()
    return outlines.Frame(base.west, base.south, base.east, base.north, base.height) if base else None


def tapped(name: str, zoom: str, x: int, y: int) -> tuple[float, float]:
    """Longitude and latitude of a tap at `x`, `y` CSS pixels of the map with this name.

    Raises:
        ValueError: where there is no such map.
    """
    shown = frame(zoom)
    if shown is None:
        raise ValueError(zoom)
    units = outlines.WIDTH / MAPS[name]
    point = shown.globe(np.asarray([shapely.Point(x * units, y * units)]))[0]
    return float(point.x), float(point.y)


def city() -> Drawn | None:
    """The whole city, without names: on a phone they would not be read."""
    base = Basemap.objects.first()
    if base is None:
        return None
    shapes = tuple(Shape(area.outline, "", 0, 0) for area in Area.objects.order_by("id"))
    return Drawn(base.height, shapes, base.water, base.green)


def near(area: Area, cell: int | None = None) -> Drawn:
    """An area and its neighbours, with names, and the cell that was tapped."""
    within = _around(area)
    box = shapely.box(within.west, within.south, within.east, within.north)
    shown = [
        (each, shape)
        for each in Area.objects.all()
        if (shape := shapely.geometry.shape(each.boundary)).intersects(box)
    ]
    drawn = within.draw(np.asarray([shape for _each, shape in shown]))
    middles = within.draw(
        np.asarray([shapely.intersection(s, box).representative_point() for _e, s in shown])
    )
    shapes = tuple(
        Shape(outlines.path(path), each.name, round(middle.x), round(middle.y), each.pk == area.pk)
        for (each, _shape), path, middle in zip(shown, drawn, middles, strict=True)
    )
    return Drawn(within.height, shapes, cell=_cell_path(cell, within) if cell else "")


def as_address(drawn: Drawn) -> str:
    """A map as a `data:` address, so that no request tells which place somebody looks at."""
    svg = loader.render_to_string("listen/map.svg", {"map": drawn})
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode('ascii')}"


def cell_within(text: str, area: Area) -> int | None:
    """The cell that a form carries, where it is one and lies by its area."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        return None
    cell = int(text)
    if not h3.is_valid_cell(h3.int_to_str(cell)) or h3.get_resolution(h3.int_to_str(cell)) != CELL_RESOLUTION:
        return None
    lat, lon = h3.cell_to_latlng(h3.int_to_str(cell))
    west, south, east, north = shapely.geometry.shape(area.boundary).bounds
    inside = west - SLACK <= lon <= east + SLACK and south - SLACK <= lat <= north + SLACK
    return cell if inside else None


def _around(area: Area) -> outlines.Frame:
    west, south, east, north = shapely.geometry.shape(area.boundary).bounds
    wide, high = (east - west) * AROUND, (north - south) * AROUND
    return outlines.frame([shapely.box(west - wide, south - high, east + wide, north + high)])


def _cell_path(cell: int, within: outlines.Frame) -> str:
    corners = [(lon, lat) for lat, lon in h3.cell_to_boundary(h3.int_to_str(cell))]
    drawn: Any = within.draw(np.asarray([shapely.Polygon(corners)]))[0]
    return outlines.path(drawn)
