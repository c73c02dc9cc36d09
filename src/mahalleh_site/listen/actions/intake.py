"""A report arrives: by the resident's own hand, through a partner, or from another program.

An anonymous sender leaves no entry in the audit log: the report itself is the record, and there is nobody to
name. What a partner enters is written down as the partner's deed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mahalleh_site.listen import contents, rules
from mahalleh_site.listen.actions import report_steps
from mahalleh_site.listen.models import Message, Photo, Report
from mahalleh_site.listen.once import Once, secret
from mahalleh_site.listen.queries import routing
from mahalleh_site.people import audit
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import Organisation, OrganisationKey
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places.models import Area, Topic


class NobodyReceivesError(NotAllowedError):
    """No organisation that can open it receives reports about this topic here."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What somebody tells. `cell`: H3 at resolution 9, or None where only the area is known."""

    topic: Topic
    area: Area
    cell: int | None
    words: str
    contact: str = ""
    language: str = "fa"
    may_publish: bool = False
    police_may_read: bool = False


def send(
    telling: Telling,
    *,
    once: Once,
    channel: str = Report.Channel.WEB,
    held: bool = False,
    by: Any = None,
    organisation: Organisation | None = None,
) -> Report:
    """Store a report, sealed to its receivers and to its receipt. The same form gives the same report.

    `held`: somebody looks at it before it counts. `by`, `organisation`: who enters it for the resident.

    Raises:
        NobodyReceivesError: where no organisation that can open it receives this topic here.
    """
    # what takes time stands before the transaction: SQLite lets one writer in at a time
    to = routing.keys_for(telling.topic, telling.area, police=telling.police_may_read)
    if not to.receivers:
        raise NobodyReceivesError(_("Nobody receives this kind of report here yet."))
    try:
        return _stored(telling, once, to, channel=channel, held=held, by=by, organisation=organisation)
    except IntegrityError:
        known = Report.objects.select_related("topic", "area", "lead").filter(once=once.place).first()
        if known is None:
            raise
        return known  # the same form came before, or at the same moment


def _stored(
    telling: Telling,
    once: Once,
    to: routing.Receiving,
    *,
    channel: str,
    held: bool,
    by: Any,
    organisation: Organisation | None,
) -> Report:
    with transaction.atomic():
        report = _new(telling, once, channel=channel, held=held, lead=to.receivers[0])
        if not held:
            report_steps.count(report)
        report.save(force_insert=True)
        _fill(report, once, to.all, telling)
        if not held:
            report_steps.owe(report, due_on=report.due_on)
        if by is not None:
            facts = {"channel": channel, "organisation": organisation.pk if organisation else None}
            audit.record(by=by, verb="enter-report", object=report_steps.audited(report), facts=facts)
    return report


@transaction.atomic
def also(report: Report, *, once: Once, language: str) -> Report:
    """“I have this too”: a report without words that follows another one, with a receipt of its own."""
    known = Report.objects.select_related("topic", "area").filter(once=once.place).first()
    if known is not None:
        return known
    leading = report_steps.locked(report)
    if not report_steps.shown(leading) or leading.status not in rules.OPEN:
        raise NotAllowedError(_("This is not possible any more: somebody was quicker."))
    telling = Telling(leading.topic, leading.area, leading.cell, words="", language=language)
    # whoever may read the leading report may read this one, wherever that was handed to
    homes = set(leading.envelopes.values_list("organisation", flat=True))
    to = holding.current(homes, contents.purpose(leading.topic))
    followed = _new(telling, once, channel=Report.Channel.WEB, held=False, lead=leading.lead)
    followed.status, followed.merged_into = Report.Status.MERGED, leading
    followed.save(force_insert=True)
    _fill(followed, once, to, telling)
    leading.also += 1
    leading.save(update_fields=["also"])
    report_steps.mention(leading, "also")
    return followed


@transaction.atomic
def keep_photos(pictures: Sequence[bytes], *, once: Once) -> int:
    """Keep photos of a begun form, sealed, until it is sent; how many it has now. Too many are left out."""
    have = Photo.objects.filter(draft=once.place).count()
    Photo.objects.bulk_create(
        [
            Photo(
                draft=once.place,
                day=report_steps.today(),
                box=contents.photo_box(once.place, picture, once.key),
            )
            for picture in pictures[: rules.PHOTOS - have]
        ]
    )
    return Photo.objects.filter(draft=once.place).count()


def _new(telling: Telling, once: Once, *, channel: str, held: bool, lead: Organisation | None) -> Report:
    """The report, not yet stored."""
    day = report_steps.today()
    days = report_steps.answer_days()
    sealed = telling.topic.sensitivity == Topic.Sensitivity.SEALED
    return Report(
        key=once.name,
        once=once.place,
        receipt=seal.receipt_digest(once.receipt, secret()),
        by_receipt=contents.wrapped(once.name, once.key, once.receipt),
        topic=telling.topic,
        area=telling.area,
        cell=None if sealed else telling.cell,  # nothing finer than the area says who asked for help
        day=day,
        channel=channel,
        language=telling.language,
        status=Report.Status.HELD if held else Report.Status.NEW,
        changed_on=day,
        due_on=rules.due("hold" if held else "send", day, answer_days=days),
        lead=lead,
        may_publish=telling.may_publish and telling.topic.sensitivity == Topic.Sensitivity.OPEN,
        police_may_read=telling.police_may_read,
    )


def _fill(report: Report, once: Once, to: Sequence[OrganisationKey], telling: Telling) -> None:
    contents.Envelope.objects.bulk_create(contents.envelopes(report, once.key, to))
    said = {Message.Kind.WORDS: telling.words, Message.Kind.CONTACT: telling.contact}
    Message.objects.bulk_create(
        [
            Message(
                report=report,
                kind=kind,
                day=report.day,
                box=contents.message_box(report, kind, text, once.key),
            )
            for kind, text in said.items()
            if text
        ]
    )
    mine = Photo.objects.filter(draft=once.place).order_by("id").values_list("pk", flat=True)
    Photo.objects.filter(pk__in=list(mine[: rules.PHOTOS])).update(report=report, draft=None)
