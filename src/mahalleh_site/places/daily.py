"""The room's daily work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.conf import settings

from mahalleh_site.places import files


def sweep(*, by: str, today: date) -> Mapping[str, Mapping[str, int]]:
    """Delete pulls from other servers that nobody went on with."""
    files.sweep_pulls(settings.VAR)
    return {}
