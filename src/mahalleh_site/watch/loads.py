"""Which loads a look saw: whatever is loaded after it, on the same day too, is no part of it.

Residents' reports are one batch a month, written anew at each count. Of them a look sees the days before its
own: what was recorded on a day that is over stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from mahalleh.events import Batch, EventStore
from mahalleh_site.releases.models import RESIDENTS, Load


@dataclass(frozen=True, slots=True)
class Seen:
    """A load that a look saw. `until`: the last day of recording whose events it saw."""

    digest: str
    name: str
    until: date

    def as_json(self) -> list[str]:
        """For the log of runs; `from_json` makes an equal one of it."""
        return [self.digest, self.name, self.until.isoformat()]

    @classmethod
    def from_json(cls, data: Sequence[str]) -> Seen:
        """The load of an earlier run."""
        digest, name, until = data
        return cls(digest, name, date.fromisoformat(until))


def seen(store: EventStore, *, today: date) -> list[Seen]:
    """What a look of today sees."""
    growing = set(Load.objects.filter(format=RESIDENTS).values_list("digest", flat=True))
    closed = today - timedelta(days=1)
    found = []
    for batch in store.batches():
        if batch.rows:
            recorded = date.fromisoformat(batch.recorded)
            until = min(recorded, closed) if batch.digest in growing else recorded
            found.append(Seen(batch.digest, batch.name, until))
    return found


def events(store: EventStore, loads: Sequence[Seen]) -> pl.LazyFrame:
    """The events of the loads, as far as they were seen; of one that was written anew, those of its name."""
    batches = store.batches()
    held = {batch.digest for batch in batches}
    until = {one.digest: one.until for one in loads}
    anew = {one.name: one.until for one in loads if one.digest not in held}
    whole: list[Batch] = []
    parts: list[pl.LazyFrame] = []
    for batch in batches:
        last = until.get(batch.digest, anew.get(batch.name))
        if last is None or not batch.rows:
            continue
        if batch.recorded <= last.isoformat():
            whole.append(batch)
        else:
            parts.append(store.scan([batch]).filter(pl.col("recorded") <= last))
    return pl.concat([store.scan(whole), *parts])
