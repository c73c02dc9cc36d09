"""What a load tells and the store has already: refused, or taken out of the earlier batches.

Which rows are the same is `mahalleh.overlaps`'s; here they are looked for in the store's files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from mahalleh import overlaps
from mahalleh.errors import EventsError, Faults
from mahalleh.events._facts import FACTS, summary
from mahalleh.events._parquet import month_of, write
from mahalleh.events.batches import Batch, Incoming, Taken


def replaced_by(batches: Sequence[Incoming], earlier: Sequence[Batch], *, replace: bool) -> list[Batch]:
    """The batches whose places are taken: those of the same content, or else of the same name.

    Raises:
        EventsError: where content was loaded before and `replace` is not set.
    """
    faults = Faults(EventsError)
    found: dict[Batch, None] = {}
    for new in batches:
        same = [
            old
            for old in earlier
            if old.digest == new.digest or (new.speaks_for is not None and old.name == new.name)
        ]
        for old in same:
            faults.add(
                "events.already-loaded", name=new.name, earlier=old.name, first=old.first, last=old.last
            )
        found |= dict.fromkeys(same or [old for old in earlier if old.name == new.name])
    if replace:
        return list(found)
    faults.raise_if_any()
    return []


def check_given(store: Path, written: Sequence[Batch], days: Sequence[pl.DataFrame], *, apart: str) -> None:
    """Refuse days that two batches of one load tell."""
    faults = Faults(EventsError)
    for position, (new, told) in enumerate(zip(written, days, strict=True)):
        for other in written[:position]:
            if (found := _shared(store, other, new, told, apart=apart)) is not None:
                faults.add("events.days-given-twice", name=new.name, other=other.name, **found)
    faults.raise_if_any()


def overlapping(
    store: Path,
    kept: Sequence[Batch],
    written: Sequence[Batch],
    days: Sequence[pl.DataFrame],
    numbers: Iterator[int],
    *,
    cut: bool,
    apart: str,
) -> list[Taken]:
    """Days of batches that stay which the new ones tell again: refused, or (`cut`) written without them.

    Raises:
        EventsError: with the days of every batch.
    """
    faults = Faults(EventsError)
    taken = []
    for old in kept:
        again = []
        for new, told in zip(written, days, strict=True):
            if (found := _shared(store, old, new, told, apart=apart)) is not None:
                again.append(told)
                faults.add("events.days-loaded", name=new.name, earlier=old.name, **found)
        if again and cut:
            taken.append(_without(store, old, pl.concat(again), next(numbers), apart=apart))
    if not cut:
        faults.raise_if_any()
    return taken


def _shared(store: Path, old: Batch, new: Batch, told: pl.DataFrame, *, apart: str) -> dict[str, Any] | None:
    """The sources, days and number of rows of `old` that `new` tells again; None where there are none."""
    if not old.rows or not new.rows or old.first[:7] > new.last[:7] or new.first[:7] > old.last[:7]:
        return None
    months = {str(day)[:7] for day in told["day"].unique().to_list()}
    files = [store / file for file in old.files if month_of(file) in months]
    if not files:
        return None
    if not overlaps.akin(pl.scan_parquet(files), told, name=old.name, named=old.named):
        return None
    rows = pl.read_parquet(files, memory_map=False)
    rows = rows.filter(overlaps.shared(rows, told, name=old.name, named=old.named, apart=apart))
    if rows.is_empty():
        return None
    days = overlaps.runs(rows["time"].dt.date().unique().to_list())
    return {"sources": rows["source"].unique().sort().to_list(), "days": days, "rows": rows.height}


def _without(store: Path, old: Batch, told: pl.DataFrame, number: int, *, apart: str) -> Taken:
    """Write a batch once more without the rows that newer ones tell."""
    months = {str(day)[:7] for day in told["day"].unique().to_list()}
    files, facts = [], []
    for file in old.files:
        rows = pl.read_parquet(store / file, memory_map=False)
        stays = rows
        if month_of(file) in months:
            again = overlaps.shared(rows, told, name=old.name, named=old.named, apart=apart)
            stays = rows.filter(~again)
        if stays.is_empty():
            continue
        facts.append(stays.select(FACTS))
        if stays.height < rows.height:
            file = str(Path(file).with_name(f"{number:06d}-all.parquet"))
            write(stays, store / file)
        files.append(file)
    if not facts:
        return Taken(old, old.rows, None)
    left = replace(old, files=tuple(files), **summary(facts))
    return Taken(old, old.rows - left.rows, left)
