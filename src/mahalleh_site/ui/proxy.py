"""Who may say where a request came from: the web server in front, and nobody else."""

from __future__ import annotations

import ipaddress
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mahalleh_site.ui.middleware import Handler

SAID_BY_PROXIES = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_FORWARDED",
)


class Proxies:
    """Forgets what a request says of its own way, unless one of `MAHALLEH_PROXIES` brought it.

    Otherwise whoever reaches Mahalleh directly is counted under any address they like.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.trusted = [ipaddress.ip_network(each) for each in settings.PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        if not self._trusts(str(request.META.get("REMOTE_ADDR", ""))):
            for name in SAID_BY_PROXIES:
                request.META.pop(name, None)
        return self.get_response(request)

    def _trusts(self, peer: str) -> bool:
        if not peer:  # a socket in this machine's files
            return True
        with suppress(ValueError):
            given = ipaddress.ip_address(peer)
            given = getattr(given, "ipv4_mapped", None) or given
            return any(given in network for network in self.trusted)
        return False
