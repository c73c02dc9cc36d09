"""Batches: what comes in together, how it stands in the store, and what a load takes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import polars as pl


@dataclass(frozen=True, slots=True)
class Incoming:
    """A batch on its way in.

    Attributes
    ----------
    name : str
        What it is called, such as its file's name.
    digest : str
        Of its source: the same for the same bytes.
    frames : iterable of polars.DataFrame
        Its events in `SCHEMA`, read once.
    speaks_for : (str, datetime.date, datetime.date) or None
        The source, and the first and last day that it tells of, where that is known beforehand: then the same
        name is the same batch.
    refused : callable
        How many rows of it were refused; asked once its frames are read. A batch that lost all its rows tells
        of no day, whatever it speaks for.
    named : bool
        Whether its sources are known to have names of their own, even where one is called like the batch.
    """

    name: str
    digest: str
    frames: Iterable[pl.DataFrame]
    speaks_for: tuple[str, date, date] | None = None
    refused: Callable[[], int] = int
    named: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch in the store.

    A file of which no row could be kept is a batch of no rows, with empty days, so that it counts as loaded.

    Attributes
    ----------
    name, digest : str
        As they came in.
    rows, n : int
        Its rows, and the sum of their counts.
    first, last : str
        The days of its first and its last event (ISO).
    recorded : str
        The last day of recording (ISO).
    resolutions : tuple of str
        Those of its `need` events and of its `activity` events, as `kind:resolution`.
    files : tuple of str
        Paths below the store's folder.
    covers : tuple of tuple of str
        What it tells of (`mahalleh.coverage`): source, first and last day, whether that was `stated` or is
        only what its events show (`seen`), and its topics.
    named : bool
        As it came in; False in stores that did not ask yet.
    """

    name: str
    digest: str
    rows: int
    n: int
    first: str
    last: str
    recorded: str
    resolutions: tuple[str, ...]
    files: tuple[str, ...]
    covers: tuple[tuple[str, ...], ...] = ()
    named: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a load takes out of the store.

    Attributes
    ----------
    batch : Batch
        As it stands before.
    rows : int
        How many of its rows go.
    left : Batch or None
        What stays of it; None where it goes whole.
    """

    batch: Batch
    rows: int
    left: Batch | None


Agree: TypeAlias = Callable[[Sequence[Taken], Sequence[Batch]], None]
