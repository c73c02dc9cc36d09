"""Boundaries: what is refused, and where a point belongs."""

import json

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mahalleh.errors import PlacesError
from mahalleh.places import (
    NEAR_METRES,
    adjacency,
    in_metres,
    locate,
    nearest,
    places_from_points,
    read_places,
    to_metres,
)

SIDE = 0.01  # degrees: about a kilometre


def square(column, row, side=SIDE):
    return shapely.box(51 + column * side, 35 + row * side, 51 + (column + 1) * side, 35 + (row + 1) * side)


def frame(polygons, ids=None):
    ids = ids or [f"a{number}" for number in range(len(polygons))]
    columns = {"name": ids, "population": np.nan, "parent": None}
    return gpd.GeoDataFrame(columns, geometry=polygons, crs=4326, index=pd.Index(ids, name="area"))


def written(folder, rows, name="areas.geojson"):
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": shapely.geometry.mapping(shape) if shape else None,
        }
        for properties, shape in rows
    ]
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def codes(caught):
    return sorted(fault.code.removeprefix("places.") for fault in caught.value.faults)


GRID = frame([square(column, row) for row in range(3) for column in range(3)])


def test_read_places__gives_text_ids_names_population_and_parent_in_wgs84(tmp_path):
    rows = [({"no": 7.0, "title": " Bagh ", "people": 1200, "zone": 1, "fa": "باغ"}, square(0, 0))]
    places = read_places(
        written(tmp_path, rows), id="no", name="title", population="people", parent="zone", names={"fa": "fa"}
    )
    assert places.index.tolist() == ["7"]
    assert places.loc["7", ["name", "population", "parent", "name_fa"]].tolist() == [
        "Bagh",
        1200.0,
        "1",
        "باغ",
    ]
    assert places.crs.to_epsg() == 4326


@pytest.mark.parametrize(("ending", "driver"), [("gpkg", "GPKG"), ("shp", "ESRI Shapefile")])
def test_read_places__reads_other_formats_and_projections(tmp_path, ending, driver):
    path = tmp_path / f"areas.{ending}"
    gpd.GeoDataFrame({"no": ["1"], "title": ["A"]}, geometry=[square(0, 0)], crs=4326).to_crs(32639).to_file(
        path, driver=driver
    )
    places = read_places(path, id="no", name="title")
    assert np.allclose(places.total_bounds, square(0, 0).bounds, atol=1e-7)  # a centimetre: reprojected twice


def test_read_places__repairs_a_ring_that_crosses_itself(tmp_path):
    bow = shapely.Polygon([(51, 35), (51.01, 35.01), (51.01, 35), (51, 35.01)])
    places = read_places(written(tmp_path, [({"no": 1, "title": "A"}, bow)]), id="no", name="title")
    assert places.geometry.is_valid.all()
    assert places.attrs["repaired"] == ["1"]


def test_read_places__names_every_fault_at_once(tmp_path):
    rows = [
        ({"no": 1, "title": "A", "people": -5}, square(0, 0)),
        ({"no": 1, "title": "B", "people": 1}, square(1, 0)),
        ({"no": None, "title": "C", "people": 1}, square(2, 0)),
        ({"no": 4, "title": "", "people": 1}, square(3, 0)),
        ({"no": 5, "title": "E", "people": 1}, shapely.LineString([(51, 35), (51.1, 35)])),
        ({"no": 6, "title": "F", "people": 1}, None),
    ]
    with pytest.raises(PlacesError) as caught:
        read_places(written(tmp_path, rows), id="no", name="title", population="people")
    assert codes(caught) == sorted(
        ["duplicate-id", "missing-id", "missing-name", "not-polygon", "no-shape", "bad-population"]
    )


def test_read_places__says_which_columns_there_are(tmp_path):
    path = written(tmp_path, [({"no": 1, "title": "A"}, square(0, 0))])
    with pytest.raises(PlacesError) as caught:
        read_places(path, id="number", name="label")
    assert codes(caught) == ["no-column", "no-column"]
    assert "no, title" in str(caught.value)


def test_read_places__refuses_overlaps_but_forgives_slivers(tmp_path):
    slightly = shapely.affinity.translate(square(1, 0), xoff=-SIDE / 200)  # half a percent of its area
    path = written(tmp_path, [({"no": 1, "title": "A"}, square(0, 0)), ({"no": 2, "title": "B"}, slightly)])
    assert len(read_places(path, id="no", name="title")) == 2
    much = shapely.affinity.translate(square(1, 0), xoff=-SIDE / 10)
    path = written(tmp_path, [({"no": 1, "title": "A"}, square(0, 0)), ({"no": 2, "title": "B"}, much)])
    with pytest.raises(PlacesError, match="1 / 2"):
        read_places(path, id="no", name="title")


@pytest.mark.parametrize(
    ("shape", "code"),
    [(shapely.box(35, 120, 35.1, 120.1), "swapped"), (shapely.box(300, 35, 301, 36), "out-of-range")],
)
def test_read_places__refuses_impossible_coordinates(tmp_path, shape, code):
    with pytest.raises(PlacesError) as caught:
        read_places(written(tmp_path, [({"no": 1, "title": "A"}, shape)]), id="no", name="title")
    assert codes(caught) == [code]


@pytest.mark.parametrize(
    ("content", "code"), [("", "unreadable"), ("no json", "unreadable"), (None, "not-found")]
)
def test_read_places__refuses_what_is_no_boundary_file(tmp_path, content, code):
    path = tmp_path / "areas.geojson"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(PlacesError) as caught:
        read_places(path, id="no", name="title")
    assert codes(caught) == [code]
    assert str(tmp_path) not in str(caught.value).replace(str(path), "")


def test_read_places__refuses_a_file_without_areas(tmp_path):
    with pytest.raises(PlacesError) as caught:
        read_places(written(tmp_path, []), id="no", name="title")
    assert codes(caught) in (["empty"], ["unreadable"])


def slowly_located(places, lon, lat):
    """The obvious way: ask each polygon in turn, then measure to all of them."""
    plane, transform = in_metres(places), to_metres(places).transform
    found = []
    for x, y in zip(lon, lat, strict=True):
        point = shapely.Point(x, y)
        inside = [position for position, polygon in enumerate(places.geometry) if polygon.intersects(point)]
        if inside:
            found.append(inside[0])
            continue
        metres = [polygon.distance(shapely.Point(*transform(x, y))) for polygon in plane]
        closest = int(np.argmin(metres))
        found.append(closest if metres[closest] <= NEAR_METRES else -1)
    return found


coordinate = st.floats(-0.002, 3 * SIDE + 0.002).map(lambda value: round(value, 5))


@given(points=st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=40), skew=st.integers(0, 3))
def test_locate__agrees_with_the_slow_way(points, skew):
    places = (
        GRID
        if skew == 0
        else frame([shapely.affinity.rotate(p, 7 * skew, origin=(51, 35)) for p in GRID.geometry])
    )
    lon, lat = np.array([51 + x for x, _ in points]), np.array([35 + y for _, y in points])
    assert locate(places, lon, lat).tolist() == slowly_located(places, lon, lat)


def test_locate__counts_a_point_up_to_50_metres_outside_to_the_nearest():
    metre = 1 / 110_944  # degrees of latitude at 35 degrees north (WGS84)
    lat = np.array([35 - 49 * metre, 35 - 51 * metre])
    assert locate(GRID, np.array([51.005, 51.005]), lat).tolist() == [0, -1]


def test_locate__puts_a_border_to_the_first_area_and_nan_nowhere():
    assert locate(GRID, [51 + SIDE, np.nan], [35 + SIDE / 2, 35.0]).tolist() == [0, -1]


def test_locate__refuses_unequal_lengths():
    with pytest.raises(PlacesError, match="equally many"):
        locate(GRID, [51.0], [35.0, 35.1])


def test_locate__stays_right_over_many_points_and_polygons():
    rng = np.random.default_rng(5)
    seeds = shapely.multipoints(rng.uniform([51, 35], [51.5, 35.4], (150, 2)))
    cells = shapely.voronoi_polygons(seeds, extend_to=shapely.box(51, 35, 51.5, 35.4))
    places = frame(list(shapely.intersection(np.array(cells.geoms), shapely.box(51, 35, 51.5, 35.4))))
    lon, lat = rng.uniform([50.99, 34.99], [51.51, 35.41], (20_000, 2)).T
    found = locate(places, lon, lat)
    point, polygon = shapely.STRtree(places.geometry.values).query(
        shapely.points(lon, lat), predicate="intersects"
    )
    expected = np.full(lon.size, -1)
    np.maximum.at(expected, point, polygon)
    inside = expected >= 0
    assert np.array_equal(found[inside], expected[inside])
    assert set(np.flatnonzero(found >= 0)) >= set(np.flatnonzero(inside))


def test_adjacency__takes_shared_borders_and_not_corners():
    rook = {(i, j) for i in range(9) for j in (i + 1, i + 3) if j < 9 and not (j == i + 1 and i % 3 == 2)}
    assert set(map(tuple, adjacency(GRID).tolist())) == rook


def test_nearest__gives_itself_first_and_distances_in_metres():
    found = nearest(GRID, 3)
    assert found.index[:, 0].tolist() == list(range(9))
    assert found.metres[:, 0].tolist() == [0.0] * 9
    # a hundredth of a degree of latitude is 1,109.4 m here, of longitude 912.9 m (WGS84)
    assert found.index[0].tolist() == [0, 1, 3]
    assert found.metres[0] == pytest.approx([0, 912.9, 1109.4], abs=0.5)


@pytest.mark.parametrize("k", [0, 10])
def test_nearest__refuses_more_areas_than_there_are(k):
    with pytest.raises(PlacesError, match="1 to 9"):
        nearest(GRID, k)


def test_places_from_points__gives_each_hexagon_to_the_commonest_label():
    centre = h3.latlng_to_cell(51.5, -0.1, 9)
    ring = h3.grid_ring(centre, 1)
    points = [(h3.cell_to_latlng(cell), "x", "Ex") for cell in ring]
    points += [(h3.cell_to_latlng(ring[0]), "y", "Why")] * 2 + [((np.nan, np.nan), "z", "Zed")]
    lat, lon = np.array([point for point, _, _ in points]).T
    places = places_from_points(lon, lat, [i for _, i, _ in points], [n for _, _, n in points])
    assert places.index.tolist() == ["x", "y"]
    assert places["name"].tolist() == ["Ex", "Why"]
    # six cells of the ring, one of them y's by 2 votes to 1; the hole in the middle closes to x
    one = shapely.area(shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(centre)]))
    assert (shapely.area(places.geometry.values) / one).round(1).tolist() == [6.0, 1.0]
    assert not shapely.overlaps(*places.geometry)


def test_places_from_points__leaves_out_strays_and_refuses_nothing_at_all():
    with pytest.raises(PlacesError, match="No point"):
        places_from_points([np.nan], [1.0], ["a"], ["A"])
    with pytest.raises(PlacesError, match="No point"):
        places_from_points([1.0], [1.0], ["a"], ["A"], least=2)


@pytest.mark.shared
def test_read_places__reads_the_88_areas_of_st_louis(shared):
    path = shared / "data" / "st_louis" / "neighbourhoods.geojson"
    places = read_places(path, id="nhd_num", name="nhd_name", population="population_2017")
    properties = [feature["properties"] for feature in json.loads(path.read_text())["features"]]
    assert places.index.tolist() == [str(row["nhd_num"]) for row in properties]
    assert places["population"].sum() == pytest.approx(sum(row["population_2017"] or 0 for row in properties))
