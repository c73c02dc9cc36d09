"""A report arrives: by the resident's own hand, through a partner, or from another program.

An anonymous sender leaves no entry in the audit log: the report itself is the record, and there is nobody to
name. What a partner enters is written down as what the partner did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mahalleh_site.listen import leave, rules
from mahalleh_site.listen.actions import report_steps
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.models import Message, Photo, Report
from mahalleh_site.listen.queries import routing
from mahalleh_site.people import audit
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import Organisation, OrganisationKey, User
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.sealed import queries
from mahalleh_site.sealed.actions import sending
from mahalleh_site.sealed.form_token import FormToken


class NobodyReceivesError(NotAllowedError):
    """No organisation that can open it receives reports about this topic here."""


class FullError(NotAllowedError):
    """So many photos of begun forms wait in the city that no more are taken."""


@dataclass(frozen=True, slots=True)
class Submission:
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
    submission: Submission,
    *,
    token: FormToken,
    channel: str = Report.Channel.WEB,
    held: bool = False,
    by: User | None = None,
    organisation: Organisation | None = None,
) -> Report:
    """Store a report, sealed to its receivers and to its receipt. The same form gives the same report.

    `held`: somebody looks at it before it counts. `by`, `organisation`: who enters it for the resident.

    Raises:
        NobodyReceivesError: where no organisation that can open it receives this topic here.
        SentAlreadyError: where the form came before with other content.
    """
    # what takes time stands before the transaction: SQLite lets one writer in at a time
    to = routing.keys_for(submission.topic, submission.area, police=submission.police_may_read)
    if not to.receivers:
        raise NobodyReceivesError(_("Nobody receives this kind of report here yet."))
    return sending.once(
        _reports(),
        token,
        lambda: _stored(submission, token, to, channel=channel, held=held, by=by, organisation=organisation),
        same=lambda known: _says(known, submission, token),
    )


def _says(known: Report, submission: Submission, token: FormToken) -> bool:
    """Whether a report that came with this form says what is sent now; photos that wait are something new."""
    sealed = report_steps.is_sealed(known)
    place = (submission.topic, submission.area, None if sealed else submission.cell)
    allowed = (_may_publish(submission), submission.police_may_read)
    if (known.topic, known.area, known.cell) != place:
        return False
    if (known.may_publish, known.police_may_read) != allowed or Photo.objects.filter(
        draft=token.digest
    ).exists():
        return False
    try:
        said = queries.said_first(known, token)
    except seal.SealError:
        return False
    given = {Message.Kind.WORDS: submission.words, Message.Kind.CONTACT: submission.contact}
    return said == {kind: seal.storable(text) for kind, text in given.items() if text}


def _may_publish(submission: Submission) -> bool:
    return submission.may_publish and submission.topic.sensitivity == Topic.Sensitivity.OPEN


def _stored(
    submission: Submission,
    token: FormToken,
    to: routing.Receiving,
    *,
    channel: str,
    held: bool,
    by: User | None,
    organisation: Organisation | None,
) -> Report:
    report = _new(submission, token, channel=channel, held=held, lead=to.receivers[0])
    if not held:
        report_steps.count(report)
    report.save(force_insert=True)
    _fill(report, token, to.all, submission)
    if not held:
        report_steps.owe(report, due_on=report.due_on)
    if by is not None:
        facts = {"channel": channel, "organisation": organisation.pk if organisation else None}
        audit.record(by=by, verb="enter-report", object=report_steps.audited(report), facts=facts)
    return report


@transaction.atomic
def also(report: Report, *, token: FormToken, language: str) -> Report:
    """“I have this too”: a report without words that follows another one, with a receipt of its own.

    Raises:
        NotAllowedError: where the other one is followed no longer.
        SentAlreadyError: where the form came before with something else.
    """
    known = _reports().filter(form_digest=token.digest).first()
    if known is not None:
        if known.merged_into_id != report.pk or known.messages.filter(kind=Message.Kind.WORDS).exists():
            raise sending.SentAlreadyError(known)
        return known
    leading = report_steps.locked(report)
    if not report_steps.shown(leading) or leading.status not in rules.OPEN:
        raise NotAllowedError(_("This is not possible any more: somebody was quicker."))
    submission = Submission(leading.topic, leading.area, leading.cell, words="", language=language)
    # whoever may read the leading report may read this one, wherever that was handed to
    homes = set(leading.envelopes.values_list("organisation", flat=True))
    to = holding.current(homes, routing.purpose(leading.topic))
    followed = _new(submission, token, channel=Report.Channel.WEB, held=False, lead=leading.lead)
    followed.status, followed.merged_into = Report.Status.MERGED, leading
    followed.save(force_insert=True)
    _fill(followed, token, to, submission)
    leading.also += 1
    leading.save(update_fields=["also"])
    report_steps.mention(leading, "also")
    return followed


@transaction.atomic
def keep_photos(pictures: Sequence[bytes], *, token: FormToken) -> int:
    """Keep photos of a begun form, sealed, until it is sent; how many it has now. Too many are left out.

    Raises:
        FullError: where the city keeps as many photos of begun forms as `Listen.draft_photos` says.
    """
    if sending.drafts(Photo) + len(pictures) > settings.CITY.of(Listen).draft_photos:
        raise FullError(
            _(
                "So many photos wait here to be sent that we can take no more today. Nothing that you wrote "
                "is lost: send it without photos, and add them tomorrow with your receipt."
            )
        )
    return sending.keep_drafts(Photo, pictures, token, on=report_steps.today(), most=rules.PHOTOS)


def _reports() -> QuerySet[Report]:
    return Report.objects.select_related("topic", "area", "lead")


def _new(
    submission: Submission, token: FormToken, *, channel: str, held: bool, lead: Organisation | None
) -> Report:
    """The report, not yet stored."""
    day = report_steps.today()
    days = report_steps.answer_days()
    sealed = submission.topic.sensitivity == Topic.Sensitivity.SEALED
    made = Report(
        **sending.identity(Report, token),
        topic=submission.topic,
        area=submission.area,
        cell=None if sealed else submission.cell,  # nothing finer than the area says who asked for help
        day=day,
        channel=channel,
        language=submission.language,
        status=Report.Status.HELD if held else Report.Status.NEW,
        changed_on=day,
        due_on=rules.due("hold" if held else "send", day, answer_days=days),
        lead=lead,
    )
    care = submission.topic.sensitivity
    said = leave.Leave(1, _may_publish(submission), submission.police_may_read, care)
    leave.state(made, said, key=token.content_key, receipt=token.receipt)
    return made


def _fill(report: Report, token: FormToken, to: Sequence[OrganisationKey], submission: Submission) -> None:
    said: dict[str, str] = {Message.Kind.WORDS: submission.words, Message.Kind.CONTACT: submission.contact}
    sending.fill(report, token, to=to, said=said)
    sending.take_drafts(Photo, report, token, most=rules.PHOTOS)
