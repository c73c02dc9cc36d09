"""Whether an id that stands in an address names something."""

from __future__ import annotations

from mahalleh_site.places.models import Area, Topic


def is_topic(text: str) -> bool:
    """Whether a topic has this id."""
    return Topic.objects.filter(pk=text).exists()


def is_area(text: str) -> bool:
    """Whether a neighbourhood has this id."""
    return Area.objects.filter(pk=text).exists()
