"""What staff do with a report: take it, answer, promise, hand it on, join it with another, set it aside.

Each is an action with an audit row that holds no content. What is said to the resident, and reasons for
colleagues, are sealed under the report's key, so whoever does one of these has opened the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

from django.core.cache import caches
from django.db import transaction
from django.utils.translation import gettext as _

from mahalleh_site.listen import leave, permissions, public_words, rules
from mahalleh_site.listen.actions import report_steps, standing
from mahalleh_site.listen.models import Message, Report
from mahalleh_site.listen.queries import routing
from mahalleh_site.people import audit
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import Membership, Organisation, User
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places.actions import promises
from mahalleh_site.places.models import Topic
from mahalleh_site.sealed import sealing
from mahalleh_site.sealed.actions import talking

DAY = 24 * 3600
OUTCOMES = {"answer": "done", "decline": "declined", "promise": "promised"}


@transaction.atomic
def take(*, by: User, report: Report, user: User | None = None) -> None:
    """Let somebody of the leading organisation work on it; without `user`, whoever asks."""
    found = _worked(by, report)
    chosen = user or by
    if not (permissions.work(chosen, found) and permissions.visible(chosen).filter(pk=found.pk).exists()):
        raise NotAllowedError(_("This person does not work for the organisation that answers."))
    if found.status in (Report.Status.NEW, Report.Status.REOPENED):
        report_steps.step(found, "take", by=by, organisation=found.lead)
    found.assigned = chosen
    found.save()
    _record(by, found, "take-report", user=chosen.pk)


@transaction.atomic
def answer(
    *,
    by: User,
    report: Report,
    member_key: bytes,
    verb: str,
    words: str,
    public_words: str = "",
    due_on: date | None = None,
) -> None:
    """Say to the resident what is done (`answer`), why nothing is (`decline`), or by when (`promise`).

    `public_words`: what all may read of it. Those whose reports follow this one get the same answer.

    Raises:
        NotAllowedError: where the state or the promised day doesn't allow it.
        SealError: where the report cannot be opened.
    """
    found = _worked(by, report)
    if verb not in rules.NEEDS_ANSWER:
        raise NotAllowedError(_("Choose one of these."))
    if verb == "promise" and not (due_on and rules.good_promise(due_on, report_steps.today())):
        raise NotAllowedError(_("Promise a day from today on, within half a year."))
    _tell(found, words, by=by, member_key=member_key)
    role = _role(by, found)
    if not found.may_be_shown:
        public_words = ""  # they would never be shown, so they are not kept in clear
    promises.end(
        subject=report_steps.subject(found),
        outcome=OUTCOMES[verb],
        on=report_steps.today(),
        role=role,
        words=public_words,
    )
    report_steps.step(found, verb, by=by, organisation=found.lead)
    found.better = ""
    if due_on is not None and verb == "promise":
        report_steps.owe(found, due_on=due_on, what="act", role=role, words=public_words)
    found.assigned = found.assigned or by
    found.save()
    if public_words:
        standing.show_now(found)
    _record(by, found, f"{verb}-report")


@transaction.atomic
def note(*, by: User, report: Report, member_key: bytes, words: str) -> None:
    """A note among colleagues; the resident does not see it."""
    permissions.check_see_report(by, report)
    _check_kept(report)
    _write(report, Message.Kind.NOTE, words, by=by, member_key=member_key)
    _record(by, report, "note-report")


@transaction.atomic
def reply(*, by: User, report: Report, member_key: bytes, words: str) -> None:
    """Ask or tell the resident something, without ending anything."""
    found = _worked(by, report)
    _check_kept(found)
    _tell(found, words, by=by, member_key=member_key)
    if found.status in (Report.Status.NEW, Report.Status.REOPENED):
        report_steps.step(found, "take", by=by, organisation=found.lead)
    found.assigned = found.assigned or by
    found.save()
    _record(by, found, "reply-report")


@transaction.atomic
def forward(*, by: User, report: Report, member_key: bytes, to: Organisation, reason: str) -> None:
    """Hand a report to another organisation, which then answers for it. Who had it can still read it.

    Raises:
        NotAllowedError: where the other one cannot open it, or must not: what is careful or sealed, now or
            when the resident spoke, goes to no police without the resident's leave.
    """
    found = report_steps.locked(report)
    permissions.check_forward(by, found)
    if routing.asks_leave(found.topic, to) and not found.police_may_read:
        raise NotAllowedError(_("The resident has not agreed that the police may read this."))
    given = holding.current([to], routing.purpose(found.topic))
    if not given or to.pk == found.lead_id:
        raise NotAllowedError(_("This organisation cannot receive it: nobody there has a key yet."))
    private_ones = [*([found] if found.is_private else []), *found.copies.filter(is_private=True)]
    if private_ones and not permissions.sees_private(to):
        raise NotAllowedError(_("Nobody there may see private reports."))
    key = sealing.by_member(found, by, member_key)
    _check_police(found, key, to)
    sent = sealing.envelopes(found, key, given)
    for copy in found.copies.filter(status=Report.Status.MERGED):
        with suppress(seal.SealError, NotAllowedError):  # each with its own resident's leave
            own = sealing.by_member(copy, by, member_key)
            _check_police(copy, own, to)
            sent += sealing.envelopes(copy, own, given)
    talking.deliver(sent)
    acting, found.lead, found.assigned = _acting(by, found), to, None
    report_steps.step(found, "forward", by=by, organisation=acting, reason=reason, key=key)
    promises.change_hands(subject=report_steps.subject(found), organisation=to)
    found.save()
    _record(by, found, "forward-report", organisation=to.pk)


@transaction.atomic
def merge(*, by: User, report: Report, member_key: bytes, into: Report, reason: str) -> None:
    """Follow a report together with another about the same thing; it is counted once.

    Raises:
        NotAllowedError: where the two cannot be one: another topic or care, or the other one has ended.
    """
    found, leading = report_steps.locked_all(report, into)
    permissions.check_work(by, found)
    permissions.check_see_report(by, leading)
    alike = all(
        getattr(found, name) == getattr(leading, name)
        for name in ("topic_id", "is_private", "police_may_read")
    )
    open_ = leading.status in rules.OPEN and leading.merged_into_id is None
    if found.pk == leading.pk or not alike or not open_:
        raise NotAllowedError(_("These two cannot be followed as one."))
    key = sealing.by_member(found, by, member_key)
    report_steps.step(found, "merge", by=by, organisation=found.lead, reason=reason, key=key)
    homes = leading.envelopes.values_list("organisation", flat=True)
    given = holding.current(set(homes), routing.purpose(found.topic))
    for each in given:
        _check_police(found, key, each.organisation)
    talking.share(found, key, given)
    followers = 1 + found.copies.filter(status=Report.Status.MERGED).update(merged_into=leading)
    report_steps.take_down(found)
    found.merged_into, found.also = leading, 0
    promises.end(subject=report_steps.subject(found), outcome="dropped", on=report_steps.today())
    promises.show(subject=report_steps.subject(found), open_to_all=False)
    found.save()
    standing.show_now(found)
    leading.also += followers
    leading.save(update_fields=["also"])
    _record(by, found, "merge-report", into=report_steps.audited(leading))


@transaction.atomic
def part(*, by: User, report: Report) -> None:
    """Take a merged report apart again: it was another matter."""
    found = _worked(by, report)
    leading = report_steps.locked(found.merged_into) if found.merged_into else None
    report_steps.step(found, "part", by=by, organisation=found.lead)
    if leading is not None:
        leading.also = max(0, leading.also - 1)
        leading.save(update_fields=["also"])
    found.merged_into = None
    report_steps.owe(
        found, due_on=rules.due("send", report_steps.today(), answer_days=report_steps.answer_days())
    )
    found.save()
    _record(by, found, "part-report")


@transaction.atomic
def accept(*, by: User, report: Report) -> None:
    """It is a report: from now on it counts and is owed an answer."""
    found = _worked(by, report)
    report_steps.step(found, "accept", by=by, organisation=found.lead)
    report_steps.owe(
        found, due_on=rules.due("send", report_steps.today(), answer_days=report_steps.answer_days())
    )
    found.save()
    _record(by, found, "accept-report")


@transaction.atomic
def refuse(*, by: User, report: Report, member_key: bytes, reason: str) -> None:
    """It is no report: advertising, a joke, a flood. It is counted no longer, and its words go soon."""
    found = _worked(by, report)
    key = sealing.by_member(found, by, member_key)
    before = found.status
    report_steps.step(found, "refuse", by=by, organisation=found.lead, reason=reason, key=key)
    report_steps.pass_on(found, before=before)
    report_steps.take_down(found)
    promises.end(subject=report_steps.subject(found), outcome="dropped", on=report_steps.today())
    promises.show(subject=report_steps.subject(found), open_to_all=False)
    found.save()
    standing.show_now(found)
    _record(by, found, "refuse-report")


@transaction.atomic
def publish(*, by: User, report: Report, member_key: bytes, text: str, edited: bool) -> None:
    """Show the public what a report says, as a moderator wrote it; an empty text takes it down.

    The original stays sealed beside it, and the page says where the two differ.

    Raises:
        NotAllowedError: without the resident's leave, as the resident stated it and not as a row says; for a
            private report, or a topic that is not open.
        SealError: where the report cannot be opened.
    """
    found = _worked(by, report)
    if text and not (found.may_be_shown and found.status in rules.COUNTED):
        raise NotAllowedError(_("This report may not be shown to the public."))
    if text and not _leave(found, sealing.by_member(found, by, member_key)).may_publish:
        raise NotAllowedError(_("This report may not be shown to the public."))
    report_steps.take_down(found)
    text = text.replace("\x00", "")  # PostgreSQL takes no NUL
    if text:
        found.public_text, found.public_edited = text, edited
        found.public_mark = public_words.mark(found.__dict__)
    found.save(update_fields=report_steps.PUBLIC)
    promises.show(subject=report_steps.subject(found), open_to_all=report_steps.shown(found))
    report_steps.mention(found, "publish" if text else "unpublish", by=by, organisation=found.lead)
    standing.show_now(found)
    _record(by, found, "publish-report" if text else "unpublish-report", edited=edited)


@transaction.atomic
def mark_private(*, by: User, report: Report, is_private: bool) -> None:
    """Take a report out of sight of all who don't see private ones, or put it back, which takes seeing it."""
    found = report_steps.locked(report)
    permissions.check_mark_private(by, found)
    if report_steps.is_sealed(found) or found.words_purged_on:
        raise NotAllowedError(_("This is not possible any more: somebody was quicker."))
    if not is_private:
        permissions.check_see_private(by)
    found.is_private = is_private
    if is_private:
        report_steps.take_down(found)
    found.save(update_fields=["is_private", *report_steps.PUBLIC])
    promises.show(subject=report_steps.subject(found), open_to_all=report_steps.shown(found))
    verb = "private" if is_private else "unprivate"
    report_steps.mention(found, verb, by=by, organisation=_acting(by, found))
    standing.show_now(found)
    _record(by, found, "mark-private" if is_private else "unmark-private")


def read(*, by: User, report: Report, what: str = "report") -> None:
    """Write down that somebody opened a report, or how its sender can be reached: once a day."""
    with _once_a_day(f"read-{what}:{by.pk}:{report.pk}") as first:
        if first:
            _record(by, report, f"read-{what}")


def read_added(*, by: User, report: Report) -> None:
    """What the resident wrote more is read, where the reader is one of those who answer.

    `report`: as it was before its words were opened; what came since then stays unread.
    """
    leading = report.merged_into or report
    if report.unread and permissions.work(by, leading):
        Report.objects.filter(pk=report.pk, unread=report.unread).update(unread=0)


def read_queue(*, by: User) -> None:
    """Write down that somebody read words in the queue: once a day."""
    with _once_a_day(f"read-queue:{by.pk}") as first:
        if first:
            audit.record(by=by, verb="read-queue", object="reports")


@contextmanager
def _once_a_day(what: str) -> Iterator[bool]:
    """Whether this is the first time today; after a fault, which wrote nothing, the next one is the first."""
    mark = f"{what}:{report_steps.today()}"
    first = caches["default"].get(mark) is None
    if not first:
        yield False
        return
    with transaction.atomic():
        yield True
    caches["default"].set(mark, 1, timeout=DAY)


def _worked(by: User, report: Report) -> Report:
    """The report, locked, for somebody who may work on it."""
    found = report_steps.locked(report)
    permissions.check_work(by, found)  # as it is now, not as it was when its page was shown
    return found


def _leave(report: Report, key: bytes) -> leave.Leave:
    """What the resident allows, as stated.

    Raises:
        NotAllowedError: where the database says something that the resident did not.
    """
    try:
        return leave.checked(report, key)
    except seal.SealError as error:
        raise NotAllowedError(
            _(
                "What the resident allowed was changed in the database, and not by the resident. Nothing was "
                "done. Please tell your administrators."
            )
        ) from error


def _check_police(report: Report, key: bytes, to: Organisation) -> None:
    """Whether the police may read it, where they would: what the resident stated is asked in any case.

    The topic's row alone could be made that of an open one, so it only makes this stricter.

    Raises:
        NotAllowedError: where not.
    """
    if to.kind != Organisation.Kind.POLICE:
        return
    said = _leave(report, key)
    asked = said.care != Topic.Sensitivity.OPEN or routing.asks_leave(report.topic, to)
    if asked and not said.police_may_read:
        raise NotAllowedError(_("The resident has not agreed that the police may read this."))


def _check_kept(report: Report) -> None:
    """Nothing is added to what was withdrawn or forgotten: it would never be forgotten again."""
    if report.words_purged_on or report.status in (Report.Status.WITHDRAWN, Report.Status.REFUSED):
        raise NotAllowedError(_("This report is not followed any more."))


def _tell(report: Report, words: str, *, by: User, member_key: bytes) -> None:
    """Say something to the resident, and to those whose reports follow this one, as far as they open.

    One that this member cannot open must not keep all others from their answer.
    """
    _write(report, Message.Kind.ANSWER, words, by=by, member_key=member_key)
    for copy in report.copies.filter(status=Report.Status.MERGED, words_purged_on=None):
        with suppress(seal.SealError):
            _write(copy, Message.Kind.ANSWER, words, by=by, member_key=member_key)


def _write(report: Report, kind: str, words: str, *, by: User, member_key: bytes) -> None:
    talking.say(
        report,
        kind,
        words[: rules.WORDS],
        key=sealing.by_member(report, by, member_key),
        on=report_steps.today(),
        organisation=_acting(by, report),
    )


def _acting(by: User, report: Report) -> Organisation | None:
    """For which organisation somebody does something about a report: the leading one, where it is theirs.

    Others act by a role in an organisation that has the report; as coordinator where they are one.
    """
    if permissions.work(by, report):
        return report.lead
    held = by.memberships.filter(ended_at=None, role__in=permissions.READERS).select_related("organisation")
    reached = set(report.envelopes.values_list("organisation", flat=True))
    able = [each for each in held if each.organisation_id in reached]
    able.sort(key=lambda each: each.role != "coordinator")
    return able[0].organisation if able else None


def _role(by: User, report: Report) -> str:
    held = Membership.objects.filter(user=by, organisation=report.lead, ended_at=None)
    roles = sorted(set(held.values_list("role", flat=True)) & permissions.READERS)
    return roles[0] if roles else "coordinator"


def _record(by: User, report: Report, verb: str, **facts: Any) -> None:
    audit.record(by=by, verb=verb, object=report_steps.audited(report), facts=facts)
