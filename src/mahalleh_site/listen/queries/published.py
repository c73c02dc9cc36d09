"""What everyone may see: published reports of a place, one of them, and the promises about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Report, Step
from mahalleh_site.places.models import Area, Promise, Topic

SHOWN = 6
HIDDEN_VERBS = ("also", "leave", "private", "unprivate", "publish", "unpublish", "merge", "part", "accept")


@dataclass(frozen=True, slots=True)
class PublicReport:
    """A published report with its history and promises, oldest first."""

    report: Report
    steps: tuple[Step, ...]
    promises: tuple[Promise, ...]

    @property
    def owed(self) -> Promise | None:
        """What is owed now."""
        return next((promise for promise in self.promises if promise.ended_on is None), None)

    @property
    def open(self) -> bool:
        """Whether others may say that they have it too."""
        return self.report.status in rules.OPEN


def shown() -> QuerySet[Report]:
    """Reports that everyone may see, as `actions.report_steps.shown` says for one, by their columns.

    A row whose public words nobody published comes without them (`Report.from_db`): `intact` leaves it out.
    """
    return Report.objects.filter(
        may_publish=True,
        is_private=False,
        topic__sensitivity=Topic.Sensitivity.OPEN,
        status__in=rules.COUNTED,
    ).exclude(public_text="")


def intact(reports: Iterable[Report]) -> list[Report]:
    """Those of these whose public words bear the city's mark."""
    return [report for report in reports if report.public_text]


def report(number: str) -> PublicReport | None:
    """One report; None where the public may not see it."""
    found = shown().select_related("topic", "area", "lead").filter(number=number).first()
    if found is None or not found.public_text:
        return None
    steps = found.steps.exclude(verb__in=HIDDEN_VERBS).select_related("organisation")
    promises = Promise.objects.filter(subject=f"report:{found.number}").select_related("organisation")
    return PublicReport(found, tuple(steps), tuple(promises.order_by("id")))


def lately(area: Area) -> list[Report]:
    """Published reports of an area, open ones first, then the newest."""
    found = intact(shown().filter(area=area).select_related("topic", "lead").order_by("-id")[:50])
    return sorted(found, key=lambda each: each.status not in rules.OPEN)[:SHOWN]
