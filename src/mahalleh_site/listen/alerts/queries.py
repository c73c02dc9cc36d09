"""What is new about a neighbourhood, by day: promises that ended or became late, shown reports that moved.

All of it is of the standing of the day, as the neighbourhood's page is: nothing here goes beyond what that
shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Max, QuerySet
from django.utils import timezone

from mahalleh_site.listen.models import ShownReport
from mahalleh_site.listen.queries import published
from mahalleh_site.places.models import Area, Promise, ShownPromise
from mahalleh_site.places.queries import promises
from mahalleh_site.releases.models import Release

DAYS: Final = 90  # that something stays in a feed, as a kept promise stays on its page
SHOWN: Final = 60  # entries of a feed
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class News:
    """Something new about an area: one of promise, report and release is given. `state`: what it is now.

    A promise is `made`, `late` or `ended`; a report has its status. A new state is a new piece of news.
    """

    day: date
    state: str
    promise: ShownPromise | None = None
    report: ShownReport | None = None
    release: Release | None = None

    @property
    def name(self) -> str:
        """What it is, as no other piece of news is named."""
        if self.promise is not None:
            return f"promise:{self.promise.number}:{self.state}"
        if self.report is not None:
            return f"report:{self.report.number}:{self.state}:{self.day.isoformat()}"
        return f"release:{self.release.number if self.release else 0}"


def latest(before: date) -> dict[str, date]:
    """The newest day of news of every area that had any before a day: area's id -> day.

    A promise becomes late on the day after it was due; how many are late is told of those too that are not
    shown one by one.
    """
    told: dict[str, date] = {}
    for area, day in (*_ended(before), *_late(), *_moved(before)):
        if day < before:
            told[area] = max(day, told.get(area, day))
    return told


def _ended(before: date) -> Iterable[tuple[str, date]]:
    ended = _promises().filter(ended_on__lt=before).order_by()
    return ended.values_list("area").annotate(day=Max("ended_on"))


def _late() -> Iterable[tuple[str, date]]:
    for area, (_count, _first, newest) in promises.standing().late.items():
        if newest is not None:
            yield area, date.fromisoformat(newest) + DAY


def _moved(before: date) -> Iterable[tuple[str, date]]:
    moved = published.shown().filter(moved_on__lt=before).order_by()
    return moved.values_list("area").annotate(day=Max("moved_on"))


def of_area(area: Area) -> list[News]:
    """What a feed tells of an area, newest first: at most `SHOWN` of the last `DAYS` days."""
    since = day() - timedelta(days=DAYS)
    found = [*_promise_news(area), *_report_news(area), *_releases()]
    kept = sorted((each for each in found if each.day >= since), key=lambda each: each.name)
    return sorted(kept, key=lambda each: each.day, reverse=True)[:SHOWN]


def day() -> date:
    """The day of which news are told: that of the standing; before the first drawing, this one."""
    return promises.standing().day or timezone.localdate()


def _promise_news(area: Area) -> Iterable[News]:
    shown = _promises().filter(area=area).select_related("organisation", "topic")
    for promise in shown.order_by("-number")[: 4 * SHOWN]:
        if promise.ended_on is not None:
            yield News(promise.ended_on, "ended", promise=promise)
        elif promise.late:
            yield News(promise.due_on + DAY, "late", promise=promise)
        else:
            yield News(promise.made_on, "made", promise=promise)


def _report_news(area: Area) -> Iterable[News]:
    shown = published.shown().filter(area=area).select_related("topic", "area", "lead")
    for report in published.intact(shown.order_by("-id")[:SHOWN]):
        yield News(report.moved_on, report.status, report=report)


def _releases() -> Iterable[News]:
    for release in Release.objects.order_by("-number")[:SHOWN]:
        yield News(timezone.localtime(release.made_at).date(), "made", release=release)


def _promises() -> QuerySet[ShownPromise]:
    return ShownPromise.objects.exclude(outcome=Promise.Outcome.DROPPED)
