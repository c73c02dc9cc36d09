"""The land of the invented city keeps the contract of places."""

import numpy as np
import pytest
import shapely

from mahalleh import places as geography
from mahalleh.simulate import City, names, simulate_city
from mahalleh.simulate.geography import make_land


@pytest.mark.parametrize(("areas", "seed"), [(6, 0), (7, 1), (16, 0), (16, 2), (48, 3), (200, 4)])
def test_land__is_valid_covers_without_overlap_and_has_full_districts(areas: int, seed: int) -> None:
    land = make_land(areas, np.random.default_rng(seed))
    polygons = land.places.geometry.to_numpy()
    assert len(polygons) == areas
    assert shapely.is_valid(polygons).all()
    assert set(shapely.get_type_id(polygons)) <= {3, 6}
    metres = geography.in_metres(land.places)
    assert shapely.area(metres).min() > 100_000.0  # no crumbs: a mean neighbourhood has 1.2 million
    union = shapely.area(shapely.union_all(polygons, grid_size=1e-7))
    assert shapely.area(polygons).sum() == pytest.approx(union, rel=1e-6)
    assert land.places["parent"].value_counts().min() >= 2
    assert set(land.places["parent"]) == {district.id for district in land.districts}


def test_land__leaves_river_and_parks_to_nobody(city: City) -> None:
    polygons = city.places.geometry.to_numpy()
    for empty in (city.river, city.parks):
        shared = shapely.area(shapely.intersection(polygons, empty)).sum()
        assert shapely.area(empty) > 0.0
        assert shared < 1e-4 * shapely.area(empty)


def test_land__every_area_has_a_neighbour(city: City) -> None:
    pairs = geography.adjacency(city.places)
    assert set(pairs.ravel().tolist()) == set(range(48))


def test_land__keeps_the_places_contract(city: City) -> None:
    frame = city.places
    assert frame.index.name == "area"
    assert frame.index.is_unique
    assert list(frame.index) == sorted(frame.index)
    assert frame.crs.to_epsg() == 4326
    assert frame["population"].between(4_000, 18_000).all()
    assert (frame["name"] == frame["name_en"]).all()
    west, south, east, north = frame.total_bounds
    assert 44.0 < west < east < 63.3  # within Iran
    assert 25.0 < south < north < 39.8


@pytest.mark.parametrize("count", [6, 48, 250, 1300, 3000])
def test_area_names__are_unique_in_both_languages(count: int) -> None:
    named = names.area_names(count, np.random.default_rng(0))
    assert len(named) == count
    assert len({fa for fa, _ in named}) == len({en for _, en in named}) == count


def test_area_names__are_persian_in_persian_and_latin_in_english() -> None:
    for fa, en in names.area_names(1500, np.random.default_rng(0)):
        assert en.isascii()
        assert not any(letter.isascii() and letter.isalnum() for letter in fa)
        assert "ي" not in fa
        assert "ك" not in fa


def test_services__stand_in_areas_and_have_names_in_both_languages() -> None:
    city = simulate_city(2, areas=20, weeks=12)
    assert {service.area for service in city.services} <= set(city.places.index)
    assert {"counselling", "family", "youth", "addiction"} <= {service.kind for service in city.services}
    assert all(service.name_fa and service.name_en.isascii() for service in city.services)
