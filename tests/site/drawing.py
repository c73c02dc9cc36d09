"""The standing of the day, drawn when a test wants it."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from mahalleh_site.listen.actions import standing
from mahalleh_site.places.models import Standing


def redraw(day: date | None = None) -> None:
    """Draw the standing of a day, or of this one, as if none had been drawn before."""
    Standing.objects.update(day=None)
    assert standing.draw(today=day or timezone.localdate())
