"""The standing of the day: what the public reads of reports is drawn once a day, and by no resident's deed.

A report that is sent, added to, withdrawn, opened again or joined by others changes no public page, feed or
answer to a program before the next drawing; neither does a resident's later no, nor what staff do without
publishing. What staff show, answer in public or take down is shown at once (`show_now`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import report_steps
from mahalleh_site.listen.models import Report, ShownReport, Step
from mahalleh_site.places.actions import standing
from mahalleh_site.places.models import Topic

# what colleagues do among themselves, and what says only that the page itself changed
HIDDEN_VERBS: Final = (
    "also",
    "leave",
    "private",
    "unprivate",
    "publish",
    "unpublish",
    "merge",
    "part",
    "accept",
)
BATCH: Final = 500


@transaction.atomic
def draw(*, today: date) -> bool:
    """Draw what the public may read until the next day; False where this day has been drawn already."""
    if not standing.draw(today=today):
        return False
    ShownReport.objects.all().delete()
    _copy(_intact(_shown()))
    return True


@transaction.atomic
def show_now(report: Report) -> None:
    """Staff published, answered in public or took down a report: it is shown as it is now, or no longer.

    Nothing changes, also no version of public pages, where the public neither saw it nor sees it.
    """
    gone, _by_model = ShownReport.objects.filter(pk=report.pk).delete()
    shown = _intact(_shown().filter(pk=report.pk))
    if gone or shown:
        _copy(shown)
        standing.show_now(subject=report_steps.subject(report), today=report_steps.today())


def _shown() -> QuerySet[Report]:
    """Reports that everyone may see, as `report_steps.shown` says for one."""
    return Report.objects.filter(
        may_publish=True,
        is_private=False,
        topic__sensitivity=Topic.Sensitivity.OPEN,
        status__in=rules.COUNTED,
    ).exclude(public_text="")


def _intact(reports: Iterable[Report]) -> list[Report]:
    """Those whose words bear a mark that holds (`Report.from_db`); no others are copied."""
    return [report for report in reports if report.public_text]


def _copy(found: Sequence[Report]) -> None:
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        steps: dict[int, list[Step]] = {report.pk: [] for report in batch}
        for step in Step.objects.filter(report__in=list(steps)).order_by("pk"):
            steps[step.report_id].append(step)
        ShownReport.objects.bulk_create([_copied(report, steps[report.pk]) for report in batch])


def _copied(report: Report, steps: list[Step]) -> ShownReport:
    told = [step for step in steps if step.verb not in HIDDEN_VERBS]
    moved = [step.day for step in steps if step.verb not in HIDDEN_VERBS or step.verb == "publish"]
    return ShownReport(
        id=report.pk,
        number=report.number,
        topic_id=report.topic_id,
        area_id=report.area_id,
        cell=report.cell,
        lead_id=report.lead_id,
        day=report.day,
        status=report.status,
        changed_on=report.changed_on,
        moved_on=max(moved, default=report.changed_on),
        due_on=report.due_on,
        better=report.better,
        leave_version=report.leave_version,
        public_text=report.public_text,
        public_edited=report.public_edited,
        public_mark=report.public_mark,
        steps=[[step.verb, step.day.isoformat(), step.organisation_id] for step in told],
    )
