"""What is new about a neighbourhood, by day: promises that ended or became late, shown reports that moved.

Nothing here goes beyond what the neighbourhood's page shows: topics that are told of openly, promises that
were not dropped, reports that a moderator published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from mahalleh_site.listen.models import Report, Step
from mahalleh_site.listen.queries import published
from mahalleh_site.places.models import Area, Promise, Topic
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
    promise: Promise | None = None
    report: Report | None = None
    release: Release | None = None

    @property
    def name(self) -> str:
        """What it is, as no other piece of news is named."""
        if self.promise is not None:
            return f"promise:{self.promise.pk}:{self.state}"
        if self.report is not None:
            return f"report:{self.report.number}:{self.state}:{self.day.isoformat()}"
        return f"release:{self.release.number if self.release else 0}"


def latest(before: date) -> dict[str, date]:
    """The newest day of news of every area that had any before a day: area's id -> day.

    A promise becomes late on the day after it was due.
    """
    told: dict[str, date] = {}
    for rows, later in ((_ended(before), 0), (_late(before), 1), (_moved(before), 0)):
        for area, day in rows:
            found = day + later * DAY
            told[area] = max(found, told.get(area, found))
    return told


def _ended(before: date) -> Iterable[tuple[str, date]]:
    ended = _promises().filter(ended_on__lt=before).order_by()
    return ended.values_list("area").annotate(day=Max("ended_on"))


def _late(before: date) -> Iterable[tuple[str, date]]:
    overdue = Q(ended_on=None) | Q(ended_on__gt=F("due_on"))
    late = _promises().filter(overdue, due_on__lt=before - DAY).order_by()
    return late.values_list("area").annotate(day=Max("due_on"))


def _moved(before: date) -> Iterable[tuple[str, date]]:
    moved = _steps().filter(report__in=published.shown(), day__lt=before).order_by()
    return moved.values_list("report__area").annotate(day=Max("day"))


def of_area(area: Area, today: date) -> list[News]:
    """What a feed tells of an area, newest first: at most `SHOWN` of the last `DAYS` days."""
    since = today - timedelta(days=DAYS)
    found = [*_promise_news(area, today), *_report_news(area), *_releases(since)]
    kept = sorted((each for each in found if since <= each.day <= today), key=lambda each: each.name)
    return sorted(kept, key=lambda each: each.day, reverse=True)[:SHOWN]


def _promise_news(area: Area, today: date) -> Iterable[News]:
    open_ = _promises().filter(area=area, open_to_all=True)
    for promise in open_.select_related("organisation", "topic").order_by("-id")[: 4 * SHOWN]:
        if promise.ended_on is not None:
            yield News(promise.ended_on, "ended", promise=promise)
        elif promise.due_on < today:
            yield News(promise.due_on + DAY, "late", promise=promise)
        else:
            yield News(promise.made_on, "made", promise=promise)


def _report_news(area: Area) -> Iterable[News]:
    rows = published.shown().filter(area=area).select_related("topic", "area", "lead").order_by("-id")
    reports = published.intact(rows[:SHOWN])
    steps = _steps().filter(report__in=[report.pk for report in reports]).order_by()
    days = dict(steps.values_list("report").annotate(newest=Max("day")))
    for report in reports:
        yield News(days.get(report.pk, report.changed_on), report.status, report=report)


def _releases(since: date) -> Iterable[News]:
    for release in Release.objects.order_by("-number")[:SHOWN]:
        day = timezone.localtime(release.made_at).date()
        if day >= since:
            yield News(day, "made", release=release)


def _promises() -> QuerySet[Promise]:
    kept = Promise.objects.filter(topic__sensitivity=Topic.Sensitivity.OPEN)
    return kept.exclude(outcome=Promise.Outcome.DROPPED)


def _steps() -> QuerySet[Step]:
    """Steps that everyone may see, and the one with which a report was shown to everyone."""
    return Step.objects.exclude(verb__in=[verb for verb in published.HIDDEN_VERBS if verb != "publish"])
