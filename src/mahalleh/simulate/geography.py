"""The land of an invented city: outline, river, parks, neighbourhoods, districts.

Neighbourhoods are Voronoi cells on each bank of the river, clipped to the outline, after two rounds of
Lloyd's relaxation (Lloyd 1982, "Least squares quantization in PCM"), which makes their sizes alike but not
equal. All is built in metres about the middle, then placed at an empty spot of Iran's central desert.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mahalleh.simulate import names
from mahalleh.simulate.model import District

LON: Final = 54.62  # the city's middle
LAT: Final = 33.31
DEGREE_METRES: Final = 111_195.0  # of latitude, on a sphere of radius 6,371 km
DEGREE_GRID: Final = 1e-7  # a centimetre; cuts on this grid leave valid polygons
# Invented; they move how far apart areas and events lie.
AREA_SQUARE_METRES: Final = 1.2e6  # of a mean neighbourhood
RIVER_METRES: Final = 45.0  # from bank to middle
RELAXATIONS: Final = 2  # none leaves slivers, many make honeycombs
TRIED: Final = 40  # spots for a park

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Land:
    """The land of an invented city, all WGS84.

    Attributes
    ----------
    places : geopandas.GeoDataFrame
        See `mahalleh.places`.
    districts : tuple of District
        Parents of the areas.
    river, parks : shapely.Geometry
        Where nobody lives.
    """

    places: gpd.GeoDataFrame
    districts: tuple[District, ...]
    river: Any
    parks: Any


def make_land(areas: int, rng: np.random.Generator) -> Land:
    """Make the land of a city.

    Parameters
    ----------
    areas : int
        Neighbourhoods.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    Land
        Areas ordered from north to south and west to east.
    """
    radius = float(np.sqrt(areas * AREA_SQUARE_METRES / np.pi))
    outline = _outline(radius, rng)
    line = _river_line(radius, rng)
    river = shapely.buffer(line, RIVER_METRES)
    banks = _two_largest(shapely.difference(outline, river))
    points, bank = _relaxed(areas, banks, rng)
    cells = _cells(points, bank, banks)
    parks = _parks(radius, points, outline, river, rng)
    order = np.lexsort((points[:, 0], -np.round(points[:, 1] / radius * 4)))  # north to south, west to east
    points, cells = points[order], cells[order]
    home = _district_of(points, int(np.clip(areas // 8, 2, len(names.DISTRICTS))), rng)
    gardens = _to_degrees(parks)
    polygons = np.asarray(shapely.difference(_to_degrees(cells), gardens, grid_size=DEGREE_GRID))
    return Land(
        _frame(polygons, home, rng),
        _districts(polygons, home, rng),
        _to_degrees(shapely.intersection(river, outline)),
        gardens,
    )


def _outline(radius: float, rng: np.random.Generator) -> shapely.Polygon:
    angle = np.linspace(0.0, 2.0 * np.pi, 180, endpoint=False)
    bulge = np.ones_like(angle)
    for wave in range(2, 7):
        bulge += rng.normal(0.0, 0.16 / wave) * np.cos(wave * angle + rng.uniform(0.0, 2.0 * np.pi))
    reach = radius * np.clip(bulge, 0.7, 1.3)
    return shapely.Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))


def _river_line(radius: float, rng: np.random.Generator) -> shapely.LineString:
    x = np.linspace(-1.6, 1.6, 120)
    y = 0.12 * np.sin(2.2 * x + rng.uniform(0.0, 6.28)) + 0.04 * np.sin(7.0 * x + rng.uniform(0.0, 6.28))
    tilt = rng.uniform(-0.5, 0.5)
    turned = np.column_stack(
        [x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt) + rng.uniform(-0.15, 0.15)]
    )
    return shapely.LineString(radius * turned)


def _two_largest(shape: Any) -> npt.NDArray[Any]:
    parts = shapely.get_parts(shape)
    return np.asarray(parts[np.argsort(-shapely.area(parts))[:2]])


def _relaxed(
    areas: int, banks: npt.NDArray[Any], rng: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Seeds of the cells (areas, 2) in metres, and the bank that each is on."""
    share = shapely.area(banks) / shapely.area(banks).sum()
    first = int(np.clip(round(areas * share[0]), 1, areas - 1))
    bank = np.repeat([0, 1], [first, areas - first])
    points = np.concatenate([_inside(banks[0], first, rng), _inside(banks[1], areas - first, rng)])
    for _ in range(RELAXATIONS):
        middles = shapely.point_on_surface(_cells(points, bank, banks))
        centres = shapely.centroid(_cells(points, bank, banks))
        inside = shapely.contains(banks[bank], centres)
        points = shapely.get_coordinates(np.where(inside, centres, middles))
    return points, bank


def _inside(polygon: Any, count: int, rng: np.random.Generator) -> Floats:
    west, south, east, north = shapely.bounds(polygon)
    found = np.empty((0, 2))
    while len(found) < count:
        tried = rng.uniform((west, south), (east, north), (4 * count + 8, 2))
        found = np.concatenate([found, tried[shapely.contains_xy(polygon, tried[:, 0], tried[:, 1])]])
    return found[:count]


def _cells(points: Floats, bank: npt.NDArray[np.int64], banks: npt.NDArray[Any]) -> npt.NDArray[Any]:
    cells = np.empty(len(points), dtype=object)
    for number, ground in enumerate(banks):
        mine = np.flatnonzero(bank == number)
        if len(mine) == 1:
            cells[mine] = ground
            continue
        seeds = shapely.MultiPoint(points[mine])
        ordered = shapely.voronoi_polygons(seeds, extend_to=shapely.buffer(ground, 1000.0), ordered=True)
        cells[mine] = shapely.intersection(shapely.get_parts(ordered), ground)
    return cells


def _parks(radius: float, points: Floats, outline: Any, river: Any, rng: np.random.Generator) -> Any:
    """Two or three gardens, small against a neighbourhood, so that none is swallowed."""
    count = int(rng.integers(2, 4))
    gardens = []
    for number in range(count):
        angle = 2.0 * np.pi * (number + rng.uniform(0.0, 0.8, TRIED)) / count
        tried = radius * rng.uniform(0.25, 0.7, (TRIED, 1)) * np.column_stack([np.cos(angle), np.sin(angle)])
        lonely = ((tried[:, None, :] - points[None, :, :]) ** 2).sum(axis=2).min(axis=1)
        middle = tried[np.argmax(lonely)]  # where neighbourhoods meet
        corners = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
        size = rng.uniform(160.0, 260.0) * (1.0 + 0.2 * np.cos(2.0 * corners + rng.uniform(0.0, 6.0)))
        ring = middle + np.column_stack([size * np.cos(corners), size * np.sin(corners)])
        gardens.append(shapely.Polygon(ring))
    homes = shapely.MultiPoint(points).buffer(120.0)  # every neighbourhood keeps its heart
    return shapely.difference(
        shapely.intersection(shapely.union_all(gardens), outline), shapely.union(river, homes)
    )


def _district_of(points: Floats, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """K-means by position; a district that would have fewer than two areas takes its nearest."""
    centres = points[rng.choice(len(points), count, replace=False)]
    home = np.zeros(len(points), dtype=np.int64)
    for _ in range(20):
        home = np.argmin(((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2), axis=1)
        centres = np.array(
            [points[home == d].mean(axis=0) if (home == d).any() else centres[d] for d in range(count)]
        )
    for district in range(count):
        sizes = np.bincount(home, minlength=count)
        while sizes[district] < 2:
            distance = ((points - centres[district]) ** 2).sum(axis=1)
            free = (home != district) & (sizes[home] > 2)
            home[np.argmin(np.where(free, distance, np.inf))] = district
            sizes = np.bincount(home, minlength=count)
    return home


def _frame(
    polygons: npt.NDArray[Any], home: npt.NDArray[np.int64], rng: np.random.Generator
) -> gpd.GeoDataFrame:
    count = len(polygons)
    named = names.area_names(count, rng)
    width = max(2, len(str(count)))
    people = np.clip(rng.lognormal(np.log(8_500.0), 0.38, count), 4_000.0, 18_000.0)
    return gpd.GeoDataFrame(
        {
            "name": [en for _, en in named],
            "name_fa": [fa for fa, _ in named],
            "name_en": [en for _, en in named],
            "population": np.round(people, -1),
            "parent": [f"d{d + 1}" for d in home],
        },
        geometry=polygons,
        crs="EPSG:4326",
        index=pd.Index([f"m{number + 1:0{width}d}" for number in range(count)], name="area"),
    )


def _districts(
    polygons: npt.NDArray[Any], home: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[District, ...]:
    chosen = rng.permutation(len(names.DISTRICTS))
    districts = []
    for number in range(int(home.max()) + 1):
        fa, en = names.DISTRICTS[chosen[number]]
        whole = shapely.union_all(polygons[home == number], grid_size=DEGREE_GRID)
        districts.append(District(f"d{number + 1}", fa, en, whole))
    return tuple(districts)


def _to_degrees(shape: Any) -> Any:
    scale = np.array([DEGREE_METRES * np.cos(np.radians(LAT)), DEGREE_METRES])
    return shapely.transform(shape, lambda xy: np.array([LON, LAT]) + xy / scale)
