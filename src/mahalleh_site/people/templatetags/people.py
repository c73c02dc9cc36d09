"""What every staff page shows of who looks at it."""

from __future__ import annotations

from typing import Any

from django import template

from mahalleh_site.people.models import Membership
from mahalleh_site.people.rooms import rooms as _rooms

register = template.Library()


@register.simple_tag(takes_context=True)
def rooms(context: template.Context) -> list[tuple[str, Any]]:
    """The rooms that may be entered: (name of the address, what it is called), in the loop's order."""
    return [(room.address, room.name) for room in _rooms(context["request"].user)]


@register.simple_tag
def roles() -> list[tuple[str, Any]]:
    """Every role: (value, what it is called)."""
    return list(Membership.Role.choices)
