"""Keyed hashes by which a room finds what it must not store: forms, receipts, addresses, programs' keys."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from mahalleh_site.people.keys import seal


def city_key(name: str) -> bytes:
    """A key of the city's own, for a room or a use: 32 bytes.

    `name`: at most 16 letters, and always the same, or nothing would be found or opened again.
    """
    return _derived(settings.SECRET_KEY, name)


def digest(data: bytes, *, room: str, purpose: str) -> bytes:
    """A keyed hash: 32 bytes. `purpose`: at most 16 letters, another one for each use."""
    return seal.fingerprint(data, key=city_key(room), purpose=purpose)


def receipt_digest(code: str, *, room: str) -> bytes:
    """Under which hash the conversation of a receipt is found."""
    return seal.receipt_digest(code, city_key(room))


@lru_cache(maxsize=32)
def _derived(secret: str, name: str) -> bytes:
    return seal.derived(secret, name)
