"""What waits for somebody in the room."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from mahalleh_site.house.manifest import Waiting
from mahalleh_site.people.permissions import Anyone
from mahalleh_site.watch import permissions, queries, wording


def waiting(user: Anyone) -> Iterable[Waiting]:
    """Open signals, for those who decide."""
    if not permissions.decide_signals(user):
        return
    for row in queries.undecided():
        name = {"topic": row.topic.name, "places": wording.places([area.name for area in row.newest.areas])}
        text = _("Signal: %(topic)s, %(places)s. Is it real, and does it need something?") % name
        if row.expires_on is not None:  # nor ever is it of a signal that waits
            yield Waiting(row.expires_on, text, reverse("signal", args=[row.id]))
