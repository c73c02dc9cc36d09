"""The room's daily work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mahalleh_site.people.actions import sweep_sessions


def sweep(*, by: str, today: date) -> Mapping[str, Mapping[str, int]]:
    """Delete sessions that have ended."""
    sweep_sessions()
    return {}
