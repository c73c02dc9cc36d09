"""Public answers in the promise ledger bear the city's mark: a keyed hash that no database can make.

It binds the words to what they are about, to the organisation whose they are and to what came of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.conf import settings

from mahalleh_site.people.keys import seal

BOUND: Final = ("subject", "area_id", "topic_id", "organisation_id", "outcome", "words")


def mark(row: Mapping[str, Any]) -> bytes:
    """The mark of a promise's words; none where there are no words. `row`: its columns by name."""
    if not row["words"]:
        return b""
    said = "\x1f".join(str(row.get(name)) for name in BOUND).encode(errors="replace")
    return seal.fingerprint(said, key=_key(settings.SECRET_KEY), purpose="public words")


def hold(row: Mapping[str, Any]) -> bool:
    """Whether a promise's words bear their mark; columns that were not read are wrong ones."""
    return hmac.compare_digest(bytes(row.get("mark") or b""), mark(row))


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return seal.derived(secret, "places")
