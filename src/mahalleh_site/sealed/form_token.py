"""A form that is sent once: everything that belongs to one conversation follows from the token in its form.

The server makes the token (24 random bytes and the minute), signs it and forgets it. Sent again, by a double
tap or after a failure, the same token finds the same conversation and gives the same receipt. Nothing that is
stored leads back to it.
"""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass, field

from mahalleh_site.people.keys import seal
from mahalleh_site.sealed.digests import city_key, digest

HOURS = 6  # that a begun form holds
_RANDOM, _MINUTE, _MAC = 24, 4, 16  # bytes


@dataclass(frozen=True, slots=True)
class FormToken:
    """What follows from a form. `text`: the token as the form carries it.

    `digest` is stored and finds what the form began; `number` names that in addresses. `content_key` and
    `receipt` are stored nowhere.
    """

    room: str
    text: str = field(repr=False)
    digest: bytes
    content_key: bytes = field(repr=False)
    receipt: str = field(repr=False)
    number: str


def new(room: str) -> FormToken:
    """A new form of a room."""
    raw = seal.new_key()[:_RANDOM] + int(time.time() // 60).to_bytes(_MINUTE, "big")
    return _followed(raw, room)


def read(text: str, room: str) -> FormToken | None:
    """The form of a token; None where this room did not make it, or too long ago."""
    try:
        given = base64.urlsafe_b64decode(text.encode("ascii", "ignore"))
    except ValueError:
        return None
    raw, mac = given[: _RANDOM + _MINUTE], given[_RANDOM + _MINUTE :]
    if len(given) != _RANDOM + _MINUTE + _MAC or not hmac.compare_digest(mac, _sign(raw, room)):
        return None
    minutes = time.time() // 60 - int.from_bytes(raw[_RANDOM:], "big")
    return _followed(raw, room) if 0 <= minutes <= HOURS * 60 else None


def _followed(raw: bytes, room: str) -> FormToken:
    # the purposes are part of what is stored: another word, and no form, receipt or content is found again
    key = city_key(room)
    return FormToken(
        room=room,
        text=base64.urlsafe_b64encode(raw + _sign(raw, room)).decode("ascii"),
        digest=digest(raw, room=room, purpose="once"),
        content_key=digest(raw, room=room, purpose="report key"),
        receipt=seal.receipt(raw, key=key),
        number=seal.name(raw, key=key),
    )


def _sign(raw: bytes, room: str) -> bytes:
    return seal.fingerprint(raw, key=city_key(room), purpose="form", size=_MAC)
