"""What every staff page shows of who looks at it."""

from __future__ import annotations

from typing import Any

from django import template

from mahalleh_site.house.rooms import staff_menu
from mahalleh_site.people.models import Membership

register = template.Library()


@register.simple_tag(takes_context=True)
def rooms(context: template.Context) -> list[tuple[str, Any]]:
    """What may be entered: (name of the address, what it is called), in the loop's order."""
    return [(entry.address, entry.name) for entry in staff_menu(context["request"].user)]


@register.simple_tag
def roles() -> list[tuple[str, Any]]:
    """Every role: (value, what it is called)."""
    return list(Membership.Role.choices)
