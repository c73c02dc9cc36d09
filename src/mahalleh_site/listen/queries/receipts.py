"""What a receipt shows: one's own report, the conversation, what became of it, and what may be done."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from mahalleh_site.listen import contents, rules
from mahalleh_site.listen.models import Message, Report, Step
from mahalleh_site.listen.once import secret
from mahalleh_site.listen.queries import keeping
from mahalleh_site.people import seal


@dataclass(frozen=True, slots=True)
class Said:
    """Something said, opened. `mine`: the resident's own words."""

    text: str
    day: date
    mine: bool
    organisation: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A report opened by its receipt. `leading`: the one that it is followed with, or itself."""

    report: Report
    leading: Report
    key: bytes | None
    said: tuple[Said, ...]
    photos: tuple[str, ...]
    contact: str
    steps: tuple[Step, ...]
    words_until: date | None
    contact_until: date | None

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
    """The report of a receipt; None for a wrong one. A text that can be no receipt is looked up alike."""
    code = seal.read_code(typed) or "0" * seal.CODE_LETTERS
    place = seal.receipt_place(code, secret())
    found = Report.objects.select_related("topic", "area", "lead", "merged_into").filter(receipt=place)
    return found.first()


def opened(report: Report, typed: str) -> Opened:
    """A report as its receipt opens it; without words where they were deleted."""
    leading = report.merged_into or report
    key = _key(report, typed)
    contact, said = "", []
    for message in report.messages.exclude(kind=Message.Kind.NOTE).select_related("organisation", "report"):
        if key is None:
            break
        text = contents.words(message, key)
        if message.kind == Message.Kind.CONTACT:
            contact = text
            continue
        organisation = message.organisation.name if message.organisation else ""
        said.append(Said(text, message.day, message.kind != Message.Kind.ANSWER, organisation))
    pictures = report.photos.all() if key else []
    return Opened(
        report=report,
        leading=leading,
        key=key,
        said=tuple(said),
        photos=tuple(_address(contents.photo(each, report.once, key)) for each in pictures if key),
        contact=contact,
        steps=tuple(
            leading.steps.exclude(verb__in=("also", "private", "unprivate")).select_related("organisation")
        ),
        words_until=keeping.words_until(report),
        contact_until=keeping.contact_until(report, timezone.localdate()) if contact else None,
    )


def sent(report: Report, receipt: str) -> dict[str, Any]:
    """What the page shows to whoever has just sent a report."""
    return {"report": report, "receipt": seal.grouped(receipt), "lead": report.lead}


def _key(report: Report, typed: str) -> bytes | None:
    code = seal.read_code(typed)
    if code is None or not report.by_receipt:
        return None
    return contents.by_receipt(report, code)


def _address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
