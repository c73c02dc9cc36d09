"""What a receipt shows: one's own report, the conversation, what became of it, and what may be done."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from mahalleh_site.listen import leave, rules
from mahalleh_site.listen.models import Message, Photo, Report, Step
from mahalleh_site.listen.queries import keeping
from mahalleh_site.people.keys import seal
from mahalleh_site.sealed import queries as sealed
from mahalleh_site.sealed import sealing
from mahalleh_site.sealed.form_token import FormToken
from mahalleh_site.sealed.queries import Said


@dataclass(frozen=True, slots=True)
class Opened:
    """A report opened by its receipt. `leading`: the one that it is followed with, or itself.

    `broken`: something of it does not open as what it is said to be. `leave_broken`: what the row says of who
    else may read it is not what the receipt's holder said. `care`: how carefully it is handled.
    """

    report: Report
    leading: Report
    key: bytes | None
    said: tuple[Said, ...]
    photos: tuple[str, ...]
    contact: str
    steps: tuple[Step, ...]
    words_until: date | None
    contact_until: date | None
    care: str
    broken: bool = False
    leave_broken: bool = False

    @property
    def asks_better(self) -> bool:
        """Whether to ask if it is better."""
        answered = self.leading.status in rules.ANSWERED and self.report.status != "withdrawn"
        return answered and not self.report.better and self.leading.words_purged_on is None

    @property
    def is_followed(self) -> bool:
        """Whether more can be written and it can be withdrawn."""
        return self.report.status not in ("withdrawn", "refused")


def find(typed: str) -> Report | None:
    """The report of a receipt; None for a wrong one."""
    return sealed.of_receipt(Report.objects.select_related("topic", "area", "lead", "merged_into"), typed)


def opened(report: Report, typed: str) -> Opened:
    """A report as its receipt opens it; without words where they were deleted."""
    leading = report.merged_into or report
    broken = False
    try:
        key = sealed.key_by_receipt(report, typed)
    except seal.SealError:
        key, broken = None, True
    said = sealed.said(report, key, without={Message.Kind.NOTE})
    contact = next((each.text for each in said if each.kind == Message.Kind.CONTACT), "")
    photos = [_photo(each, report, key) for each in report.photos.all()] if key else []
    return Opened(
        report=report,
        leading=leading,
        key=key,
        said=tuple(each for each in said if each.kind != Message.Kind.CONTACT or each.broken),
        photos=tuple(filter(None, photos)),
        contact=contact,
        steps=tuple(
            leading.steps.exclude(verb__in=("also", "private", "unprivate", "leave")).select_related(
                "organisation"
            )
        ),
        words_until=keeping.words_until(report),
        contact_until=keeping.contact_until(report, timezone.localdate()) if contact else None,
        care=leave.care(report, key, receipt=_code(typed)) if key else report.topic.sensitivity,
        broken=broken or any(each.broken for each in said) or not all(photos),
        leave_broken=key is not None and not _stated(report, key, typed),
    )


def sent(report: Report, receipt: str) -> dict[str, Any]:
    """What the page shows to whoever has just sent a report."""
    return {"report": report, "receipt": seal.grouped(receipt), "lead": report.lead}


def kept(report: Report, token: FormToken) -> dict[str, Any]:
    """What is kept of a form that came before; no words where they were deleted or were never any."""
    try:
        said = sealed.said_first(report, token)
    except seal.SealError:
        said = {}
    return {
        "report": report,
        "receipt": seal.grouped(token.receipt),
        "words": said.get(Message.Kind.WORDS, ""),
        "photos": report.photos.count(),
    }


def _photo(photo: Photo, report: Report, key: bytes) -> str:
    """A photo's address; empty where it doesn't open."""
    try:
        return _address(sealing.attachment(photo, report.form_digest, key))
    except seal.SealError:
        return ""


def _stated(report: Report, key: bytes, typed: str) -> bool:
    try:
        leave.checked(report, key, receipt=_code(typed))
    except seal.SealError:
        return False
    return True


def _code(typed: str) -> str:
    return seal.read_code(typed) or ""


def _address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
