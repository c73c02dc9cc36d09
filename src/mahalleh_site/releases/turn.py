"""One turn from events to what the public may have.

The order of writing is the safety: the ledger that freezes the noise first, then the table that pages read,
then the public files under their final name, then the database row that makes pages look. A crash in between
leaves the noise frozen, so the next turn publishes the same numbers, and no page ever meets half a release.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import polars as pl
import xarray as xr
from django.conf import settings
from django.db.models import Max

from mahalleh import disclose
from mahalleh.coverage import missing_days
from mahalleh.errors import EventsError
from mahalleh.events import EventStore
from mahalleh.panel import panel, period_edges
from mahalleh.spans import reported_spans
from mahalleh_site.city import City
from mahalleh_site.people.audit import By
from mahalleh_site.places import files
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.releases import account, actions, frozen, package
from mahalleh_site.releases.models import Release

KEPT: Final = 2  # tables for pages: the one shown, and the one that a page may still be reading
RULES: Final = 2  # counts up when the same events make another table, so that the next turn publishes it
OWN: Final = "reports:"  # how the house's own sources begin: it knows of every day, the quiet ones too
WAITING: Final = "waiting"  # how many events wait to be added to what is published
ORDER: Final = ["topic", "level", "place", "start"]


@dataclass(frozen=True, slots=True)
class _Table:
    """What a turn makes of the events. `cells` holds small values, `public` does not."""

    cells: pl.DataFrame
    public: pl.DataFrame
    ledger: pl.DataFrame
    waiting: int


def publish(*, by: By, revise: bool = False) -> Release | None:
    """One turn: draw noise for complete periods that have none yet, write the release, record it.

    None where nothing is new. `revise`: late reports of periods that were published before are added too,
    each with noise of its own, so that every event is counted once under one draw.

    Raises:
        EventsError: where there are no events, or not one complete period.
        BusyError: where another turn runs.
        DisclosureError: where it would cost an event more than the city has stated, or not come out; nothing
            is written then.
    """
    folder, city = settings.VAR, settings.CITY
    with files.alone(folder):
        latest = Release.objects.first()
        inputs = _inputs(folder, city)
        known = files.private_path(folder) / "inputs"
        if latest and not revise and known.exists() and known.read_text(encoding="ascii") == inputs:
            return None
        table = _table(folder, city, revise=revise)
        files.write_whole(files.private_path(folder) / WAITING, str(table.waiting).encode(), mode=0o600)
        counts = package.csv(table.public)
        digest = hashlib.sha256(counts).hexdigest()
        if latest is not None and latest.digest == digest:
            files.write_whole(known, inputs.encode(), mode=0o600)
            return None
        release = _write(folder, city, table, counts, digest, by=by)
        files.write_whole(known, inputs.encode(), mode=0o600)
        _forget_old(folder)
        return release


def waiting() -> int:
    """How many events came for periods that are published, and wait for a turn that revises: exact."""
    path = files.private_path(settings.VAR) / WAITING
    return int(path.read_text(encoding="ascii")) if path.exists() else 0


def ledger() -> pl.DataFrame:
    """Every draw ever made for releases, with exact counts: for the next turn and the account alone."""
    path = _ledger_path(settings.VAR)
    return pl.read_parquet(path, memory_map=False) if path.exists() else disclose.empty_ledger()


def _ledger_path(folder: Path) -> Path:
    return files.private_path(folder) / "ledger.parquet"


def _inputs(folder: Path, city: City) -> str:
    """A digest of all that a turn's result depends on, so that a turn without news costs nothing."""
    facts = {
        "rules": RULES,
        "batches": sorted(batch.digest for batch in EventStore(files.events_path(folder)).batches()),
        "topics": list(Topic.objects.order_by("id").values_list("id", "sensitivity", "kind")),
        "areas": list(Area.objects.order_by("id").values_list("id", "district_id")),
        "city": [
            city.epsilon,
            city.threshold,
            city.lag_weeks,
            city.week_start,
            city.calendar,
            city.event_cap,
        ],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _table(folder: Path, city: City, *, revise: bool) -> _Table:
    store = EventStore(files.events_path(folder))
    if not store.batches():
        raise EventsError("cli.no-events")
    events, places = store.scan(), files.city_places(folder)
    parents = dict(Area.objects.values_list("id", "district_id"))
    drawn = before = ledger()
    missing = missing_days(store.batches(), always=OWN)
    cells: list[pl.DataFrame] = []
    public: list[pl.DataFrame] = []
    waits = 0
    for job in _jobs(store, events, before, city):
        counted = _panel(events, places, job, city)
        if counted is None:
            continue
        made = disclose.release(
            counted if job.sensitivity == "open" else None,
            monthly=counted if job.sensitivity == "careful" else None,
            epsilon=city.epsilon,
            threshold=city.threshold,
            sensitivity=dict.fromkeys(job.topics, job.sensitivity),
            parents=parents,
            ledger=drawn,
            revise=revise,
            unknown={topic: _touched(counted, missing.get(topic, frozenset())) for topic in job.topics},
        )
        drawn = made.ledger
        waits += made.waiting
        cells.append(made.cells)
        public.append(made.public())
    if not cells:
        raise EventsError("cli.no-complete-period", weeks=city.lag_weeks)
    disclose.check_noise(drawn.tail(drawn.height - before.height))  # draws are only added, at the end
    whole = pl.concat(cells).sort(ORDER)
    disclose.check_cells(whole, drawn)
    account.admit("counts", drawn)
    return _Table(whole, pl.concat(public).sort(ORDER), drawn, waits)


def _touched(counted: xr.DataArray, missing: frozenset[date]) -> list[date]:
    """The first days of the periods that a day of `missing` lies in."""
    if not missing:
        return []
    days = np.sort(np.array(sorted(missing), dtype="datetime64[D]"))
    start, end = (counted[name].values.astype("datetime64[D]") for name in ("period", "period_end"))
    touched = np.searchsorted(days, start) < np.searchsorted(days, end)
    return [day.item() for day in start[touched]]


@dataclass(frozen=True, slots=True)
class _Job:
    """Topics that are counted alike: one kind, one care, one period, one span of days."""

    topics: tuple[str, ...]
    kind: str
    sensitivity: str
    freq: str
    span: tuple[date, date]


def _jobs(store: EventStore, events: pl.LazyFrame, ledger: pl.DataFrame, city: City) -> Iterator[_Job]:
    """What to count. Law 2: need and activity apart, each topic under the kind that it is. Sealed: never.

    A topic whose care or period was changed is published the new way from where the old way ended, since
    an event may be counted under one draw only.
    """
    spans = reported_spans(events, lag_weeks=city.lag_weeks)
    for kind in Topic.Kind.values:
        finest = "M" if store.coarsest(kind) == "month" else "W"
        for sensitivity, level, freq in (("open", "area", finest), ("careful", "district", "M")):
            alike: dict[tuple[date, date], list[str]] = {}
            for topic in Topic.objects.filter(kind=kind, sensitivity=sensitivity).order_by("id"):
                if span := spans.get((kind, topic.id)):
                    first = _first_free(ledger, topic.id, level=level, freq=freq, first=span[0])
                    alike.setdefault((first, span[1]), []).append(topic.id)
            for span, topics in sorted(alike.items()):
                yield _Job(tuple(topics), kind, sensitivity, freq, span)


def _first_free(ledger: pl.DataFrame, topic: str, *, level: str, freq: str, first: date) -> date:
    """The first day from which a topic has not been published at another level or by another period."""
    other = ledger.filter(
        (pl.col("topic") == topic) & ((pl.col("level") != level) | (pl.col("freq") != freq))
    )
    until = other["end"].max()
    return max(first, until) if isinstance(until, date) else first


def _panel(events: pl.LazyFrame, places: gpd.GeoDataFrame, job: _Job, city: City) -> xr.DataArray | None:
    """Exact counts of the whole periods within the job's span; None where there is not one."""
    first, past = job.span
    if first >= past:
        return None
    edges = period_edges(first, past, freq=job.freq, week_start=city.week_start, calendar=city.calendar)
    if len(edges) < 2:
        return None
    return panel(
        events,
        places,
        topics=job.topics,
        kind=job.kind,
        start=first,
        end=past,
        freq=job.freq,
        week_start=city.week_start,
        calendar=city.calendar,
    )


def _write(folder: Path, city: City, table: _Table, counts: bytes, digest: str, *, by: By) -> Release:
    number = (Release.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    files.write_whole(_ledger_path(folder), _parquet(table.ledger), mode=0o600)
    files.write_whole(frozen.cells_path(folder, number), _parquet(table.cells), mode=0o600)
    untold = int((table.cells["hidden"].cast(pl.String) == "unknown").sum())
    facts = {
        "number": number,
        "epsilon": city.epsilon,
        "threshold": city.threshold,
        "freq": _shown_freq(table.cells),
        "first": table.cells["start"].min(),
        "last": table.cells["end"].max(),
        "rows": len(table.cells),
        "hidden": int(table.cells["hidden"].is_not_null().sum()) - untold,
        "unknown": untold,
        "digest": digest,
    }
    _write_public(
        files.release_path(folder, number),
        package.contents(
            counts,
            _parquet(table.public),
            city=city,
            facts=facts,
            areas=Area.objects.all(),
            topics=Topic.objects.all(),
        ),
    )
    account.keep(account.draw_up())
    return actions.record_release(by=by, **facts)


def _write_public(target: Path, contents: Mapping[str, bytes]) -> None:
    """All the files under their final name at once. A folder without a row is a turn that broke: it goes."""
    target.parent.mkdir(exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=".release-", dir=target.parent))
    try:
        for name, data in contents.items():
            files.write_whole(draft / name, data)
        os.replace(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    files.sync_folder(target.parent)


def _shown_freq(table: pl.DataFrame) -> str:
    """The period of the finest counts."""
    return "W" if "W" in table["freq"].cast(pl.String).unique().to_list() else "M"


def _forget_old(folder: Path) -> None:
    """Drop the small values of all but the newest releases; their public files stay."""
    numbers = list(Release.objects.values_list("number", flat=True)[KEPT:])
    _unlink(frozen.cells_path(folder, number) for number in numbers)


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
