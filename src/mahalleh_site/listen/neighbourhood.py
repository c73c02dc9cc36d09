"""Where the room shows itself on public pages: what neighbours told, and by which ways it reaches us."""

from __future__ import annotations

from mahalleh_site.listen.queries import published, standing
from mahalleh_site.places.models import Area
from mahalleh_site.ui import parts


def register() -> None:
    """Tell the page; called once, when the app starts."""
    parts.fill("area", "listen", _told)
    parts.fill("area-head", "listen", _feed)
    parts.fill("done", "listen", _channels)


def _told(area: Area) -> parts.Shown | None:
    return "listen/_area.html", {"reports": published.lately(area), "area": area}


def _feed(area: Area) -> parts.Shown | None:
    return "listen/_feed.html", {"area": area}


def _channels() -> parts.Shown | None:
    shares = standing.channels()
    return ("listen/_channels.html", {"shares": shares}) if shares else None
