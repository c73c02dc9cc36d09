"""One report as those see it who work on it: opened, with its conversation, history and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from mahalleh.listen import similar
from mahalleh_site.listen import leave, permissions, rules
from mahalleh_site.listen.desk.queries import queue
from mahalleh_site.listen.models import Message, Photo, Report, Step, Template
from mahalleh_site.listen.queries import keeping, routing
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.models import Topic
from mahalleh_site.sealed import queries as sealed
from mahalleh_site.sealed import sealing
from mahalleh_site.sealed.queries import Said

NEAR_DAYS = 120  # reports older than this are not proposed to be joined with


@dataclass(frozen=True, slots=True)
class Past:
    """A step with its reason, opened."""

    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """A report, opened. `words_until`: when words are deleted, if that is near; `contact_until` always.

    `photos`: their numbers within the report, from 1. `broken`: words do not open as those of whom they are
    said to be. `leave_broken`: who else may read it was not said by the resident. `leading`, `copies`: the
    report that it follows, and those that follow it, as far as the reader may know.
    """

    report: Report
    words: str
    lines: tuple[Said, ...]
    photos: tuple[int, ...]
    has_contact: bool
    steps: tuple[Past, ...]
    leading: Report | None
    copies: tuple[Report, ...]
    words_until: date | None
    contact_until: date | None
    broken: bool
    leave_broken: bool


@dataclass(frozen=True, slots=True)
class May:
    """What somebody may do with a report now. `reply`: write to the resident, also after an answer."""

    verbs: tuple[str, ...]
    reply: bool
    publish: bool
    mark_private: bool
    unmark_private: bool


def found(user: User, number: str) -> Report:
    """A report that somebody may know of.

    Raises:
        Report.DoesNotExist: for any other one, as if it were not.
    """
    rows = permissions.visible(user).select_related("topic", "area", "lead", "assigned", "merged_into")
    return rows.get(number=number)


def page(report: Report, user: User, member_key: bytes, today: date) -> Page:
    """A report, opened.

    Raises:
        SealError: where none of the member's shares opens it.
    """
    key = sealing.by_member(report, user, member_key) if report.envelopes.exists() else None
    said = sealed.said(report, key)
    steps = report.steps.exclude(verb__in=("also",)).select_related("by", "organisation", "report")
    known = permissions.visible(user)
    return Page(
        report=report,
        words=next((each.text for each in said if each.kind == Message.Kind.WORDS), ""),
        lines=tuple(
            each
            for each in said
            if each.broken or each.kind not in (Message.Kind.WORDS, Message.Kind.CONTACT)
        ),
        photos=tuple(range(1, report.photos.count() + 1)),
        has_contact=report.messages.filter(kind=Message.Kind.CONTACT).exists(),
        steps=tuple(Past(step, sealing.reason(step, key) if key else "") for step in steps),
        leading=known.filter(pk=report.merged_into_id).first() if report.merged_into_id else None,
        copies=tuple(known.filter(merged_into=report)),
        words_until=keeping.notice(report, today),
        contact_until=keeping.contact_until(report, today),
        broken=any(each.broken for each in said),
        leave_broken=key is not None and not _stated(report, key),
    )


def _stated(report: Report, key: bytes) -> bool:
    try:
        leave.checked(report, key)
    except seal.SealError:
        return False
    return True


def contact(report: Report, user: User, member_key: bytes) -> str:
    """How the resident can be reached; empty where that was not left."""
    message = report.messages.filter(kind=Message.Kind.CONTACT).select_related("report").first()
    return sealing.words(message, sealing.by_member(report, user, member_key)) if message else ""


def photo(report: Report, number: int, user: User, member_key: bytes) -> bytes:
    """A photo's JPEG. `number`: within the report, since a row's own would tell of photos in other reports.

    Raises:
        Photo.DoesNotExist: where the report has no such photo.
    """
    if not 1 <= number <= rules.PHOTOS:
        raise Photo.DoesNotExist
    picture = report.photos.all()[number - 1 : number].get()
    key = sealing.by_member(report, user, member_key)
    return sealing.attachment(picture, report.form_digest, key)


def may(report: Report, user: User) -> May:
    """What somebody may do with a report that they see."""
    working = permissions.work(user, report)
    verbs = rules.staff_verbs(report.status) if working else ()
    if not working and permissions.forward(user, report) and "forward" in rules.TRANSITIONS[report.status]:
        verbs = ("forward",)
    sealed = report.topic.sensitivity == Topic.Sensitivity.SEALED
    showable = report.may_be_shown and report.status in rules.COUNTED
    return May(
        verbs=verbs,
        reply="answer" in verbs or (working and report.status in rules.ANSWERED),
        publish=working and (showable or bool(report.public_text)),  # what stands there can be taken down
        mark_private=not sealed and not report.is_private and permissions.mark_private(user),
        unmark_private=report.is_private and permissions.mark_private(user) and permissions.see_private(user),
    )


def alike(report: Report, user: User, member_key: bytes) -> list[Report]:
    """Open reports that may be about the same thing, the likest first."""
    near = queue.queue(user, topic=report.topic_id, whose="all").filter(
        status__in=rules.OPEN, day__gte=report.day - timedelta(NEAR_DAYS), is_private=report.is_private
    )
    others = [each for each in near.exclude(pk=report.pk)[:200] if each.merged_into_id is None]
    notes = queue.notes([report, *others], user, member_key)
    mine = next((note for note in notes if note.key == report.number), None)
    if mine is None:
        return []
    order = [match.key for match in similar(mine, notes, most=5)]
    by_number = {each.number: each for each in others}
    return [by_number[number] for number in order if number in by_number]


def colleagues(report: Report) -> list[User]:
    """Who could work on a report: members of the organisation that leads it who may know of it."""
    held = User.objects.filter(
        is_active=True,
        memberships__organisation=report.lead,
        memberships__ended_at=None,
        memberships__role__in=permissions.READERS,
    )
    return [each for each in held.distinct() if permissions.visible(each).filter(pk=report.pk).exists()]


def others(report: Report) -> list[Organisation]:
    """Organisations to which a report can be handed: they have a key, and may know of it."""
    able = Organisation.objects.exclude(pk__in=[report.lead_id] if report.lead_id else [])
    if report.topic.sensitivity != Topic.Sensitivity.OPEN and not report.police_may_read:
        able = able.exclude(kind=Organisation.Kind.POLICE)
    have = {key.organisation_id for key in holding.current(able, routing.purpose(report.topic))}
    return [each for each in able if each.pk in have]


def templates(user: User) -> list[Template]:
    """Answers to begin with: the own organisations' and those of all."""
    return [
        template
        for template in Template.objects.all()
        if template.organisation_id is None or template.organisation_id in permissions.homes(user)
    ]
