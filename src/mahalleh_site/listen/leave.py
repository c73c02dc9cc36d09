"""The resident's leave: who else may read a report, as only the holder of its receipt can say it.

The columns `may_publish` and `police_may_read` are for queries alone. What counts is the statement beside
them, sealed under the report's key and signed under a key that follows from the receipt. So whoever writes to
the database changes columns and breaks the binding, and nobody without the receipt makes a new statement that
holds. Statements are numbered; one that a later one replaced was taken back (`sealed.taken_back`), so that an
older yes, put back, does not hold either.

A statement also holds what the report was about and how careful that was: whether the police may read it
unasked follows from this, and the rows that say it stand in clear. A city may handle a topic otherwise later;
then the stricter of the two counts (`care`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date

from mahalleh.topics import SENSITIVITIES
from mahalleh_site.listen import public_words
from mahalleh_site.listen.models import Report
from mahalleh_site.people.keys import seal
from mahalleh_site.places.models import Topic
from mahalleh_site.sealed import taken_back

# Number of the statement, neighbours may read, the police may read, care of the topic; then the topic's name.
_HEAD = struct.Struct(">I??B")
_PUBLIC, _SIGNATURE = 32, 64  # bytes of the public key and of the signature, before the head


@dataclass(frozen=True, slots=True)
class Leave:
    """What a resident allows. `version`: the first statement is 1. `care`: the topic's when this was said."""

    version: int
    may_publish: bool
    police_may_read: bool
    care: str


def state(report: Report, leave: Leave, *, key: bytes, receipt: str) -> None:
    """Write a statement into a report's columns; the caller saves them (`FIELDS`)."""
    care = SENSITIVITIES.index(leave.care)
    head = _HEAD.pack(leave.version, leave.may_publish, leave.police_may_read, care)
    head += report.topic_id.encode()
    public = seal.signer(receipt)
    signature = seal.signed(_said(report, head), receipt)
    report.leave = seal.lock(public + signature + head, key, about=_about(report))
    report.leave_version = leave.version
    report.may_publish, report.police_may_read = leave.may_publish, leave.police_may_read


FIELDS = ("leave", "leave_version", "may_publish", "police_may_read")


def checked(report: Report, key: bytes, *, receipt: str = "") -> Leave:
    """What the resident allows, as stated, and as the columns say too.

    `receipt`: then it must have been its holder who said so, whoever else has the report's key.

    Raises:
        SealError: where columns and statement differ, the report is said to be about something else, or the
            statement is not the resident's last one.
    """
    leave, topic = _signed(report, key, receipt=receipt)
    columns = Leave(report.leave_version, report.may_publish, report.police_may_read, leave.care)
    if topic != report.topic_id:
        raise seal.SealError
    if leave != columns or not is_last(report):
        raise seal.SealError
    return leave


def care(report: Report, key: bytes, *, receipt: str) -> str:
    """How carefully a report is handled: as its topic was when the resident spoke, or as it is, if stricter.

    Where nothing opens as what the resident said, nobody knows that it was open.
    """
    try:
        said = _signed(report, key, receipt=receipt)[0].care
    except seal.SealError:
        said = Topic.Sensitivity.CAREFUL
    return max(said, report.topic.sensitivity, key=SENSITIVITIES.index)


def is_last(report: Report) -> bool:
    """Whether the statement whose number stands in the columns was not replaced."""
    return taken_back.holds(public_words.statement(report.__dict__), room=Report.ROOM)


def replace(report: Report, *, on: date) -> None:
    """The statement in the columns holds no longer; what the public reads under it, until the day ends."""
    public_words.take_back(public_words.statement(report.__dict__), on=on)


def _signed(report: Report, key: bytes, *, receipt: str) -> tuple[Leave, str]:
    """What is stated, whatever the columns say, and the topic that it was said of.

    Raises:
        SealError: where it is no signed statement, or not of the receipt's holder.
    """
    box = seal.unlock(report.leave, key, about=_about(report))
    public, signature = box[:_PUBLIC], box[_PUBLIC:][:_SIGNATURE]
    head = box[_PUBLIC + _SIGNATURE :]
    seal.check_signed(_said(report, head), signature, public)
    if len(head) < _HEAD.size or (receipt and public != seal.signer(receipt)):
        raise seal.SealError
    version, may_publish, police_may_read, care = _HEAD.unpack_from(head)
    if care >= len(SENSITIVITIES):
        raise seal.SealError
    topic = head[_HEAD.size :].decode(errors="replace")
    return Leave(version, may_publish, police_may_read, SENSITIVITIES[care]), topic


def _said(report: Report, head: bytes) -> bytes:
    return _about(report).encode() + b":" + head


def _about(report: Report) -> str:
    return f"leave:{report.number}"
