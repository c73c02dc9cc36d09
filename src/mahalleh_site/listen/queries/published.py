"""What everyone may see: published reports of a place, one of them, and the promises about it.

Copies alone are read here (`ShownReport`, `ShownPromise`), so nothing shows when a resident did something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet

from mahalleh.disclose import NOTHING, Amount
from mahalleh_site.listen import rules
from mahalleh_site.listen.models import ShownReport, Step
from mahalleh_site.people.models import Organisation
from mahalleh_site.places.models import Area, ShownPromise
from mahalleh_site.releases.queries import tallies

SHOWN: Final = 6
ALSO: Final = "also"  # the name of the table of votes, in the manifest too


@dataclass(frozen=True, slots=True)
class PublicReport:
    """A published report with its history and promises, oldest first. `also`: as of `Told`."""

    report: ShownReport
    steps: tuple[Step, ...]
    promises: tuple[ShownPromise, ...]
    also: Amount

    @property
    def owed(self) -> ShownPromise | None:
        """What is owed now."""
        return next((promise for promise in self.promises if promise.ended_on is None), None)

    @property
    def open(self) -> bool:
        """Whether others may say that they have it too."""
        return self.report.status in rules.OPEN


@dataclass(frozen=True, slots=True)
class Told:
    """A published report in a list. `also`: how many said that they have it too; nothing where few did."""

    report: ShownReport
    also: Amount


def shown() -> QuerySet[ShownReport]:
    """Reports that everyone may see."""
    return ShownReport.objects.all()


def intact(reports: Iterable[ShownReport]) -> list[ShownReport]:
    """Those of these whose public words bear the city's mark (`ShownReport.from_db`)."""
    return [report for report in reports if report.public_text]


def report(number: str) -> PublicReport | None:
    """One report; None where the public may not see it."""
    found = shown().select_related("topic", "area", "lead").filter(number=number).first()
    if found is None or not found.public_text:
        return None
    promises = ShownPromise.objects.filter(subject=f"report:{found.number}").select_related("organisation")
    also = tallies.by_place(ALSO, [found.number]).get(found.number, NOTHING)
    return PublicReport(found, tuple(_steps(found)), tuple(promises.order_by("number")), also)


def lately(area: Area) -> list[Told]:
    """Published reports of an area, open ones first, then the newest."""
    found = intact(shown().filter(area=area).select_related("topic", "lead").order_by("-id")[:50])
    kept = sorted(found, key=lambda each: each.status not in rules.OPEN)[:SHOWN]
    also = tallies.by_place(ALSO, [each.number for each in kept])
    return [Told(each, also.get(each.number, NOTHING)) for each in kept]


def _steps(report: ShownReport) -> Iterator[Step]:
    """The copied steps, in the shape that pages word."""
    homes = Organisation.objects.in_bulk({home for _verb, _day, home in report.steps if home is not None})
    for verb, day, home in report.steps:
        yield Step(verb=verb, day=date.fromisoformat(day), organisation=homes.get(home))
