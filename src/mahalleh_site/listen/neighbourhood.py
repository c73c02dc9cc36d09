"""Where the room shows itself on a neighbourhood's page: what neighbours told and allowed to be shown."""

from __future__ import annotations

from mahalleh_site.listen.queries import public
from mahalleh_site.places.models import Area
from mahalleh_site.ui import parts


def register() -> None:
    """Tell the page; called once, when the app starts."""
    parts.fill("area", "listen", _told)


def _told(area: Area) -> parts.Shown | None:
    return "listen/_area.html", {"reports": public.lately(area), "area": area}
