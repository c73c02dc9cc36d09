"""One signal, whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from mahalleh_site.places.models import Area, Topic
from mahalleh_site.watch.models import Sighting, Signal
from mahalleh_site.watch.pages import (
    Computation,
    CurvePoint,
    Nearby,
    Rise,
    SignalPage,
    SignalRow,
    SourceShare,
)
from mahalleh_site.watch.queries import lists

SIMILAR = 6  # earlier signals that a page shows


def signal(signal_id: str) -> SignalPage:
    """All about a signal; its numbers are those that the runs stored.

    Raises:
        Signal.DoesNotExist: where there is none.
    """
    found = lists.whole().defer(None).get(id=signal_id)
    seen = list(found.sightings.select_related("run__method"))
    ids = {area for sighting in seen for area in sighting.areas}
    areas = list(Area.objects.filter(pk__in=ids).select_related("district"))
    return SignalPage(
        row=lists.rows([found])[0],
        curve=tuple(_point(found, point) for point in found.curve),
        sources=tuple(SourceShare(**source) for source in found.sources),
        similar=tuple(_similar(found)),
        nearby=_nearby(found),
        services=None,  # the directory comes with its room
        sightings=tuple(_rise(sighting, areas, found.freq) for sighting in seen),
        verdicts=tuple(lists.verdict(decision) for decision in found.decisions.all()),
        computed=_computation(seen[0]),
    )


def curves() -> Iterator[tuple[CurvePoint, ...]]:
    """The curve of each signal."""
    for found in Signal.objects.all():
        yield tuple(_point(found, point) for point in found.curve)


def _similar(found: Signal) -> list[SignalRow]:
    """Earlier signals of the topic that share an area, the newest first."""
    ids = [area.pk for area in found.areas.all()]
    earlier = (
        lists.whole()
        .filter(topic_id=found.topic_id, areas__in=ids, first_start__lt=found.first_start)
        .exclude(id=found.id)
        .distinct()
    )
    return lists.rows(earlier[:SIMILAR])


def _nearby(found: Signal) -> tuple[Nearby, ...]:
    topics = Topic.objects.in_bulk([entry["topic"] for entry in found.nearby])
    return tuple(
        Nearby(topics[entry["topic"]], entry["observed"], entry["usual"])
        for entry in found.nearby
        if entry["topic"] in topics and topics[entry["topic"]].sensitivity != Topic.Sensitivity.SEALED
    )


def _point(found: Signal, point: dict[str, Any]) -> CurvePoint:
    start, end = date.fromisoformat(point["start"]), date.fromisoformat(point["end"])
    return CurvePoint(
        start=start,
        end=end,
        observed=point["observed"],
        expected=point["expected"],
        low=point["low"],
        high=point["high"],
        completed=point["completed"],
        inside=found.start <= start < found.end,
    )


def _rise(sighting: Sighting, areas: list[Area], freq: str) -> Rise:
    return Rise(
        areas=lists.in_order(areas, sighting.areas),
        start=sighting.start,
        end=sighting.end,
        observed=sighting.observed,
        expected=sighting.expected,
        recurrence=sighting.recurrence,
        freq=freq,
    )


def _computation(newest: Sighting) -> Computation:
    run = newest.run
    return Computation(
        model=run.parameters["model"],
        model_version=run.model_version,
        data_version=run.data_version[:12],
        seed=newest.seed,
        as_of=run.as_of,
        replicates=run.parameters["replicates"],
        method=str(run.method),
    )
