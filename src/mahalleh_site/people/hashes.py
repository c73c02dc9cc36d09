"""Keys that follow from a secret, and keyed hashes: BLAKE2b, by libsodium. Seal and audit log stand on it.

Knows no Django.
"""

from __future__ import annotations

from typing import Final

from nacl.encoding import RawEncoder
from nacl.hash import blake2b

KEY_BYTES: Final = 32


def derived(secret: str | bytes, purpose: str) -> bytes:
    """A key of its own for a purpose (at most 16 letters): 32 bytes."""
    given = secret.encode() if isinstance(secret, str) else secret
    key = blake2b(given, digest_size=KEY_BYTES, encoder=RawEncoder)
    return blake2b(b"", key=key, person=purpose.encode(), digest_size=KEY_BYTES, encoder=RawEncoder)


def fingerprint(data: bytes, *, key: bytes, purpose: str, size: int = KEY_BYTES) -> bytes:
    """A keyed hash of `data`: `size` bytes, at most 64."""
    return blake2b(data, key=key, person=purpose.encode(), digest_size=size, encoder=RawEncoder)
