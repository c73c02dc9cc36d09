"""The triage queue: reports that somebody may know of, the oldest promise first, as far as they open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from mahalleh.listen import Note, groups
from mahalleh_site.listen import permissions, rules
from mahalleh_site.listen.models import Message, Report
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import User
from mahalleh_site.places.models import District, Topic
from mahalleh_site.sealed import sealing

LETTERS: Final = 160  # of the words that a line shows
COMPARED: Final = 150  # open reports of the own organisation that are compared with one another


@dataclass(frozen=True, slots=True)
class Row:
    """A report in the queue. `words`: its beginning, None where it is not open. `alike`: others like it.

    `owed`: whether something is due. `take`: whether the reader can take it up. `elsewhere`: the name of
    who answers, where that is another organisation than the reader's. `wrote`: whether the resident, or one
    whose report follows it, wrote more that nobody who answers has read.
    """

    report: Report
    words: str | None
    owed: bool
    late: bool
    take: bool
    elsewhere: str
    wrote: bool
    alike: tuple[str, ...] = ()


def queue(
    user: User, *, status: str = "", topic: str = "", district: str = "", whose: str = "ours"
) -> QuerySet[Report]:
    """The reports of a list. `status`: empty for all that are worked on, `all`, or one state.

    One that was answered is worked on again while something is unread that its resident, or one whose report
    follows it, has written since.
    """
    found = permissions.visible(user).select_related("topic", "area", "lead", "assigned")
    if status == "":
        unread = Q(unread__gt=0) | Q(pk__in=_unread_copies(user).values("merged_into"))
        found = found.filter(Q(status__in=rules.OPEN) | Q(status__in=rules.ANSWERED) & unread)
    elif status != "all":
        found = found.filter(status=status)
    if topic:
        found = found.filter(topic=topic)
    if district:
        found = found.filter(area__district=district)
    homes = permissions.homes(user)
    if whose == "mine":
        found = found.filter(assigned=user)
    elif whose == "free":
        found = found.filter(lead__in=homes, assigned=None)
    elif whose != "all":
        found = found.filter(lead__in=homes)
    return found.order_by("due_on", "id")


def rows(reports: Sequence[Report], user: User, member_key: bytes | None) -> list[Row]:
    """Reports as the queue shows them; their words where `member_key` opens them."""
    # what is sealed is opened one by one, where its opening is written down
    plain = [report for report in reports if report.topic.sensitivity != Topic.Sensitivity.SEALED]
    words = opened_words(plain, user, member_key) if member_key else {}
    alike = _alike(user, member_key) if member_key else {}
    homes, today = permissions.homes(user), timezone.localdate()
    unread = wrote(reports, user)
    found = []
    for report in reports:
        owed, ours = report.status in rules.OPEN, report.lead_id in homes
        found.append(
            Row(
                report,
                words=_short(words.get(report.pk)),
                owed=owed,
                late=owed and report.due_on < today,
                take=ours and report.assigned_id is None and "take" in rules.staff_verbs(report.status),
                elsewhere="" if ours or report.lead is None else report.lead.name,
                wrote=report.pk in unread,
                alike=alike.get(report.number, ()),
            )
        )
    return found


def opened_words(reports: Sequence[Report], user: User, member_key: bytes) -> dict[int, str]:
    """The words of those reports that can be opened, by number."""
    opened = sealing.by_member_all(reports, user, member_key)
    messages = Message.objects.filter(report__in=list(opened), kind=Message.Kind.WORDS)
    found: dict[int, str] = {}
    for message in messages.select_related("report"):
        try:
            found[message.report_id] = sealing.words(message, opened[message.report_id])
        except seal.SealError:
            continue
    return found


def waiting(user: User) -> list[Report]:
    """What waits for somebody: reports of the own organisations that nobody or they themselves work on."""
    if not permissions.see_reports(user):
        return []
    ours = queue(user)
    return [report for report in ours[:60] if report.assigned_id in (None, user.pk)]


def wrote(reports: Sequence[Report], user: User) -> set[int]:
    """The numbers of those whose resident wrote more that is unread, or one whose report follows them."""
    copies = _unread_copies(user).filter(merged_into__in=[report.pk for report in reports])
    return {report.pk for report in reports if report.unread} | set(
        copies.values_list("merged_into_id", flat=True)
    )


def choices(user: User) -> dict[str, Any]:
    """What the filter offers: topics and districts of reports that somebody may know of."""
    known = permissions.visible(user)
    return {
        "topics": list(Topic.objects.filter(pk__in=known.values("topic"))),
        "districts": list(District.objects.filter(pk__in=known.values("area__district"))),
    }


def notes(reports: Sequence[Report], user: User, member_key: bytes) -> list[Note]:
    """Reports as the library compares them."""
    words = opened_words(reports, user, member_key)
    return [
        Note(each.number, words[each.pk], each.cell, each.area_id, each.topic_id, each.day)
        for each in reports
        if each.pk in words
    ]


def _unread_copies(user: User) -> QuerySet[Report]:
    return permissions.visible(user).filter(status=Report.Status.MERGED, unread__gt=0)


def _alike(user: User, member_key: bytes) -> dict[str, tuple[str, ...]]:
    """Which open reports may be about one thing. None is sealed: their openings are written down."""
    plain = queue(user).filter(status__in=rules.OPEN).exclude(topic__sensitivity=Topic.Sensitivity.SEALED)
    open_ = list(plain[:COMPARED])
    found: dict[str, tuple[str, ...]] = {}
    for group in groups(notes(open_, user, member_key)):
        if len(group) > 1:
            found |= {number: tuple(other for other in group if other != number) for number in group}
    return found


def _short(words: str | None) -> str | None:
    if words is None or len(words) <= LETTERS:
        return words
    return f"{words[:LETTERS].rsplit(' ', 1)[0]} …"
