"""Neighbourhoods: boundaries in, and where a point belongs.

Places are a `geopandas.GeoDataFrame`, indexed by area id (`area`, text), with the columns name (text),
population (float64, NaN where unknown), parent (the district's id or None) and geometry (WGS84 polygons).
Distances and areas are measured in metres on an azimuthal equidistant plane about the city's middle: within
100 km of it lengths are off by less than 0.01% (Snyder 1987, Map Projections, p. 191).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from scipy.spatial import KDTree

from mahalleh._locate import Locator, project
from mahalleh.errors import Faults, PlacesError

WGS84 = CRS.from_epsg(4326)
NEAR_METRES = (
    50.0  # a point this close outside every area still counts to the nearest: kerbs, rivers, rounding
)
SLIVER_SHARE, SLIVER_SQUARE_METRES = 0.01, 1000.0  # overlaps up to either are drawing noise, not a quarrel
BORDER_METRES, TOUCH_METRES = (
    10.0,
    1.0,
)  # a shared border is this long at least; drawn this close to each other


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest areas of each area, itself first.

    Attributes
    ----------
    index : (areas, k) int32
        Row positions.
    metres : (areas, k) float64
        Metres between centroids.
    """

    index: NDArray[np.int32]
    metres: NDArray[np.float64]


def read_places(
    path: str | Path,
    *,
    id: str,
    name: str,
    population: str | None = None,
    parent: str | None = None,
    names: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Read neighbourhoods from a GeoJSON, GeoPackage or Shapefile.

    Invalid rings are repaired where a polygon remains; the ids of the repaired stand in `attrs["repaired"]`.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    id, name : str
        Its columns of the areas' ids and names.
    population : str, optional
        Its column of residents.
    parent : str, optional
        Its column of the districts' ids.
    names : mapping of str to str, optional
        Language to the column of the name in it, which becomes `name_<language>`.

    Returns
    -------
    geopandas.GeoDataFrame
        Places, as the module says.

    Raises
    ------
    PlacesError
        With every fault found: missing file or columns, duplicate or empty ids, empty names, no polygon,
        overlaps beyond slivers, impossible coordinates or populations.
    """
    frame = _read(Path(path))
    faults = Faults(PlacesError)
    wanted = {"id": id, "name": name, "population": population, "parent": parent}
    wanted |= {f"name_{language}": column for language, column in (names or {}).items()}
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    for role, column in wanted.items():
        if column is not None and column not in columns:
            faults.add("places.no-column", path=path, given=column, role=role, columns=columns)
    faults.raise_if_any()

    ids = _texts(frame[id])
    if missing := [row for row, value in enumerate(ids, start=1) if not value]:
        faults.add("places.missing-id", column=id, count=len(missing), rows=missing)
    if twice := sorted(value for value, count in Counter(ids).items() if value and count > 1):
        faults.add("places.duplicate-id", column=id, ids=twice)
    labels = [value or f"#{row}" for row, value in enumerate(ids, start=1)]
    shapes, repaired = _shapes(_in_degrees(frame, path), labels, faults)
    places = gpd.GeoDataFrame(
        {
            "name": _texts(frame[name]),
            "population": _populations(frame, population, labels, faults),
            "parent": [value or None for value in _texts(frame[parent])] if parent else None,
            **{f"name_{language}": _texts(frame[column]) for language, column in (names or {}).items()},
        },
        geometry=shapes,
        crs=WGS84,
        index=pd.Index(ids, name="area", dtype=object),
    )
    places["parent"] = places["parent"].astype(object).where(places["parent"].notna(), None)
    if nameless := [label for label, text in zip(labels, places["name"], strict=True) if not text]:
        faults.add("places.missing-name", ids=nameless)
    if not len(faults) and (pairs := _overlaps(places)):
        faults.add("places.overlap", pairs=[f"{a} / {b}" for a, b in pairs])
    faults.raise_if_any()
    places.attrs["repaired"] = repaired
    return places


def locate(places: gpd.GeoDataFrame, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
    """Find the area that each point lies in.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Places.
    lon, lat : (points,) float
        Degrees; NaN is nowhere.

    Returns
    -------
    (points,) int64
        Row positions; -1 where there is none. A border belongs to the first of its areas; a point outside all
        of them, but within 50 m of one, counts to the nearest.

    Raises
    ------
    PlacesError
        Where the two are not equally long.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise PlacesError("places.lengths", lon=x.size, lat=y.size)
    return locator(places).find(x, y)


def locator(places: gpd.GeoDataFrame) -> Locator:
    """Prepare what `locate` works with, for a caller that asks many times.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Places.

    Returns
    -------
    Locator
        Its `find(x, y)` takes (points,) degrees and gives (points,) row positions.
    """
    polygons = np.asarray(places.geometry.values, dtype=object)
    return Locator(polygons, transformer=to_metres(places), near=NEAR_METRES)


def adjacency(places: gpd.GeoDataFrame) -> NDArray[np.int32]:
    """Find pairs of neighbouring areas.

    Two areas are neighbours where their borders run within a metre of each other for at least ten metres; a
    shared corner is no border.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Places.

    Returns
    -------
    (pairs, 2) int32
        Row positions, the smaller first, sorted.
    """
    polygons = in_metres(places)
    left, right = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=TOUCH_METRES)
    left, right = left[left < right], right[left < right]
    reach = shapely.buffer(polygons[right], TOUCH_METRES)
    shared = shapely.length(shapely.intersection(shapely.boundary(polygons[left]), reach))
    pairs = np.stack([left, right], axis=1)[shared >= BORDER_METRES]
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], dtype=np.int32)


def nearest(places: gpd.GeoDataFrame, k: int) -> Neighbours:
    """Find the `k` areas nearest to each area by centroid, itself first, equal distances by row position.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Places.
    k : int
        How many, itself among them.

    Returns
    -------
    Neighbours
        Positions and distances.

    Raises
    ------
    PlacesError
        Where k is not 1 to the number of areas.
    """
    if not 1 <= k <= len(places):
        raise PlacesError("places.too-few", k=k, count=len(places))
    centres = shapely.get_coordinates(shapely.centroid(in_metres(places)))
    found = KDTree(centres).query(centres, k=np.arange(1, k + 1))
    metres, index = np.asarray(found[0], dtype=np.float64), np.asarray(found[1])
    own = index != np.arange(len(places))[:, None]
    order = np.lexsort(
        (index, np.where(own, metres, -1.0)), axis=1
    )  # itself first, even among equal centroids
    return Neighbours(
        index=np.take_along_axis(index, order, axis=1).astype(np.int32),
        metres=np.take_along_axis(metres, order, axis=1),
    )


def places_from_points(
    lon: ArrayLike,
    lat: ArrayLike,
    id: Sequence[str],
    name: Sequence[str],
    *,
    resolution: int = 9,
    least: int = 1,
) -> gpd.GeoDataFrame:
    """Make areas of labelled points: each H3 hexagon goes to the commonest label of its points.

    For where no boundary file is at hand.

    Parameters
    ----------
    lon, lat : (points,) float
        Degrees; points without them are left out.
    id, name : (points,) sequence of str
        The label of each point, and its name; points without a label are left out.
    resolution : int
        Of the hexagons.
    least : int
        Labels with fewer points are left out: they are strays of other places.

    Returns
    -------
    geopandas.GeoDataFrame
        Places without population and district. They are approximate by half a hexagon (about 170 m at
        resolution 9), and say so in `attrs["approximate"]`.

    Raises
    ------
    PlacesError
        Where no point has both coordinates and label.

    Notes
    -----
    A hexagon without points that has mostly labelled neighbours takes their commonest label, so that small
    holes close. Ties go to the smaller id.
    """
    votes: dict[str, Counter[str]] = {}
    title: dict[str, str] = {}
    for x, y, label, text in zip(np.asarray(lon, float), np.asarray(lat, float), id, name, strict=True):
        if label and np.isfinite(x) and np.isfinite(y):
            votes.setdefault(h3.latlng_to_cell(y, x, resolution), Counter())[label] += 1
            title.setdefault(label, text)
    total: Counter[str] = sum(votes.values(), Counter())
    owner = {cell: _winner(count) for cell, count in votes.items()}
    owner = {cell: label for cell, label in owner.items() if total[label] >= least}
    if not owner:
        raise PlacesError("places.no-points")
    owner = _without_holes(owner)
    cells: dict[str, list[str]] = {}
    for cell in sorted(owner):
        cells.setdefault(owner[cell], []).append(cell)
    ids = sorted(cells)
    places = gpd.GeoDataFrame(
        {
            "name": [title[label] or label for label in ids],
            "population": np.full(len(ids), np.nan),
            "parent": np.full(len(ids), None, dtype=object),
        },
        geometry=[shapely.geometry.shape(h3.cells_to_geo(cells[label])) for label in ids],
        crs=WGS84,
        index=pd.Index(ids, name="area", dtype=object),
    )
    places.attrs["approximate"] = True
    return places


def to_metres(places: gpd.GeoDataFrame) -> Transformer:
    """Prepare the way from degrees to the local plane in metres.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Places, whose middle is the plane's.

    Returns
    -------
    pyproj.Transformer
        From (longitude, latitude) to (x, y) in metres.
    """
    west, south, east, north = places.total_bounds
    plane = CRS.from_proj4(
        f"+proj=aeqd +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84 +units=m"
    )
    return Transformer.from_crs(WGS84, plane, always_xy=True)


def in_metres(places: gpd.GeoDataFrame) -> NDArray[Any]:
    """Draw the polygons on the local plane.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Places.

    Returns
    -------
    (areas,) object
        Shapely polygons in metres.
    """
    return project(np.asarray(places.geometry.values, dtype=object), to_metres(places))


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.exists():
        raise PlacesError("places.not-found", path=path)
    try:
        with path.open("rb") as file:
            file.read(1)
        frame = pyogrio.read_dataframe(path)
    except (OSError, ValueError, UnicodeDecodeError, RuntimeError) as error:
        raise PlacesError("places.unreadable", path=path, reason=_reason(error, path)) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise PlacesError("places.empty", path=path)
    return frame


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).split(";")[0].replace(str(path), path.name).strip()


def _in_degrees(frame: gpd.GeoDataFrame, path: str | Path) -> NDArray[Any]:
    shapes = frame.geometry
    if shapes.crs is None:
        # degrees, even swapped ones, stay within a full turn
        if not np.all(np.abs(np.nan_to_num(shapes.total_bounds)) <= 360):
            raise PlacesError("places.no-crs", path=path)
        shapes = shapes.set_crs(WGS84)
    return np.asarray(shapes.to_crs(WGS84).values, dtype=object)


def _shapes(shapes: NDArray[Any], labels: list[str], faults: Faults) -> tuple[NDArray[Any], list[str]]:
    """The shapes as valid polygons, and the ids of those that had to be repaired."""
    names = np.asarray(labels, dtype=object)
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6))
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if len(wrong := names[~polygonal & ~absent]):
        faults.add("places.not-polygon", ids=wrong.tolist())
    broken = polygonal & ~absent & ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    shapes[polygonal] = shapely.force_2d(shapes[polygonal])
    lost = polygonal & (shapely.area(shapes) == 0)
    if len(gone := names[absent | lost]):
        faults.add("places.no-shape", ids=gone.tolist())
    x0, y0, x1, y1 = np.nan_to_num(shapely.bounds(shapes)).T
    outside = (x0 < -180) | (x1 > 180) | (y0 < -90) | (y1 > 90)
    if outside.any():
        if np.all((y0 >= -180) & (y1 <= 180) & (x0 >= -90) & (x1 <= 90)):
            faults.add("places.swapped")
        else:
            faults.add("places.out-of-range", ids=names[outside].tolist())
    return shapes, names[broken & ~lost].tolist()


def _populations(
    frame: gpd.GeoDataFrame, column: str | None, labels: list[str], faults: Faults
) -> NDArray[np.float64]:
    if column is None:
        return np.full(len(frame), np.nan)
    given = frame[column]
    numbers: NDArray[np.float64] = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
    wrong = (np.isnan(numbers) & given.notna().to_numpy()) | (numbers < 0) | np.isinf(numbers)
    if wrong.any():
        faults.add("places.bad-population", ids=[labels[row] for row in np.flatnonzero(wrong)])
    return numbers


def _overlaps(places: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    polygons = in_metres(places)
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    left, right = left[left < right], right[left < right]
    shared = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    smaller = np.minimum(shapely.area(polygons[left]), shapely.area(polygons[right]))
    too_much = (shared > SLIVER_SQUARE_METRES) & (shared > SLIVER_SHARE * smaller)
    return [(places.index[i], places.index[j]) for i, j in zip(left[too_much], right[too_much], strict=True)]


def _texts(column: pd.Series[Any]) -> list[str]:
    """Ids and names as text: a whole number read as a float loses its '.0', and nothing is an empty text."""
    texts = []
    for value in column:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            texts.append("")
        elif isinstance(value, float) and value.is_integer():
            texts.append(str(int(value)))
        else:
            texts.append(str(value).strip())
    return texts


def _winner(count: Counter[str]) -> str:
    return min(count, key=lambda label: (-count[label], label))


def _without_holes(owner: dict[str, str]) -> dict[str, str]:
    while True:
        rim = {near for cell in owner for near in h3.grid_ring(cell, 1)} - owner.keys()
        found = {}
        for cell in rim:
            count = Counter(owner[near] for near in h3.grid_ring(cell, 1) if near in owner)
            if count.total() > len(h3.grid_ring(cell, 1)) / 2:
                found[cell] = _winner(count)
        if not found:
            return owner
        owner = owner | found
