"""The audit log: what was done, by whom, when; never what it said.

Each entry's hash covers its own fields and the hash before it (SHA-256 over canonical JSON), so an entry
that is changed, removed or moved breaks the chain from there on. Entries are written in the transaction
of the action that they tell of: both stand or neither. A chain alone cannot show that its newest entries were
cut off together with its head; keep the head that `mahalleh audit verify` prints somewhere else now and then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from django.db import connection
from django.utils import timezone

from mahalleh_site.people.models import AuditEntry, AuditHead, User

By: TypeAlias = User | str  # who acts: an account, or a label such as "system:loop"

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found. `broken_at`: the first wrong entry's number, or None."""

    entries: int
    head: str
    broken_at: int | None


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


def verify() -> Verified:
    """Walk the chain from its first entry and compare its end with the head."""
    previous, number = GENESIS, 0
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=2000):
        if entry.number != number + 1 or entry.previous != previous or entry.hash != _hash(entry):
            return Verified(number, previous, number + 1)
        previous, number = entry.hash, entry.number
    head = AuditHead.objects.filter(id=1).first()
    if head is not None and (head.number, head.hash) != (number, previous):
        return Verified(number, previous, number + 1)
    return Verified(number, previous, None)


def _hash(entry: AuditEntry) -> str:
    at = entry.at if isinstance(entry.at, datetime) else timezone.now()
    content = [
        entry.number, at.astimezone(UTC).isoformat(timespec="microseconds"), entry.by, entry.verb,
        entry.object, entry.facts, entry.previous,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
