"""What all writers of the room share: refusals, a step in a report's history, counting, promises."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh_site.listen import contents, rules
from mahalleh_site.listen.models import NeedCount, Report, Step
from mahalleh_site.people.models import Organisation
from mahalleh_site.places import promises
from mahalleh_site.places.models import Topic


class NotAllowedError(ValueError):
    """What was asked breaks a rule of the house; the text says which."""


class NobodyReceivesError(NotAllowedError):
    """No organisation that can open it receives reports about this topic here."""


def today() -> date:
    """The city's day. Nothing finer is kept about a report."""
    return timezone.localdate()


def locked(report: Report) -> Report:
    """The report, held against others who would change it at the same time."""
    return (
        Report.objects.select_for_update(of=("self",))
        .select_related("topic", "area", "lead")
        .get(pk=report.pk)
    )


def subject(report: Report) -> str:
    """The report's name in the promise ledger."""
    return f"report:{report.key}"


def is_sealed(report: Report) -> bool:
    """Whether its topic is sealed: then it is counted nowhere and promised in no ledger."""
    return bool(report.topic.sensitivity == Topic.Sensitivity.SEALED)


def shown(report: Report) -> bool:
    """Whether the public may see it, one by one."""
    return bool(
        report.may_publish
        and not report.is_private
        and report.public_text
        and report.topic.sensitivity == Topic.Sensitivity.OPEN
        and report.status in rules.COUNTED
    )


def step(
    report: Report,
    verb: str,
    *,
    by: Any = None,
    organisation: Organisation | None = None,
    reason: str = "",
    key: bytes | None = None,
) -> None:
    """Lead a locked report on by a verb and write its history; the caller saves the report.

    Raises:
        NotAllowedError: where the verb leads nowhere from its state.
    """
    before = report.status
    try:
        report.status = rules.after(before, verb)
    except rules.NotPossibleError as error:
        raise NotAllowedError(_("This is not possible any more: somebody was quicker.")) from error
    report.changed_on = today()
    report.ended_on = report.changed_on if report.status in rules.ENDED else None
    box = contents.reason_box(report, reason, key) if reason and key else None
    Step.objects.create(
        report=report,
        verb=verb,
        before=before,
        after=report.status,
        day=report.changed_on,
        by=by,
        organisation=organisation,
        box=box,
    )
    count(report)


def mention(report: Report, verb: str, *, by: Any = None, organisation: Organisation | None = None) -> None:
    """Write something into a report's history that leaves its state as it is."""
    Step.objects.create(
        report=report,
        verb=verb,
        before=report.status,
        after=report.status,
        day=today(),
        by=by,
        organisation=organisation,
    )


def count(report: Report) -> None:
    """Add a report to what is counted, or take it back, so that it counts while it is one and no longer.

    What is sealed is counted nowhere: that somebody asked is part of the secret.
    """
    counts = report.status in rules.COUNTED and not is_sealed(report)
    if counts == report.counted:
        return
    NeedCount.objects.create(
        topic=report.topic,
        area=report.area,
        cell=report.cell,
        day=report.day,
        recorded=today(),
        channel=report.channel,
        n=1 if counts else -1,
    )
    report.counted = counts


def owe(report: Report, *, due_on: date, what: str = "answer", role: str = "", words: str = "") -> None:
    """Let the leading organisation owe something by a day, in the open."""
    report.due_on = due_on
    if report.lead is None or is_sealed(report):
        return
    promises.make(
        subject=subject(report),
        area=report.area,
        topic=report.topic,
        what=what,
        organisation=report.lead,
        on=today(),
        due_on=due_on,
        role=role,
        words=words,
        open_to_all=shown(report),
    )


def answer_days() -> int:
    """Within how many days this city answers."""
    return int(settings.CITY.listen.answer_days)


def pass_on(report: Report) -> None:
    """Let those who follow a report that ends unanswered go on: the first of them leads the others."""
    followers = list(report.copies.select_for_update(of=("self",)).filter(status=Report.Status.MERGED))
    report.also = 0
    if not followers:
        return
    with_words = [each for each in followers if each.messages.filter(kind="words").exists()]
    first = locked((with_words or followers)[0])
    step(first, "part", organisation=first.lead)
    first.merged_into, first.also = None, len(followers) - 1
    owe(first, due_on=rules.due("send", today(), answer_days=answer_days()))
    first.save()
    report.copies.filter(status=Report.Status.MERGED).update(merged_into=first)
