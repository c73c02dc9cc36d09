"""What is sealed of a report, and opening it again: with a receipt, or with an organisation's key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mahalleh_site.listen.models import Envelope, Message, Photo, Report, Step
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import OrganisationKey
from mahalleh_site.places.models import Topic


def purpose(topic: Topic) -> str:
    """Which of an organisation's keys a report about this topic is sealed to."""
    return "help" if topic.sensitivity == Topic.Sensitivity.SEALED else "reports"


def envelopes(report: Report, key: bytes, to: Iterable[OrganisationKey]) -> list[Envelope]:
    """The report's key for each organisation's key, not yet stored."""
    return [
        Envelope(
            report=report, key=each, organisation_id=each.organisation_id, box=seal.seal(key, each.public)
        )
        for each in to
    ]


def by_receipt(report: Report, receipt: str) -> bytes:
    """The report's key.

    Raises:
        SealError: another receipt.
    """
    return seal.unlock(report.by_receipt, seal.receipt_key(receipt), about=f"report:{report.key}")


def by_member(report: Report, user: Any, private: bytes) -> bytes:
    """The report's key, by the shares of a member.

    Raises:
        SealError: where none of them opens it.
    """
    return by_member_all([report], user, private)[report.pk]


def by_member_all(reports: Iterable[Report], user: Any, private: bytes) -> dict[int, bytes]:
    """The keys of those reports that a member can open: report's number -> key.

    Raises:
        SealError: from `by_member` alone, for a report that is missing here.
    """
    found = list(Envelope.objects.filter(report__in=[report.pk for report in reports]))
    opened = holding.opened(user, private, {envelope.key_id for envelope in found})
    result = _Keys()
    for envelope in found:
        if envelope.report_id not in result and envelope.key_id in opened:
            result[envelope.report_id] = seal.open_sealed(envelope.box, opened[envelope.key_id])
    return result


class _Keys(dict[int, bytes]):
    """A report that cannot be opened is a SealError, not a KeyError."""

    def __missing__(self, number: int) -> bytes:
        raise seal.SealError


def wrapped(name: str, key: bytes, receipt: str) -> bytes:
    """The report's key, for the receipt."""
    return seal.lock(key, seal.receipt_key(receipt), about=f"report:{name}")


def message_box(report: Report, kind: str, text: str, key: bytes) -> bytes:
    """A message's words, sealed."""
    return seal.lock_text(text, key, about=f"message:{report.key}:{kind}")


def words(message: Message, key: bytes) -> str:
    """A message's words.

    Raises:
        SealError: another key.
    """
    return seal.unlock_text(message.box, key, about=f"message:{message.report.key}:{message.kind}")


def reason_box(report: Report, text: str, key: bytes) -> bytes:
    """A reason for colleagues, sealed."""
    return seal.lock_text(text, key, about=f"step:{report.key}")


def reason(step: Step, key: bytes) -> str:
    """A reason for colleagues; nothing where none was given."""
    return seal.unlock_text(step.box, key, about=f"step:{step.report.key}") if step.box else ""


def photo_box(place: bytes, data: bytes, key: bytes) -> bytes:
    """A photo, sealed. `place`: the form's, which the report keeps as `once`."""
    return seal.lock(data, key, about=f"photo:{bytes(place).hex()}")


def photo(picture: Photo, place: bytes, key: bytes) -> bytes:
    """A photo's JPEG.

    Raises:
        SealError: another key.
    """
    return seal.unlock(picture.box, key, about=f"photo:{bytes(place).hex()}")
