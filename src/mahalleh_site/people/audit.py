"""The audit log: what was done, by whom, when; never what it said.

Each entry's hash covers its own fields and the hash before it (HMAC-SHA256 over canonical JSON, under a key
that the database does not hold), so an entry that is changed, removed, moved or made up breaks the chain from
there on. Entries are written in the transaction of the action that they tell of: both stand or neither.
A tail that was cut off, and a table that was emptied, are found out by the head outside the database
(`people.outside`); a log that was rewritten with the key in hand, by the heads that are published every day.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mahalleh_site.people import hashes, outside
from mahalleh_site.people.models import AuditEntry, AuditHead, User

By: TypeAlias = User | str  # who acts: an account, or a label such as "system:loop"

GENESIS: Final = "0" * 64
PURPOSE: Final = "people.audit"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found. `broken_at`: the first wrong entry's number, or None.

    `reason`, where it is broken: `broken` (an entry does not follow from the one before), `head` (the head in
    the database is gone or another), `cut` (the head outside is further on), `replaced` (that one is of
    another log), `outside` (it is gone or cannot be read), `other-key` (it was written under another key).
    """

    entries: int
    head: str
    broken_at: int | None
    reason: str = ""


def record(*, by: By, verb: str, object: str, facts: Mapping[str, Any] | None = None) -> None:
    """Append an entry. `by` is an account, or 'system:<command>'.

    Of an account only its number is written, so that a person can be forgotten and the chain still holds.
    `facts` hold codes and counts, never content.

    Raises:
        RuntimeError: outside a transaction: an entry without its action, or the other way round, must not be.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("people.audit.record belongs inside the action's transaction")
    AuditHead.objects.get_or_create(id=1)
    head = AuditHead.objects.select_for_update().get(id=1)  # SQLite's transaction holds the lock already
    entry = AuditEntry(
        number=head.number + 1,
        at=timezone.now(),
        by=by if isinstance(by, str) else f"user:{by.pk}",
        verb=verb,
        object=object[:200],
        facts=dict(facts or {}),
        previous=head.hash,
    )
    entry.hash = _hash(entry)
    super(AuditEntry, entry).save(force_insert=True)
    AuditHead.objects.filter(id=1).update(number=entry.number, hash=entry.hash)
    transaction.on_commit(partial(_lead_on, first=entry.number), robust=True)  # the deed stands already


def verify() -> Verified:
    """Walk the chain from its first entry, and hold it against both heads: in the database and outside it."""
    outer = outside.read()  # first: what is written meanwhile leads this one on last
    head = AuditHead.objects.filter(id=1).first() or AuditHead(id=1)
    previous, number, met = GENESIS, 0, (outer.number, outer.hash) == (0, GENESIS)
    for entry in AuditEntry.objects.filter(number__lte=head.number).order_by("number").iterator(2000):
        if entry.number != number + 1 or entry.previous != previous or entry.hash != _hash(entry):
            reason = "other-key" if outer.key and outer.key != _name() else "broken"
            return Verified(number, previous, number + 1, reason)
        previous, number = entry.hash, entry.number
        met = met or (number, previous) == (outer.number, outer.hash)
    beyond = AuditEntry.objects.filter(number__gt=head.number).exists()
    if beyond and AuditHead.objects.filter(id=1, number__gt=head.number).exists():
        beyond = False  # written while this walked
    if beyond or (number, previous) != (head.number, head.hash):
        return Verified(number, previous, number + 1, "head")
    met = met or (number == 0 and outside.is_new())
    return Verified(number, previous, None if met else number + 1, "" if met else _unmet(outer, number))


def holds(hash: str) -> bool:
    """Whether a head that somebody kept is the hash of an entry: then nothing before it was changed since."""
    return AuditEntry.objects.filter(hash=hash).exists()


def follow() -> outside.Head:
    """Let the head outside tell of what the database holds, whatever it told of before; what it told of."""
    with outside.held():
        before = outside.read()
        head = AuditHead.objects.filter(id=1).first() or AuditHead(id=1)
        outside.write(outside.Head(head.number, head.hash, _name()))
    return before


def _unmet(outer: outside.Head, number: int) -> str:
    """Why the head outside was not met on the way to entry `number`."""
    if not outer.hash:
        return "outside"
    if outer.key != _name():
        return "other-key"
    return "cut" if outer.number > number else "replaced"


def _lead_on(*, first: int) -> None:
    """Let the head outside tell of the entries written from `first` on, if they follow from what it tells of.

    Where they do not, the log was cut or replaced below it: then it stays, so that this goes on being seen.
    """
    with outside.held():
        known = outside.read()
        head = AuditHead.objects.get(id=1)
        begins = first == 1 and known.number == 0 and outside.is_new()
        follows = AuditEntry.objects.filter(number=known.number, hash=known.hash).exists()
        if begins or (follows and head.number > known.number):
            outside.write(outside.Head(head.number, head.hash, _name()))


def _hash(entry: AuditEntry) -> str:
    at = entry.at if isinstance(entry.at, datetime) else timezone.now()
    content = [
        entry.number, at.astimezone(UTC).isoformat(timespec="microseconds"), entry.by, entry.verb,
        entry.object, entry.facts, entry.previous,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(_key(settings.AUDIT_KEY), text.encode(), hashlib.sha256).hexdigest()


def _name() -> str:
    """By what the key is told from others; it gives nothing of it away."""
    return hashes.fingerprint(b"", key=_key(settings.AUDIT_KEY), purpose="name", size=8).hex()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashes.derived(secret, PURPOSE)
