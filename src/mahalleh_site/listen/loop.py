"""The room's part of a turn of the loop: what residents told since the last one becomes events."""

from __future__ import annotations

from mahalleh_site.house.manifest import Turned
from mahalleh_site.listen.actions import counting


def count(*, by: str, revise: bool) -> Turned:
    """Bring the event store in line with the reports."""
    counting.count(by=by)
    return Turned()
