"""A sample city for the tests of the site, and a tiny one drawn by hand."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from mahalleh_site.city import City, city_path, read_city

SEED, AREAS, WEEKS, END = 1, 16, 60, date(2026, 10, 31)  # the end is a Saturday: where whole weeks end
FOUNDATIONS = ("people", "places", "releases")  # no report and no signal: tests make their own


def write_city(folder: Path, city: City) -> None:
    """Make `folder` a city's, as far as its settings go."""
    from mahalleh_site.commands.city_file import city_toml

    read_city.cache_clear()
    city_path(folder).write_text(city_toml(city), encoding="utf-8")


def found_sample() -> None:
    """Found the sample city in the settings' folder and database."""
    from django.conf import settings

    from mahalleh_site.house import sample
    from mahalleh_site.house.manifest import Sample

    write_city(Path(settings.VAR), settings.CITY)
    wanted = Sample("system:demo", seed=SEED, areas=AREAS, weeks=WEEKS, end=END)
    sample.furnish(wanted, step=lambda code: None, only=FOUNDATIONS)


def squares() -> gpd.GeoDataFrame:
    """Four neighbourhoods in a row, each 0.01 degree wide; the first two form the district `west`.

    | a | b | c | d |    51.40 to 51.44 east, 35.70 to 35.71 north
    """
    ids = ["a", "b", "c", "d"]
    return gpd.GeoDataFrame(
        {
            "name": ["Alef", "Be", "Jim", "Dal"],
            "population": [1000.0, 2000.0, float("nan"), 4000.0],
            "parent": ["west", "west", "east", "east"],
            "name_fa": ["الف", "ب", "جیم", "دال"],
            "name_en": ["Alef", "Be", "Jim", "Dal"],
        },
        geometry=[box(51.40 + i / 100, 35.70, 51.41 + i / 100, 35.71) for i in range(4)],
        crs="EPSG:4326",
        index=pd.Index(ids, name="area", dtype=object),
    )


def middle(area: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of one of the squares."""
    return round(51.405 + "abcd".index(area) / 100, 4), 35.705


def folder_state(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, to compare before and after."""
    return {
        os.path.relpath(path, folder): path.read_bytes() if path.is_file() else b"/"
        for path in sorted(folder.rglob("*"))
        if path.name != ".lock" and not path.name.startswith("mahalleh.sqlite3")
    }
