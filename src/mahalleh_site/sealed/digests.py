"""Keyed hashes by which a room finds what it must not store: forms, receipts, addresses, programs' keys."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from mahalleh_site.people.keys import seal


def room_key(room: str) -> bytes:
    """A room's own key of the city: 32 bytes. Its name never changes, or nothing would be found again."""
    return _derived(settings.SECRET_KEY, room)


def digest(data: bytes, *, room: str, purpose: str) -> bytes:
    """A keyed hash: 32 bytes. `purpose`: at most 16 letters, another one for each use."""
    return seal.fingerprint(data, key=room_key(room), purpose=purpose)


def receipt_digest(code: str, *, room: str) -> bytes:
    """Under which hash the conversation of a receipt is found."""
    return seal.receipt_digest(code, room_key(room))


@lru_cache(maxsize=16)
def _derived(secret: str, room: str) -> bytes:
    return seal.derived(secret, room)
