"""Founding a city: its exact map as a file, its light map in the database.

The folder is the settings' own: the command founds in a workshop folder and moves it into place when whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

import geopandas as gpd
import shapely
from django.conf import settings
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.places import files, outlines
from mahalleh_site.places.actions.map import Counted, Names, import_places

EXACT: Final = 7  # decimals of a degree: a centimetre


@transaction.atomic
def found_city(
    places: gpd.GeoDataFrame,
    *,
    by: By,
    districts: Mapping[str, Names] | None = None,
    water: Iterable[BaseGeometry] = (),
    green: Iterable[BaseGeometry] = (),
) -> Counted:
    """Store a city's neighbourhoods (the library's places frame), on file and in the database.

    Raises:
        PlacesError: where ids or names cannot stand on a page.
    """
    counted = import_places(
        places, by=by, city_names=settings.CITY.names, districts=districts, water=water, green=green
    )
    files.write_whole(files.places_path(settings.VAR), _geojson(places))
    audit.record(
        by=by, verb="city.found", object=settings.CITY.names["en"], facts={"mode": settings.CITY.mode}
    )
    return counted


def _geojson(places: gpd.GeoDataFrame) -> bytes:
    features = []
    for area, row in zip(places.index, places.itertuples(), strict=True):
        properties = {
            "id": area,
            "name": row.name,
            "name_fa": getattr(row, "name_fa", None) or row.name,
            "name_en": getattr(row, "name_en", None) or row.name,
            "population": None if row.population != row.population else float(row.population),
            "parent": row.parent if isinstance(row.parent, str) else None,
        }
        geometry = outlines.rounded(shapely.geometry.mapping(row.geometry), EXACT)
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
