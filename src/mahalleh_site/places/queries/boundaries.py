"""The neighbourhoods' boundaries for the map, and whether they are still the same."""

from __future__ import annotations

import json
from functools import lru_cache

from mahalleh_site.places.models import Area, Basemap, Standing


@lru_cache(maxsize=2)
def areas_geojson(stamp: tuple[int, int]) -> bytes:
    """All neighbourhoods for drawing: simplified boundaries by id. `stamp`: see `areas_stamp`."""
    features = [
        {"type": "Feature", "id": area_id, "properties": {}, "geometry": boundary}
        for area_id, boundary in Area.objects.order_by("id").values_list("id", "boundary")
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()


def areas_stamp() -> tuple[int, int]:
    """Changes when a city is founded anew: the basemap's row and the number of neighbourhoods."""
    return (Basemap.objects.values_list("pk", flat=True).first() or 0, Area.objects.count())


def public_version() -> str:
    """What public pages show of the map and of the standing: another text means that kept pages are old.

    No deed of a resident changes it, nor what staff do without publishing.
    """
    day, deeds = Standing.objects.values_list("day", "deeds").first() or (None, 0)
    return f"{Basemap.objects.values_list('pk', flat=True).first()}.{day}.{deeds}"
