"""The room's daily work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mahalleh_site.people.actions import publish_head, sweep_sessions


def sweep(*, by: str, today: date) -> Mapping[str, Mapping[str, int]]:
    """Delete sessions that have ended; draw the head of the audit log that is published today."""
    sweep_sessions()
    publish_head(by=by, today=today)
    return {}
