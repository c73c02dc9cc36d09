"""From a point to what is kept of it: the area and the cell. The point itself goes no further."""

from __future__ import annotations

from functools import lru_cache

import h3
import numpy as np
import shapely

from mahalleh.events import CELL_RESOLUTION
from mahalleh.text import folded
from mahalleh_site.places.models import Area
from mahalleh_site.places.queries import areas_stamp

NEAR_DEGREES = 0.0006  # about 60 m: kerbs, rivers, and what drawing lightly moved
NAME_LETTERS = 200  # of a name that is looked up


def place_of(lon: float, lat: float) -> tuple[Area, int] | None:
    """The area in which a point (WGS84, degrees) lies, and its H3 cell; None outside the city.

    Light outlines are off by some metres, as taps and telephones are; a point just outside counts to the
    nearest area.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # NaN too
        return None
    ids, tree = _tree(areas_stamp())
    if not ids:
        return None
    point = shapely.Point(lon, lat)
    inside = tree.query(point, predicate="intersects")
    found = inside if len(inside) else tree.query_nearest(point, max_distance=NEAR_DEGREES)
    if not len(found):
        return None
    area = Area.objects.select_related("district").get(pk=ids[int(min(found))])
    return area, h3.str_to_int(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION))


def named(text: str) -> Area | None:
    """The one area with this whole name in either language, or this id; None where none or several have it.

    A part of a name is not enough: nobody is there to be asked which one was meant.
    """
    wanted = _tight(text[:NAME_LETTERS])
    areas = Area.objects.defer("outline", "boundary").select_related("district") if wanted else ()
    found = [each for each in areas if wanted in map(_tight, (each.name_fa, each.name_en, each.pk))]
    return found[0] if len(found) == 1 else None


def _tight(name: str) -> str:
    return folded(name).replace(" ", "")  # half-spaces come and go


@lru_cache(maxsize=2)
def _tree(stamp: tuple[int, int]) -> tuple[list[str], shapely.STRtree]:
    """The areas' shapes; `stamp` changes when the city is founded anew."""
    rows = list(Area.objects.order_by("id").values_list("id", "boundary"))
    shapes = np.asarray([shapely.geometry.shape(boundary) for _id, boundary in rows], dtype=object)
    return [area for area, _boundary in rows], shapely.STRtree(shapes)
