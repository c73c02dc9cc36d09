"""A form that is sent once: everything that belongs to one report follows from the word in its form.

The server makes the word (24 random bytes and the minute), signs it and forgets it. Sent again, by a double
tap or after a failure, the same word finds the same report and gives the same receipt. Nothing that is stored
leads back to it.
"""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from mahalleh_site.people.keys import seal

HOURS = 6  # that a begun form holds
_WORD, _MINUTE, _MAC = 24, 4, 16


@dataclass(frozen=True, slots=True)
class Once:
    """What follows from the word of a form: `place` is stored; the report's key and the receipt are not."""

    word: str
    place: bytes
    key: bytes
    receipt: str
    name: str


def secret() -> bytes:
    """The listen room's own key of the city."""
    return _secret(settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _secret(of: str) -> bytes:
    return seal.derived(of, "listen")


def new() -> Once:
    """A new form."""
    raw = seal.new_key()[:_WORD] + int(time.time() // 60).to_bytes(_MINUTE, "big")
    return _follow(raw)


def read(word: str) -> Once | None:
    """The form of a word; None where we did not make it, or too long ago."""
    try:
        given = base64.urlsafe_b64decode(word.encode("ascii", "ignore"))
    except ValueError:
        return None
    raw, mac = given[: _WORD + _MINUTE], given[_WORD + _MINUTE :]
    if len(given) != _WORD + _MINUTE + _MAC or not hmac.compare_digest(mac, _sign(raw)):
        return None
    minutes = time.time() // 60 - int.from_bytes(raw[_WORD:], "big")
    return _follow(raw) if 0 <= minutes <= HOURS * 60 else None


def _follow(raw: bytes) -> Once:
    key = secret()
    return Once(
        word=base64.urlsafe_b64encode(raw + _sign(raw)).decode("ascii"),
        place=seal.fingerprint(raw, key=key, purpose="once"),
        key=seal.fingerprint(raw, key=key, purpose="report key"),
        receipt=seal.receipt(raw, key=key),
        name=seal.name(raw, key=key),
    )


def _sign(raw: bytes) -> bytes:
    return seal.fingerprint(raw, key=secret(), purpose="form", size=_MAC)
