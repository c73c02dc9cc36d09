"""Where the watch shows itself to staff: the header, and what waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.people.rooms import Room, Waiting, open_room, tell_waiting
from mahalleh_site.watch import permissions, queries, wording


def register() -> None:
    """Tell the earlier rooms; called once, when the app starts."""
    open_room(Room("signals", gettext_lazy("Signals"), permissions.see_signals))
    open_room(Room("calibration", gettext_lazy("Accuracy"), permissions.see_calibration))
    tell_waiting("signals", _waiting)


def _waiting(user: Any) -> Iterable[Waiting]:
    """Open signals, for those who decide."""
    if not permissions.decide_signals(user):
        return
    for row in queries.waiting():
        name = {"topic": row.topic.name, "places": wording.places([area.name for area in row.newest.areas])}
        text = _("Signal: %(topic)s, %(places)s. Is it real, and does it need something?") % name
        yield Waiting(row.expires_on, text, reverse("signal", args=[row.key]))
