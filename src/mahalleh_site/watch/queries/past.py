"""How the watch did over the city's own past."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet

from mahalleh.calendars import month_start, next_month
from mahalleh_site.watch.models import Run, Signal
from mahalleh_site.watch.pages import Calibration
from mahalleh_site.watch.queries.lists import standing

if TYPE_CHECKING:
    from mahalleh_site.watch.queries.lists import StandingSignal

YEAR = 365.2425  # days
DECIDED = ("watching", "dismissed", "problem")


def calibration() -> Calibration | None:
    """What came of all looks so far; None before the first.

    `leads`: of signals whose rise became plain to anyone, the periods from the first sighting until then:
    until the count of one period in one neighbourhood alone passed a bound that errs as often as the watch
    (evidence.plain_from). `expired` counts those that somebody could have decided on.
    """
    runs = Run.objects.order_by("start")
    first, newest = runs.first(), runs.last()
    if first is None or newest is None:
        return None
    found = standing()
    states = Counter(found.values_list("stands", flat=True))
    years = max((newest.end - first.start).days / YEAR, 1e-9)
    signals = sum(states.values())
    return Calibration(
        first=first.start,
        last=newest.end,
        freq=newest.freq,
        looks=runs.count(),
        topics=max(int(parameters["watched"]) for parameters in runs.values_list("parameters", flat=True)),
        rate=float(newest.parameters["rate"]),
        signals=signals,
        a_year=signals / years,
        decided=sum(states[status] for status in DECIDED),
        confirmed=states["problem"],
        dismissed=states["dismissed"],
        expired=found.filter(stands=Signal.Status.EXPIRED, live=True).count(),
        waiting=states["open"],
        leads=tuple(float(lead) for lead in found.values_list("lead", flat=True) if lead is not None),
        months=_months(found, first.start),
    )


def _months(found: QuerySet[StandingSignal], first: date) -> dict[date, int]:
    """Signals by the month of the city's calendar in which they came, empty months included."""
    calendar = settings.CITY.calendar
    days = [month_start(day, calendar) for day in found.values_list("opened_on", flat=True)]
    month, months = min([month_start(first, calendar), *days]), {}
    while days and month <= max(days):
        months[month] = days.count(month)
        month = next_month(month, calendar)
    return months
