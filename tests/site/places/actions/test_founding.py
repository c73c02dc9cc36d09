"""Founding a city: its map on file and in the database."""

from __future__ import annotations

from mahalleh_site.city import City
from mahalleh_site.places import actions, files
from mahalleh_site.places.models import Area, Basemap, District
from tests import city as cities


def test_found_city__stores_areas_districts_and_the_exact_map(squares, settings):
    assert list(District.objects.values_list("id", flat=True)) == ["east", "west"]
    areas = {area.id: area for area in Area.objects.all()}
    assert (areas["a"].name_fa, areas["a"].district_id, areas["a"].population) == ("الف", "west", 1000)
    assert areas["c"].population is None
    assert Basemap.objects.get().west == 51.40
    exact = files.city_places(settings.VAR)
    assert list(exact.index) == ["a", "b", "c", "d"]
    assert exact.geometry["b"].equals_exact(cities.squares().geometry["b"], 1e-7)
    assert exact.loc["a", "name_fa"] == "الف"


def test_found_city__gives_areas_without_district_one_that_is_the_city(db, tmp_path, settings):
    settings.VAR = tmp_path
    settings.CITY = City(names={"fa": "شهر", "en": "Town"})
    for model in (Area, District):
        model.objects.all().delete()
    places = cities.squares().assign(parent=None)
    actions.found_city(places, by="system:test")
    assert District.objects.get().name_en == "Town"
    assert set(Area.objects.values_list("district_id", flat=True)) == {"city"}
