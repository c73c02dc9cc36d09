"""Limits against floods, without keeping who came: counts under a keyed hash that changes every day.

Counts live in this process's memory and end with it; nothing of them is written anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from contextlib import suppress

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.utils import timezone


def visitor(request: HttpRequest) -> str:
    """What a visitor's requests are counted by: a keyed hash of the address, another one every day.

    Behind the web server that speaks https for us the address is the last one it wrote down itself.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.HTTPS:
        address = str(request.META.get("HTTP_X_FORWARDED_FOR", address)).rpartition(",")[2].strip()
    with suppress(ValueError):  # whoever has one address of IPv6 has 2**64 of them
        given = ipaddress.ip_address(address)
        if given.version == 6:
            address = str(ipaddress.ip_network(f"{given.compressed.split('%')[0]}/64", strict=False))
    key = f"{settings.SECRET_KEY}:{timezone.localdate().isoformat()}".encode()
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:16]


def count(what: str, who: str, *, seconds: int, n: int = 1) -> int:
    """Count `n` more of `what` by `who`; how many there were within the last `seconds`, these included."""
    key = f"limit:{what}:{who}"
    counts = caches["default"]
    counts.add(key, 0, timeout=seconds)
    try:
        return int(counts.incr(key, n))
    except ValueError:  # ran out between the two steps
        counts.set(key, n, timeout=seconds)
        return n
