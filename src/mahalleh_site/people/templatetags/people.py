"""What every staff page shows of who looks at it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from mahalleh_site.people import queries
from mahalleh_site.people.models import Membership

register = template.Library()

ROOM_NAMES = {"organisations": _("Organisations"), "audit": _("Audit log")}


@register.simple_tag(takes_context=True)
def rooms(context: template.Context) -> list[tuple[str, Any]]:
    """The rooms that may be entered: (name of the address, what it is called), in the loop's order."""
    return [(name, ROOM_NAMES[name]) for name in queries.rooms(context["request"].user)]


@register.simple_tag
def roles() -> list[tuple[str, Any]]:
    """Every role: (value, what it is called)."""
    return list(Membership.Role.choices)
