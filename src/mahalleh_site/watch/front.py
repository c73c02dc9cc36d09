"""Where the watch shows itself in rooms that come before it: the staff's header, today, pages of places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.people.rooms import Room, Waiting, open_room, tell_waiting
from mahalleh_site.places.models import Area, District
from mahalleh_site.ui import parts
from mahalleh_site.watch import permissions, queries, wording


def register() -> None:
    """Tell the earlier rooms; called once, when the app starts."""
    open_room(Room("signals", gettext_lazy("Signals"), permissions.see_signals))
    open_room(Room("calibration", gettext_lazy("Accuracy"), permissions.see_calibration))
    tell_waiting("signals", _waiting)
    parts.fill("area", "watch", _noticed_in_area)
    parts.fill("district", "watch", _noticed_in_district)
    parts.fill("computed", "watch", _computed)


def _waiting(user: Any) -> Iterable[Waiting]:
    """Open signals, for those who decide."""
    if not permissions.decide_signals(user):
        return
    for row in queries.waiting():
        name = {"topic": row.topic.name, "places": wording.places([area.name for area in row.newest.areas])}
        text = _("Signal: %(topic)s, %(places)s. Is it real, and does it need something?") % name
        yield Waiting(row.expires_on, text, reverse("signal", args=[row.key]))


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
