"""Invented signals, ready for pages: what queries hand over, without a run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from mahalleh_site.places.models import Area, Topic
from mahalleh_site.watch import pages

TODAY = date(2026, 10, 31)
START, END = TODAY - timedelta(weeks=5), TODAY


def areas(count: int = 4) -> tuple[Area, ...]:
    """The first neighbourhoods of the sample city."""
    return tuple(Area.objects.select_related("district").order_by("pk")[:count])


def rise(
    count: int = 4, observed: float = 102, expected: float = 41.2, recurrence: float = 991.0
) -> pages.Rise:
    """102 reports where about 41 were expected; once in 991 weeks, or 19 years."""
    return pages.Rise(areas(count), START, END, observed, expected, recurrence, "W")


def verdict(verb: str = "watch") -> pages.Verdict:
    """A coordinator's decision."""
    return pages.Verdict(
        verb=verb,
        reason="Three lamps along the canal have been dark since the works began.",
        considered=("lighting", "talk"),
        other="Ask the contractor for temporary lamps",
        role="coordinator",
        organisation="Municipality",
        by="Nasrin",
        at=datetime(2026, 10, 30, 9, 30, tzinfo=UTC),
    )


def row(
    id: str = "street-lighting-m01-2026w40", topic: str = "street-lighting", status: str = "open", **given
):
    """A signal in a list."""
    seen = rise(**given)
    return pages.SignalRow(
        id=id,
        topic=Topic.objects.get(pk=topic),
        districts=tuple({area.district.pk: area.district for area in seen.areas}.values()),
        status=status,
        opened_on=END - timedelta(days=9),
        expires_on=END + timedelta(days=19),
        newest=seen,
        burst=topic == "noise",
        verdict=None if status in ("open", "expired") else verdict(),
    )


def curve() -> tuple[pages.CurvePoint, ...]:
    """A year of weeks with a rise at its end; the last two weeks await late reports."""
    points = []
    for week in range(52):
        start = END - timedelta(weeks=52 - week)
        inside = week >= 47
        expected = 8.2 + 2.5 * ((week % 26) / 26)
        observed = round(expected * (2.4 if inside else 1) + (3 if week % 3 else -2))
        points.append(
            pages.CurvePoint(
                start=start,
                end=start + timedelta(weeks=1),
                observed=observed,
                expected=expected,
                low=max(0.0, expected - 6),
                high=expected + 7,
                completed=observed * 1.12 if week >= 50 else None,
                inside=inside,
            )
        )
    return tuple(points)


def page(status: str = "open") -> pages.SignalPage:
    """All about the signal."""
    first = row(status=status)
    sources = (
        ("line-137", 60.0, 55.0, 22.0, 400.0),
        ("web", 30.0, 70.0, 29.0, 260.0),
        ("counter", 12.0, 90.0, 36.0, 700.0),
    )
    return pages.SignalPage(
        row=first,
        curve=curve(),
        sources=tuple(
            pages.SourceShare(name, n, n / 102, left, expected, seldom)
            for name, n, left, expected, seldom in sources
        ),
        similar=(
            row(
                "street-lighting-m02-2025w50",
                status="dismissed",
                count=2,
                observed=40,
                expected=20.5,
                recurrence=60,
            ),
        ),
        nearby=(
            pages.Nearby(Topic.objects.get(pk="litter"), 61, 55.0),
            pages.Nearby(Topic.objects.get(pk="noise"), 48, 44.5),
        ),
        services=None,
        sightings=(rise(), rise(3, 61, 27.3, 300.0), rise(2, 38, 18.0, 80.0)),
        verdicts=() if status in ("open", "expired") else (verdict(),),
        computed=pages.Computation(
            "negative-binomial", "0.2.0", "3f9c2ab41d77", 20261031, date(2026, 11, 1), 999, "watch 1"
        ),
    )


def public(status: str = "watching") -> pages.PublicSignal:
    """A decided signal as anyone sees it."""
    return pages.PublicSignal(
        topic=Topic.objects.get(pk="street-lighting"),
        place=areas(1)[0],
        scope="together",
        start=START,
        end=END,
        step="twice",
        status=status,
        decided_on=END,
        verdict=None if status == "expired" else verdict(),
    )


def calibration() -> pages.Calibration:
    """Two years of looks."""
    return pages.Calibration(
        first=date(2024, 11, 2), last=END, freq="W", looks=104, topics=8, rate=2.0, signals=13, a_year=6.5,
        decided=9, confirmed=4, dismissed=3, expired=1,
        waiting=2, leads=(1.0, 2.0, 2.0, 3.0, 5.0),
        months={date(2026, 10, 23): 2, date(2026, 9, 23): 1},
    )  # fmt: skip


def stored(
    id: str = "street-lighting-m01",
    *,
    topic: str = "street-lighting",
    at: tuple[str, ...] | None = None,
    weeks_ago: int = 0,
    **changes,
):
    """The same signal in the database, with the run that saw it."""
    from mahalleh_site.watch.models import Method, Run, Sighting, Signal

    end = END - timedelta(weeks=weeks_ago)
    ids = list(at or [area.pk for area in areas()])
    numbers = {"observed": 102, "expected": 41.2, "ratio": 33.5, "p_value": 0.001, "recurrence": 991.0}
    numbers |= {name: changes.pop(name) for name in list(changes) if name in numbers}
    window = {"start": end - timedelta(weeks=5), "end": end}
    method, _made = Method.objects.get_or_create(id="watch", defaults={"version": "1"})
    run, _made = Run.objects.get_or_create(
        freq="W",
        start=end - timedelta(weeks=1),
        defaults={
            "method": method,
            "end": end,
            "as_of": end + timedelta(days=1),
            "data_version": "3f9c2ab41d77" * 5,
            "model_version": "0.2.0",
            "parameters": {"rate": 2.0, "model": "negative-binomial", "replicates": 999, "watched": 1},
            "topics": {
                topic: {"how": "regression"},
                "noise": {"how": "short-history"},
                "litter": {"how": "watch.too-little-history"},
            },
            "started_at": datetime(2026, 11, 1, 3, tzinfo=UTC),
            "finished_at": datetime(2026, 11, 1, 3, 1, tzinfo=UTC),
        },
    )
    curve_ = [
        {
            "start": point.start.isoformat(),
            "end": point.end.isoformat(),
            "observed": point.observed,
            "expected": point.expected,
            "low": point.low,
            "high": point.high,
            "completed": point.completed,
        }
        for point in curve()
    ]
    share = {"left_observed": 55, "left_expected": 22.0, "left_recurrence": 400.0}
    signal = Signal.objects.create(
        id=id,
        topic_id=topic,
        areas_order=ids,
        freq="W",
        first_start=window["start"],
        opened_on=changes.pop("opened_on", end + timedelta(days=1)),
        expires_on=changes.pop("expires_on", timezone.localdate() + timedelta(days=9)),
        sources=[{"source": "line-137", "observed": 60, "share": 60 / 102, **share}],
        curve=curve_,
        nearby=[{"topic": "litter", "observed": 61, "usual": 55.0}],
        **window,
        **numbers,
        **changes,
    )
    signal.areas.set(ids)
    Sighting.objects.create(signal=signal, run=run, areas=ids, seed=20261031, **window, **numbers)
    return signal


def method() -> pages.MethodEntry:
    """A complete entry of the register."""
    return pages.MethodEntry(
        name="watch",
        title="Watch for rises",
        version="1",
        purpose="To notice early where reports rise more than chance explains.",
        data="Counts of what residents report, by neighbourhood, week and topic.",
        errors={"rate": 2.0, "false_a_year": 2.1, "found": 0.62, "weeks": 3.0, "benchmark": "detection.py"},
        owner="Municipality, coordinator",
        reviewed_on=END,
        expires_on=END + timedelta(days=365),
        in_use=True,
    )
