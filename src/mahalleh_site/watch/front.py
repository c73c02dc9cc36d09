"""Where the watch shows itself on pages of places."""

from __future__ import annotations

from mahalleh_site.places.models import Area, District
from mahalleh_site.ui import parts
from mahalleh_site.watch import queries


def register() -> None:
    """Tell the earlier rooms; called once, when the app starts."""
    parts.fill("area", "watch", _noticed_in_area)
    parts.fill("district", "watch", _noticed_in_district)
    parts.fill("computed", "watch", _computed)


def _noticed_in_area(area: Area) -> parts.Shown | None:
    return _noticed(area)


def _noticed_in_district(district: District) -> parts.Shown | None:
    return _noticed(district)


def _noticed(place: Area | District) -> parts.Shown | None:
    """Decided signals of a place; nothing where there are none and none can come."""
    signals = queries.public_signals(place)
    if not signals and not queries.any_method_in_use():
        return None
    return "watch/_area.html", {"signals": signals, "place": place.name}


def _computed() -> parts.Shown | None:
    return ("watch/_computed.html", {}) if queries.any_method_in_use() else None
