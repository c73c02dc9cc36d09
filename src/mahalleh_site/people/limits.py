"""Limits against floods, without keeping who came: counts under a keyed hash that changes every day.

All processes of the server count together, in this machine's memory (`shared_counts`, decision 22).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils import timezone

from mahalleh_site.people.shared_counts import SharedCounts

# how IPv4 is reached from networks that have IPv6 alone (RFC 6052): the last 32 bits are the visitor's
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def visitor(request: HttpRequest) -> str:
    """What a visitor's requests are counted by: a keyed hash of the address, another one every day.

    Behind the web server that speaks https for us the address is the last one it wrote down itself.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.HTTPS:
        address = str(request.META.get("HTTP_X_FORWARDED_FOR", address)).rpartition(",")[2].strip()
    with suppress(ValueError):
        address = _of_one(ipaddress.ip_address(address.partition("%")[0]))
    return hashed(address)


def hashed(text: str) -> str:
    """What stands for a text of a visitor in counts: a keyed hash, another one every day."""
    key = f"{settings.SECRET_KEY}:{timezone.localdate().isoformat()}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]


def _of_one(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """What stands for one visitor: an address of IPv4, however it is written, or a network of IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        elif address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        else:  # whoever has one address of IPv6 has 2**64 of them
            return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def count(what: str, who: str, *, seconds: int, n: int = 1) -> int:
    """Count `n` more of `what` by `who`, or take some back; how many there were within the last `seconds`."""
    key = f"limit:{what}:{who}"
    counts = caches["default"]
    counts.add(key, 0, timeout=seconds)
    try:
        return int(counts.incr(key, n))
    except ValueError:  # ran out between the two steps
        counts.set(key, n, timeout=seconds)
        return n


def sweep() -> None:
    """Delete what has ended."""
    _shared().sweep()


def forget() -> None:
    """Delete everything, as when the server stops."""
    _shared().table.remove()


def are_shared() -> bool:
    """Whether all processes of the server count together."""
    counts = _shared()
    counts.sweep()
    return counts.table.shared


def folder() -> Path:
    """Where they do."""
    return _shared().table.path.parent


def _shared() -> SharedCounts:
    counts = caches["default"]
    if not isinstance(counts, SharedCounts):
        raise ImproperlyConfigured("the cache named default holds the limits: people.shared_counts")
    return counts
