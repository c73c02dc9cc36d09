"""The watch's loop: look at each period that nobody has looked at, and record what was found.

Safe to run twice: a period is looked at once. Safe to break: each period is a transaction of its own, and
the next call goes on where this one stopped. Looks over the past are made as if live, with what was known on
their day; where they reach periods that were looked at before, a rise on both sides is made one signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mahalleh.errors import EventsError, WatchError
from mahalleh.events import EventStore
from mahalleh.watch.alarms import MEMORY, OVERLAP, AlarmState, alarms, look_level
from mahalleh.watch.alarms import Signal as Rise
from mahalleh.watch.clumping import clumping
from mahalleh_site.people.audit import By
from mahalleh_site.places import files
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.watch import actions, evidence, loads, looking, register
from mahalleh_site.watch.looking import Looked, Watched
from mahalleh_site.watch.models import Run, Signal
from mahalleh_site.watch.scheme import METHOD, Scheme, model_version, scheme_for

Told = Callable[[int, int, date], None]
YEAR: Final = timedelta(days=365)  # for which an extremal index holds: it moves with seasons and sources
LOCK: Final = "watch-lock"
FOLLOWED: Final = ("open", "watching")  # states in which a signal's curve goes on being drawn


@dataclass(frozen=True, slots=True, eq=False)
class _City:
    """What all looks of a call share."""

    topics: Sequence[str]
    scheme: Scheme
    loads: Sequence[loads.Seen]
    events: pl.LazyFrame
    places: gpd.GeoDataFrame
    over: looking.Over | None


def watch(
    *, by: By, periods: int = 1, today: date | None = None, told: Told = lambda done, total, start: None
) -> list[Run]:
    """Look at the newest `periods` complete periods and at any since the newest look, unless done before.

    `told(done, total, start)` is called before each.

    Raises:
        NotInUseError: where the public register doesn't allow the method to work. Nothing is computed.
        EventsError: where not one complete period of needs is in the store.
        BusyError: where another process watches now.
    """
    today = today or timezone.localdate()
    with files.alone(settings.VAR, "watching.busy", name=LOCK):
        enter(by=by)
        actions.check_in_use(METHOD)
        actions.expire(by=by, today=today)
        topics, scheme, seen, events = situation(today)
        found = looking.newest_periods(events, scheme)
        if not found:
            raise EventsError("watching.no-periods")
        todo = _todo(found, scheme.freq, periods)
        if not todo:
            return []
        runs = []
        # read once, however many periods are looked at, and no further back than the oldest of them looks
        needed = events.filter(pl.col("time") >= looking.horizon(todo[0][1], scheme)).collect()
        with cluster() as over:
            city = _City(topics, scheme, seen, needed.lazy(), files.city_places(settings.VAR), over)
            for done, period in enumerate(todo):
                told(done, len(todo), period[0])
                seam = period == todo[-1] or todo[done + 1][0] > _next_run(period[0], scheme.freq)
                live = period == found[-1]
                runs.append(_watch_one(city, period, by=by, today=today, seam=seam, live=live))
        return runs


@contextmanager
def cluster() -> Iterator[looking.Over | None]:
    """The map of the cluster that MAHALLEH_DASK names; None where this machine does the work."""
    if not settings.DASK:
        yield None
        return
    from distributed import Client

    from mahalleh.watch.cluster import blocks_over

    with Client(settings.DASK) as client:  # type: ignore[no-untyped-call]  # Dask says no types of it
        yield blocks_over(client)


def enter(*, by: By) -> None:
    """Bring the register up to date with the project's and the city's files."""
    for name, entry in register.entries(Path(settings.VAR)).items():
        actions.register_method(by=by, id=name, entry=entry)


def situation(today: date) -> tuple[list[str], Scheme, list[loads.Seen], pl.LazyFrame]:
    """Topics that are watched, how, by which loads, and their events: needs alone, sealed topics never."""
    store = EventStore(files.events_path(settings.VAR))
    freq = "M" if store.coarsest("need") == "month" else "W"
    watched = Topic.objects.filter(kind=Topic.Kind.NEED).exclude(sensitivity=Topic.Sensitivity.SEALED)
    topics = list(watched.order_by("id").values_list("id", flat=True))
    seen = loads.seen(store, today=today)
    events = looking.known(loads.events(store, seen), topics)
    return topics, scheme_for(settings.CITY, freq, areas=Area.objects.count()), seen, events


def _todo(found: Sequence[tuple[date, date]], freq: str, periods: int) -> list[tuple[date, date]]:
    """Periods to look at, the oldest first."""
    done = set(Run.objects.filter(freq=freq).values_list("start", flat=True))
    newest = max(done, default=None)
    wanted = found[-max(periods, 1) :]
    since = [period for period in found if newest is not None and period[0] > newest]
    return sorted({*wanted, *since} - {period for period in found if period[0] in done})


def _next_run(start: date, freq: str) -> date:
    """When the next period begins that was looked at before; the end of days where there is none."""
    later = Run.objects.filter(freq=freq, start__gt=start).order_by("start").first()
    return date.max if later is None else later.start


def _watch_one(city: _City, period: tuple[date, date], *, by: By, today: date, seam: bool, live: bool) -> Run:
    """One look, computed and then recorded whole."""
    began = timezone.now()
    (start, end), scheme = period, city.scheme
    looked = looking.look(
        city.events,
        city.places,
        city.topics,
        period=period,
        as_of=looking.told_by(city.events, period),
        scheme=scheme,
        over=city.over,
    )
    earlier = Run.objects.filter(freq=scheme.freq, start__lt=start).order_by("-start").first()
    state = AlarmState.from_json(earlier.state) if earlier and earlier.state else None
    looks = [one for watched in looked.topics.values() if (one := watched.look()) is not None]
    scheme, since = _clumped(scheme, looked, city.places)
    rate = scheme.held_rate(len(looks))
    found = alarms(
        looks,
        rate=rate,
        looks_a_year=scheme.looks_a_year,
        topics=max(len(looks), 1),
        clumping=scheme.clumping,
        state=state,
    )
    seen = [_seen(signal, looked) for signal in found.signals if signal.newest.period == np.datetime64(start)]
    is_newest = not Run.objects.filter(freq=scheme.freq, start__gt=start).exists()
    facts = {
        "method_id": METHOD,
        "freq": scheme.freq,
        "start": start,
        "end": end,
        "as_of": looked.as_of,
        "live": live,
        "data_version": looked.digest,
        "loads": [one.as_json() for one in city.loads],
        "model_version": model_version(),
        "parameters": scheme.as_json()
        | {
            "rate": rate,
            "stated_rate": scheme.rate,
            "watched": len(looks),
            "clumping_since": since.isoformat(),
        },
        "state": found.state.to_json(),
        "topics": {name: _how(watched) for name, watched in looked.topics.items()},
        "started_at": began,
    }
    with transaction.atomic():
        shown = _evidence(looked, seen, found.state, is_newest=is_newest)
        run = actions.record_look(by=by, facts=facts, seen=seen, evidence=shown, today=today)
        if seam and not is_newest:
            _sew(found.state, run, by=by)
    return run


def _clumped(scheme: Scheme, looked: Looked, places: gpd.GeoDataFrame) -> tuple[Scheme, date]:
    """The scheme with the city's extremal index, and the look that it was estimated at: anew each year.

    It is that of the topic with the middle number of events, and a standard error above: too many false
    signals are worse than too few.
    """
    year = Run.objects.filter(
        freq=scheme.freq, start__lt=looked.start, start__gt=looked.start - YEAR
    ).order_by("-start")
    for run in year:
        since = date.fromisoformat(run.parameters["clumping_since"])
        if since > looked.start - YEAR:
            return replace(scheme, clumping=run.parameters["clumping"]), since
        break
    scanned = [
        (one, one.usual.of(one.topic))
        for one in looked.topics.values()
        if one.result is not None and one.usual is not None
    ]
    if not scanned or not scheme.courses:
        return scheme, looked.start
    scanned.sort(key=lambda pair: (float(pair[1].mean.sum()), pair[0].topic))
    middle, usual = scanned[len(scanned) // 2]
    level = look_level(
        rate=scheme.held_rate(len(scanned)), looks_a_year=scheme.looks_a_year, topics=len(scanned)
    )
    try:
        found = clumping(
            usual,
            seed=middle.seed,
            level=level,
            replicates=scheme.replicates,
            courses=scheme.courses,
            places=places,
            population=looking.residents(places),
            zones=scheme.zones,
            max_periods=scheme.max_periods,
            max_population=scheme.max_population,
        )
    except WatchError:  # too few draws for so low a level: the strictest index holds
        return scheme, looked.start
    return replace(scheme, clumping=min(1.0, found.index + found.standard_error)), looked.start


def _how(watched: Watched) -> dict[str, Any]:
    return {"how": watched.how, "seed": watched.seed, "digest": watched.digest}


def _seen(signal: Rise, looked: Looked) -> actions.Seen:
    """A signal's sighting at this look, as it is stored."""
    newest, watched = signal.newest, looked.topics[signal.topic]
    sources, burst = evidence.sources(looked, watched, newest.areas)
    return actions.Seen(
        id=signal.id,
        topic=signal.topic,
        areas=tuple(str(area) for area in newest.areas),
        start=newest.start.astype("datetime64[D]").astype(date),
        end=looked.end,
        observed=newest.observed,
        expected=newest.expected,
        ratio=newest.ratio,
        p_value=newest.p_value,
        recurrence=newest.recurrence,
        seed=watched.seed,
        burst=burst,
        sources=sources,
    )


def _evidence(
    looked: Looked, seen: Sequence[actions.Seen], state: AlarmState, *, is_newest: bool
) -> list[actions.Evidence]:
    """What is known of signals that were seen now, that the alarms still hold, or that are followed."""
    wanted = {one.id: (one.topic, one.areas, one.start, one.end) for one in seen}
    held = [signal.id for signal in state.signals]
    followed = Signal.objects.filter(id__in=held) | (
        Signal.objects.filter(status__in=FOLLOWED) if is_newest else Signal.objects.none()
    )
    first = {one.id: looked.start for one in seen}
    for signal in followed.filter(freq=looked.scheme.freq):
        wanted.setdefault(signal.id, (signal.topic_id, tuple(signal.areas_order), signal.start, signal.end))
    for signal in Signal.objects.filter(id__in=wanted).prefetch_related("sightings__run"):
        first[signal.id] = min(sighting.run.start for sighting in signal.sightings.all())
    scans = sum(one.result is not None for one in looked.topics.values())
    looks = looked.scheme.looks_a_year * max(scans, 1)
    found = []
    for signal_id, (topic, areas, start, end) in wanted.items():
        watched = looked.topics.get(topic)
        if watched is None or watched.counts is None:
            continue
        level = looked.scheme.held_rate(scans) / (looks * watched.counts.sizes["area"])
        found.append(
            actions.Evidence(
                signal_id=signal_id,
                curve=evidence.curve(watched, areas, looked.scheme.freq),
                nearby=evidence.nearby(looked.topics, topic, areas, start, end),
                lead=_lead(watched, areas, start, first[signal_id], level=level),
            )
        )
    return found


def _lead(watched: Watched, areas: Sequence[str], since: date, first: date, *, level: float) -> int | None:
    """Periods from the first sighting until the rise was plain; below nought where it was plain before."""
    plain = evidence.plain_from(watched, areas, since, level=level)
    if plain is None:
        return None
    seen, shown = np.searchsorted(watched.periods, [np.datetime64(first), np.datetime64(plain)])
    return int(shown - seen)


def _sew(state: AlarmState, run: Run, *, by: By) -> None:
    """Where looks over the past reach those made before: a rise on both sides of the seam is one signal."""
    after = list(Run.objects.filter(freq=run.freq, start__gt=run.start).order_by("start")[:MEMORY])
    for signal in state.signals:
        old = set(signal.newest.areas)
        for later in Signal.objects.filter(topic_id=signal.topic, sightings__run__in=after).distinct():
            seen = later.sightings.order_by("run__start").first()
            if later.id == signal.id or seen is None or seen.run not in after:
                continue
            shared = len(old & set(seen.areas)) / min(len(old), len(seen.areas))
            if shared >= OVERLAP:
                actions.join_signals(by=by, earlier=signal.id, later=later.id)
                break
