"""What all writers of the room share: refusals, a step in a report's history, counting, promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from mahalleh_site.listen import public_words, rules
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.models import NeedCount, Report
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.actions import promises
from mahalleh_site.places.models import Topic
from mahalleh_site.sealed.actions import forgetting, steps


def today() -> date:
    """The city's day. Nothing finer is kept about a report."""
    return timezone.localdate()


def locked(report: Report) -> Report:
    """The report and those it is followed with, held against others who would change them now."""
    return locked_all(report)[0]


def locked_all(*reports: Report) -> list[Report]:
    """Reports with those they are followed with, held by one question in one order: no deadlock."""
    numbers = [report.pk for report in reports]
    leading = (
        Report.objects.filter(pk__in=numbers).exclude(merged_into=None).values_list("merged_into", flat=True)
    )
    heads = {*numbers, *leading}
    group = Q(pk__in=heads) | Q(merged_into__in=heads)
    held = steps.locked(Report.objects.filter(group).select_related("topic", "area", "lead"))
    return [held[number] for number in numbers]


def subject(report: Report) -> str:
    """The report's name in the promise ledger."""
    return f"report:{report.number}"


def audited(report: Report) -> str:
    """The report's name in the audit log; of a sealed one not even that, since auditors may read the log."""
    return "report:sealed" if is_sealed(report) else f"report:{report.number}"


def is_sealed(report: Report) -> bool:
    """Whether its topic is sealed: then it is counted nowhere and promised in no ledger."""
    return bool(report.topic.sensitivity == Topic.Sensitivity.SEALED)


def shown(report: Report) -> bool:
    """Whether the public sees it, one by one."""
    return bool(report.public_text) and report.may_be_shown and report.status in rules.COUNTED


def step(
    report: Report,
    verb: str,
    *,
    by: User | None = None,
    organisation: Organisation | None = None,
    reason: str = "",
    key: bytes | None = None,
) -> None:
    """Lead a locked report on by a verb and write its history; the caller saves the report.

    Raises:
        NotAllowedError: where the verb leads nowhere from its state.
    """
    steps.step(
        report,
        verb,
        course=rules.COURSE,
        on=today(),
        by=by,
        organisation=organisation,
        reason=reason,
        key=key,
    )
    count(report)


def mention(
    report: Report, verb: str, *, by: User | None = None, organisation: Organisation | None = None
) -> None:
    """Write something into a report's history that leaves its state as it is."""
    steps.mention(report, verb, on=today(), by=by, organisation=organisation)


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
    return int(settings.CITY.of(Listen).answer_days)


def pass_on(report: Report, *, before: str) -> None:
    """Let those who follow a report that is taken away go on: the first with words leads on.

    `before`: the report's state until now. What was answered stays answered for those who follow. Where
    nobody who follows left words there is nothing to answer; their page says so.
    """
    followers = report.copies.filter(status=Report.Status.MERGED).order_by("pk")
    first = followers.filter(messages__kind="words").first()
    if first is None:
        return
    first = locked(first)
    report.also = 0
    if report.lead_id and first.envelopes.filter(organisation=report.lead_id).exists():
        first.lead = report.lead
    if before in rules.ANSWERED:
        mention(first, "part", organisation=first.lead)
        first.status, first.ended_on = before, today()
        count(first)
    else:
        step(first, "part", organisation=first.lead)
    first.merged_into = None
    first.also = followers.exclude(pk=first.pk).update(merged_into=first)
    if before not in rules.ANSWERED:
        owe(first, due_on=rules.due("send", today(), answer_days=answer_days()))
    first.save()


def forget(reports: Sequence[Report], *, on: date) -> None:
    """Delete everything sealed about reports, the keys to it, and what was shown; statistics stay."""
    forgetting.forget(reports, on=on)
    promises.forget_words([subject(report) for report in reports])
    for report in reports:
        if report.public_text:
            mention(report, "unpublish")
        take_down(report, on=on)
        report.leave, report.unread = b"", 0
        report.save(update_fields=[*PUBLIC, "leave", "unread"])


PUBLIC = ("public_text", "public_edited", "public_mark")


def take_down(report: Report, *, on: date | None = None) -> None:
    """Nobody reads a report's public words any more, nor if they were put back; the caller saves `PUBLIC`.

    `on`: where it is no deed of staff: what the public reads stays through that day (`actions.standing`).
    """
    public_words.take_back(report.public_mark, on=on)
    report.public_text, report.public_edited, report.public_mark = "", False, b""
