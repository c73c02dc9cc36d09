"""Reports in the event store: what `NeedCount` says, as batches of `need` events, a batch for each month.

The rows of the database are the truth and the batches are drawn from them, so a crash at any step is put
right by the next count: a month whose batch is missing or another is written anew, whole. A month is that of
the day on which something was recorded; so what is written once changes no more when its month is over.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Final

import polars as pl
from django.conf import settings
from django.db.models import Sum

from mahalleh.events import SCHEMA, EventStore
from mahalleh_site.listen.models import NeedCount
from mahalleh_site.people.audit import By
from mahalleh_site.places import files
from mahalleh_site.releases import actions
from mahalleh_site.releases.models import RESIDENTS, Load

NAME: Final = "reports"


def count(*, by: By) -> int:
    """Bring the event store in line with the reports; how many months changed.

    Raises:
        BusyError: where another process counts.
        EventsError: where the store cannot be written.
    """
    with files.alone(settings.VAR, name="counting"):
        store = EventStore(files.events_path(settings.VAR))
        stored = {batch.name: batch.digest for batch in store.batches() if _ours(batch.name)}
        wanted = {month: _events(month) for month in _months()}
        changed = 0
        for month, events in wanted.items():
            name, digest = _name(month), _digest(events)
            if events.is_empty() or stored.get(name) == digest:
                continue
            _record(events, name, digest, by=by)
            store.append([events], digest=digest, name=name, replace=True, apart=f"{NAME}:")
            changed += 1
        filled = {_name(month) for month, events in wanted.items() if not events.is_empty()}
        if gone := {name: digest for name, digest in stored.items() if name not in filled}:
            store.remove(gone.values())
            actions.remove_loads(by=by, digests=list(gone.values()))
            changed += len(gone)
        return changed


def _months() -> list[date]:
    return sorted(
        {day.replace(day=1) for day in NeedCount.objects.values_list("recorded", flat=True).distinct()}
    )


def _events(month: date) -> pl.DataFrame:
    """The events of a month: sums by everything that an event may say; what cancels out is left out."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    sums = (
        NeedCount.objects.filter(recorded__gte=month, recorded__lt=following)
        .values_list("day", "recorded", "area", "cell", "topic", "channel")
        .annotate(n=Sum("n"))
        .order_by("day", "recorded", "area", "cell", "topic", "channel")
    )
    rows = [row for row in sums if row[-1]]
    frame = (
        pl.DataFrame(rows, schema=["time", "recorded", "area", "cell", "topic", "channel", "n"], orient="row")
        if rows
        else pl.DataFrame(schema={**SCHEMA, "channel": pl.String()})
    )
    return frame.with_columns(
        pl.col("time").cast(pl.Datetime("us")),
        resolution=pl.lit("day"),
        source=pl.concat_str(pl.lit(f"{NAME}:"), "channel"),
        kind=pl.lit("need"),
    ).select(list(SCHEMA)).cast(SCHEMA)  # fmt: skip


def _digest(events: pl.DataFrame) -> str:
    return hashlib.sha256(events.write_csv().encode()).hexdigest()


def _record(events: pl.DataFrame, name: str, digest: str, *, by: By) -> None:
    """The load's row, before the store: a row too many says what will stand there after the next count."""
    days: list[date] = events["time"].dt.date().to_list()
    earlier = list(Load.objects.filter(name=name).values_list("digest", flat=True))
    actions.record_load(
        by=by,
        name=name,
        format=RESIDENTS,
        digest=digest,
        read=events.height,
        kept=events.height,
        refused={},
        first=min(days),
        last=max(days),
        replaced=earlier,
    )


def _name(month: date) -> str:
    return f"{NAME} {month:%Y-%m}"


def _ours(name: str) -> bool:
    return name.startswith(f"{NAME} ") and len(name) == len(NAME) + 8
