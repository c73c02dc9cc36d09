"""Signals in lists: the strongest and newest first.

A signal whose time has passed stands as expired on every page from that day on, whether or not a turn of the
loop has recorded it yet: an undecided signal runs out in public view (guard-rail 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Case, F, Prefetch, QuerySet, Value, When
from django.utils import timezone

from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.watch.models import Decision, Run, Signal
from mahalleh_site.watch.pages import Rise, SignalRow, Verdict

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Stands(TypedDict):
        stands: str

    StandingSignal: TypeAlias = WithAnnotations[Signal, _Stands]


class FilterChoices(TypedDict):
    """What the list can be narrowed to."""

    topics: QuerySet[Topic]
    districts: QuerySet[District]


def signals(topic: str = "", district: str = "", status: str = "") -> list[SignalRow]:
    """Signals by topic, district and state; the newest first, of one period the strongest."""
    found = whole()
    if topic:
        found = found.filter(topic_id=topic)
    if status:
        found = found.filter(stands=status)
    if district:
        found = found.filter(areas__district_id=district).distinct()
    return rows(found)


def undecided() -> list[SignalRow]:
    """Signals that wait for a decision, the oldest promise first."""
    return rows(whole().filter(stands=Signal.Status.OPEN).order_by("expires_on", "id"))


def signal_row(signal_id: str) -> SignalRow:
    """One signal as in a list.

    Raises:
        Signal.DoesNotExist: where there is none.
    """
    return rows([whole().get(id=signal_id)])[0]


def filter_choices() -> FilterChoices:
    """What the list can be narrowed to: topics that ever had a signal, and all districts."""
    return FilterChoices(
        topics=Topic.objects.filter(signals__isnull=False).distinct(), districts=District.objects.all()
    )


def last_look() -> Run | None:
    """The look at the newest period, or None before the first."""
    return Run.objects.first()


def stated_rate() -> float | None:
    """False signals a year that the newest look was set to allow, all topics together."""
    run = Run.objects.first()
    return None if run is None else float(run.parameters["rate"])


def rows(found: Iterable[StandingSignal]) -> list[SignalRow]:
    """Signals, read whole, as pages want them; areas with the centre first."""
    return [_row(signal) for signal in found]


def verdict(decision: Decision) -> Verdict:
    """A decision for staff."""
    return Verdict(
        verb=decision.verb,
        reason=decision.reason,
        considered=tuple(decision.considered),
        other=decision.other,
        role=str(decision.get_role_display()),
        organisation=decision.organisation.name,
        by=str(decision.by),
        at=decision.at,
    )


def in_order(areas: Iterable[Area], ids: Sequence[str]) -> tuple[Area, ...]:
    """The areas in the order of their ids; those that are gone are left out."""
    known = {area.pk: area for area in areas}
    return tuple(known[pk] for pk in ids if pk in known)


def today() -> date:
    """The day in the city."""
    return timezone.localdate()


def standing() -> QuerySet[StandingSignal]:
    """Signals with `stands`: their state as of today."""
    passed = When(status=Signal.Status.OPEN, expires_on__lte=today(), then=Value(Signal.Status.EXPIRED.value))
    return Signal.objects.annotate(stands=Case(passed, default=F("status")))


def whole() -> QuerySet[StandingSignal]:
    """Signals with all that a row shows, in a few queries however many they are."""
    areas = Area.objects.select_related("district").only(
        "id", "name_fa", "name_en", "district__name_fa", "district__name_en"
    )
    decisions = Decision.objects.select_related("by", "organisation")
    return (
        standing()
        .select_related("topic")
        .defer("curve", "nearby", "sources")  # a page of one signal alone shows them
        .prefetch_related(Prefetch("areas", queryset=areas), Prefetch("decisions", queryset=decisions))
    )


def _row(signal: StandingSignal) -> SignalRow:
    areas = in_order(signal.areas.all(), signal.areas_order)
    decisions = list(signal.decisions.all())
    districts = {area.district_id: area.district for area in areas if area.district is not None}
    return SignalRow(
        id=signal.id,
        topic=signal.topic,
        districts=tuple(districts.values()),
        status=signal.stands,
        opened_on=signal.opened_on,
        expires_on=signal.expires_on if signal.stands == Signal.Status.OPEN else None,
        newest=Rise(
            areas=areas,
            start=signal.start,
            end=signal.end,
            observed=signal.observed,
            expected=signal.expected,
            recurrence=signal.recurrence,
            freq=signal.freq,
        ),
        burst=signal.burst,
        verdict=verdict(decisions[0]) if decisions else None,
        live=signal.live,
    )
