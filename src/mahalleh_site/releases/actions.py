"""The releases room's only writers: the record of what was loaded and published. Each is atomic and leaves an
audit row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db import transaction

from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.releases.models import Load, Release, Tally

REPLACED: Final = "replaced"  # the reason of rows whose days a later load read anew


@transaction.atomic
def record_load(
    *,
    by: By,
    name: str,
    format: str,
    digest: str,
    read: int,
    kept: int,
    refused: Mapping[str, Mapping[str, Any]],
    first: date | None,
    last: date | None,
    replaced: Sequence[str] = (),
) -> Load:
    """Record a batch of the event store. `replaced`: digests of the batches that it stands for.

    Raises:
        ValueError: where read is not kept + refused: then a reader has lost rows, which must not pass.
    """
    if read != kept + sum(reason["count"] for reason in refused.values()):
        raise ValueError(f"{name}: {read} rows read, {kept} kept, and the refused do not make up the rest")
    Load.objects.filter(digest__in=[*replaced, digest]).delete()
    load = Load.objects.create(
        name=name[:200],
        format=format,
        digest=digest,
        rows_read=read,
        rows_kept=kept,
        refused={key: dict(value) for key, value in refused.items()},
        first=first,
        last=last,
    )
    audit.record(
        by=by,
        verb="load",
        object=load.name,
        facts={"format": format, "digest": digest, "read": read, "kept": kept},
    )
    return load


@transaction.atomic
def record_taken(*, by: By, digest: str, rows: int, left: int) -> None:
    """Record that a later load took rows out of an earlier one; a load of which nothing is left goes.

    Read = kept + refused still: what went counts as refused (`replaced`).
    """
    load = Load.objects.select_for_update().filter(digest=digest).first()
    if load is None:
        return
    audit.record(by=by, verb="load", object=load.name, facts={"digest": digest, "taken": rows, "left": left})
    if not left:
        load.delete()
        return
    gone = load.refused.get(REPLACED, {"count": 0, "lines": []})
    load.refused = {**load.refused, REPLACED: {**gone, "count": gone["count"] + rows}}
    load.rows_kept -= rows
    load.save()


@transaction.atomic
def remove_loads(*, by: By, digests: Sequence[str]) -> None:
    """Take away the rows of batches that the event store holds no longer, each with an entry of its own."""
    for load in Load.objects.filter(digest__in=digests):
        audit.record(by=by, verb="remove-load", object=load.name, facts={"digest": load.digest})
        load.delete()


@transaction.atomic
def record_release(*, by: By, **facts: Any) -> Release:
    """Record a release whose files stand: from here on pages show it. `facts`: the model's fields."""
    release = Release.objects.create(**facts)
    audit.record(
        by=by,
        verb="release",
        object=str(release.number),
        facts={
            "digest": release.digest,
            "rows": release.rows,
            "hidden": release.hidden,
            "epsilon": release.epsilon,
            "threshold": release.threshold,
        },
    )
    return release


@transaction.atomic
def record_tallies(*, by: By, table: str, tallies: Sequence[Tally]) -> None:
    """Freeze the noisy counts of a table's weeks: from here on pages show them; they are drawn no more."""
    Tally.objects.bulk_create(tallies, batch_size=1000)
    starts = [tally.start for tally in tallies]
    facts = {"cells": len(tallies), "first": min(starts).isoformat(), "last": max(starts).isoformat()}
    audit.record(by=by, verb="draw-tables", object=table, facts=facts)
