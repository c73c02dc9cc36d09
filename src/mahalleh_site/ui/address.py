"""Where the city is reached: what posters, feeds, mails and programs are told.

It is what the operator says, and never what a visitor's browser calls us: a kept page is shown to everyone.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

NOWHERE: Final = "*"  # what stands for the host where the city does not know its own


def origin() -> str:
    """The city's address: scheme, host and port, as `https://mahalleh.city.example`."""
    if settings.ADDRESS:
        return str(settings.ADDRESS).rstrip("/")
    host = settings.ALLOWED_HOSTS[0].lstrip(".")
    if host in settings.LOOPBACK:
        host = "localhost"
    return f"{'https' if settings.HTTPS else 'http'}://{host}"


def is_known() -> bool:
    """Whether the city knows its own address: `*` among the hosts names none."""
    return not origin().endswith(f"/{NOWHERE}")


def absolute(path: str) -> str:
    """A path of the site as a whole address."""
    return origin() + path
