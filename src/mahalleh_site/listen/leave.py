"""The resident's leave: who else may read a report, as only the holder of its receipt can say it.

The columns `may_publish` and `police_may_read` are for queries alone. What counts is the statement beside
them, sealed under the report's key and signed under a key that follows from the receipt. So whoever writes to
the database changes columns and breaks the binding, and nobody without the receipt makes a new statement that
holds. Statements are numbered; one that a later one replaced was taken back (`sealed.taken_back`), so that an
older yes, put back, does not hold either.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date

from mahalleh_site.listen import public_words
from mahalleh_site.listen.models import Report
from mahalleh_site.people.keys import seal
from mahalleh_site.sealed import taken_back

_HEAD = struct.Struct(">I??")  # number of the statement, neighbours may read, the police may read
_PUBLIC = 32  # bytes of the public key, between head and signature


@dataclass(frozen=True, slots=True)
class Leave:
    """What a resident allows. `version`: the first statement is 1."""

    version: int
    may_publish: bool
    police_may_read: bool


def state(report: Report, leave: Leave, *, key: bytes, receipt: str) -> None:
    """Write a statement into a report's columns; the caller saves them (`FIELDS`)."""
    head = _HEAD.pack(leave.version, leave.may_publish, leave.police_may_read)
    public = seal.signer(receipt)
    signature = seal.signed(_said(report, head), receipt)
    report.leave = seal.lock(head + public + signature, key, about=_about(report))
    report.leave_version = leave.version
    report.may_publish, report.police_may_read = leave.may_publish, leave.police_may_read


FIELDS = ("leave", "leave_version", "may_publish", "police_may_read")


def checked(report: Report, key: bytes, *, receipt: str = "") -> Leave:
    """What the resident allows, as stated, and as the columns say too.

    `receipt`: then it must have been its holder who said so, whoever else has the report's key.

    Raises:
        SealError: where columns and statement differ, or the statement is not the resident's last one.
    """
    box = seal.unlock(report.leave, key, about=_about(report))
    head, public, signature = box[: _HEAD.size], box[_HEAD.size :][:_PUBLIC], box[_HEAD.size + _PUBLIC :]
    seal.check_signed(_said(report, head), signature, public)
    if len(head) < _HEAD.size or (receipt and public != seal.signer(receipt)):
        raise seal.SealError
    leave = Leave(*_HEAD.unpack(head))
    columns = Leave(report.leave_version, report.may_publish, report.police_may_read)
    if leave != columns or not is_last(report):
        raise seal.SealError
    return leave


def is_last(report: Report) -> bool:
    """Whether the statement whose number stands in the columns was not replaced."""
    return taken_back.holds(public_words.statement(report.__dict__), room=Report.ROOM)


def replace(report: Report, *, on: date) -> None:
    """The statement in the columns holds no longer; what the public reads under it, until the day ends."""
    public_words.take_back(public_words.statement(report.__dict__), on=on)


def _said(report: Report, head: bytes) -> bytes:
    return _about(report).encode() + b":" + head


def _about(report: Report) -> str:
    return f"leave:{report.number}"
