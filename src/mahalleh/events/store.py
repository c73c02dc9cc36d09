"""The store: a folder of Parquet files by month and a manifest that names them.

A batch is written whole into files that nobody reads yet; replacing the manifest is the one step that makes
it exist, so a crash leaves the store as it was. What the manifest does not name is swept before the next
batch.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import Literal, TypeAlias

import polars as pl

from mahalleh import coverage, overlaps
from mahalleh.errors import EventsError
from mahalleh.events import _parquet, _retold
from mahalleh.events._facts import FACTS, listed, summary
from mahalleh.events.batches import Agree, Batch, Incoming, Taken
from mahalleh.events.schema import RESOLUTIONS, SCHEMA, check_events

# What becomes of days that an earlier batch of the same source tells already.
SameDays: TypeAlias = Literal["refuse", "replace", "add"]


class EventStore:
    """The events of a city in a folder. Many may read while one writes.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder; made with the first batch.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def batches(self) -> tuple[Batch, ...]:
        """List what has been loaded.

        Returns
        -------
        tuple of Batch
            The oldest first.

        Raises
        ------
        EventsError
            Where the manifest cannot be read.
        """
        manifest = self.path / "manifest.json"
        if not manifest.exists():
            return ()
        try:
            entries = json.loads(manifest.read_text(encoding="utf-8"))["batches"]
            return tuple(listed(entry) for entry in entries)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EventsError("events.store-unreadable", path=self.path, reason=error) from error

    def scan(self, batches: Iterable[Batch] | None = None) -> pl.LazyFrame:
        """Read events, lazily.

        Parameters
        ----------
        batches : iterable of Batch, optional
            Whose events; all that are in the store.

        Returns
        -------
        polars.LazyFrame
            In `SCHEMA`.

        Raises
        ------
        EventsError
            Where the manifest cannot be read.
        """
        chosen = self.batches() if batches is None else batches
        paths = [self.path / file for batch in chosen for file in batch.files]
        return pl.scan_parquet(paths, schema=SCHEMA) if paths else pl.LazyFrame(schema=SCHEMA)

    def bounds(self) -> tuple[date, date, date] | None:
        """Tell the days that the events cover.

        Returns
        -------
        (datetime.date, datetime.date, datetime.date) or None
            The first day, the last day and the last day of recording; None where there are no events.

        Raises
        ------
        EventsError
            Where the manifest cannot be read.
        """
        if not (batches := [batch for batch in self.batches() if batch.rows]):
            return None
        return (
            date.fromisoformat(min(batch.first for batch in batches)),
            date.fromisoformat(max(batch.last for batch in batches)),
            date.fromisoformat(max(batch.recorded for batch in batches)),
        )

    def coarsest(self, kind: str) -> str:
        """Tell the coarsest resolution among events of a kind: what a panel of them may be cut by.

        Parameters
        ----------
        kind : str
            `need` or `activity`.

        Returns
        -------
        str
            `minute`, `day` or `month`; the finest where there are none.

        Raises
        ------
        EventsError
            Where the manifest cannot be read.
        """
        held = {
            entry.split(":")[1] for b in self.batches() for entry in b.resolutions if entry.startswith(kind)
        }
        return max(held, key=RESOLUTIONS.index, default=RESOLUTIONS[0])

    def append(
        self,
        frames: Iterable[pl.DataFrame],
        *,
        digest: str,
        name: str,
        replace: bool = False,
        same_days: SameDays = "refuse",
        apart: str = "",
    ) -> Batch:
        """Add one batch, as `append_all` does.

        Parameters
        ----------
        frames : iterable of polars.DataFrame
            Its events, by the schema.
        digest : str
            Of its source.
        name : str
            What it is called.
        replace : bool
            Whether it takes the place of an earlier one of the same digest or name.
        same_days : str
            What becomes of days that are there already, see `append_all`.
        apart : str
            How the names of sources begin that are never one with a source called after its file.

        Returns
        -------
        Batch
            What is in the store now.

        Raises
        ------
        EventsError
            As `append_all`.
        """
        batch = Incoming(name, digest, frames)
        return self.append_all([batch], replace=replace, same_days=same_days, apart=apart)[0]

    def append_all(
        self,
        batches: Sequence[Incoming],
        *,
        replace: bool = False,
        same_days: SameDays = "refuse",
        agree: Agree | None = None,
        apart: str = "",
    ) -> tuple[Batch, ...]:
        """Add batches, all or none.

        A batch is the same as an earlier one where its digest is: loading it again is refused, or with
        `replace` takes the earlier one's place. The same name with another digest is another batch; `replace`
        puts it in the place of the earlier one of its name. Days that an earlier batch of the same source
        tells already (`mahalleh.overlaps`) are never counted twice unasked. Frames are checked and written as
        they come, so memory stays bounded by a frame.

        Parameters
        ----------
        batches : sequence of Incoming
            What comes in.
        replace : bool
            Whether they take the places of earlier ones.
        same_days : str
            What becomes of days that are there already: `refuse`; `replace` takes them out of the earlier
            batches; `add` counts both, since they are known to be other events.
        agree : callable, optional
            Called when all is written and nothing is changed yet, with what will be taken out and what comes
            in; what it raises leaves the store as it was.
        apart : str
            How the names of sources begin that are never one with a source called after its file.

        Returns
        -------
        tuple of Batch
            What is in the store now, in the order given.

        Raises
        ------
        EventsError
            With every batch that was loaded before, every batch whose days were, or the faults of the first
            frame that breaks the schema, or where the folder cannot be written. The store is then as it was.
        OSError
            ENOSPC or EDQUOT, with the folder: there is no room left. The store is then as it was.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with self._locked():
                return self._append_locked(
                    batches, replace=replace, same_days=same_days, agree=agree, apart=apart
                )
        except OSError as error:
            if error.errno in _parquet.FULL:
                raise OSError(error.errno, os.strerror(error.errno), str(self.path)) from error
            raise EventsError(
                "events.not-writable", path=self.path, reason=error.strerror or error
            ) from error

    def remove(self, digests: Iterable[str]) -> None:
        """Take batches out again.

        Parameters
        ----------
        digests : iterable of str
            Of batches; those that are not in the store are passed over.

        Raises
        ------
        EventsError
            Where the manifest cannot be read.
        """
        gone = set(digests)
        with self._locked():
            kept = [batch for batch in self.batches() if batch.digest not in gone]
            self._commit(kept)
            self._sweep(kept)

    def check(self) -> None:
        """Check that each file that the manifest names is there, with its number of rows.

        Raises
        ------
        EventsError
            Naming every file that is not.
        """
        damaged = []
        for batch in self.batches():
            rows = 0
            for file in batch.files:
                try:
                    rows += pl.scan_parquet(self.path / file).select(pl.len()).collect().item()
                except (OSError, pl.exceptions.PolarsError):
                    damaged.append(file)
                    break
            else:
                if rows != batch.rows:
                    damaged.append(batch.name)
        if damaged:
            raise EventsError("events.store-damaged", files=damaged)

    def _append_locked(
        self,
        batches: Sequence[Incoming],
        *,
        replace: bool,
        same_days: SameDays,
        agree: Agree | None,
        apart: str,
    ) -> tuple[Batch, ...]:
        earlier = self.batches()
        self._sweep(earlier)
        digests = [batch.digest for batch in batches]
        if twice := sorted({batch.name for batch in batches if digests.count(batch.digest) > 1}):
            raise EventsError("events.given-twice", names=twice)
        replaced = _retold.replaced_by(batches, earlier, replace=replace)
        kept = [batch for batch in earlier if batch not in replaced]
        numbers = count(
            1 + max((int(Path(f).name.split("-")[0]) for b in earlier for f in b.files), default=0)
        )
        try:
            written, days = [], []
            for batch in batches:
                done, told = self._write(batch, next(numbers))
                written.append(done)
                days.append(told)
            if not any(batch.rows for batch in written):
                raise EventsError("events.no-events", name=", ".join(batch.name for batch in batches))
            taken = [Taken(batch, batch.rows, None) for batch in replaced]
            if same_days != "add":
                _retold.check_given(self.path, written, days, apart=apart)
                taken += _retold.overlapping(
                    self.path, kept, written, days, numbers, cut=same_days == "replace", apart=apart
                )
            lasting = [*written, *(one.left for one in taken if one.left is not None)]
            _parquet.flush(self.path, [file for batch in lasting for file in batch.files])
            stays = {one.batch: one.left for one in taken}
            after = [left for each in earlier if (left := stays.get(each, each)) is not None]
            if agree is not None:
                agree(taken, written)
            self._commit([*after, *written])
        except BaseException:
            self._sweep(self.batches())  # as the manifest has it: it may stand already
            raise
        self._sweep((*after, *written))
        return tuple(written)

    def _write(self, batch: Incoming, number: int) -> tuple[Batch, pl.DataFrame]:
        """Write a batch into files that the manifest does not name yet; also the days that it tells."""
        parts: dict[str, list[Path]] = {}
        facts: list[pl.DataFrame] = []
        tells = partial(overlaps.days_of, name=batch.name, named=batch.named)
        days = [tells(pl.DataFrame(schema=SCHEMA))]
        seen = []
        for position, given in enumerate(batch.frames):
            frame = check_events(given)
            facts.append(frame.select(FACTS))
            days.append(tells(frame))
            seen.append(coverage.seen(frame))
            months = frame.with_columns(pl.col("time").dt.strftime("%Y-%m").alias("month"))
            for (month,), part in months.partition_by("month", as_dict=True, include_key=False).items():
                folder = self.path / f"month={month}"
                folder.mkdir(exist_ok=True)
                parts.setdefault(str(month), []).append(folder / f"{number:06d}-{position}.parquet")
                _parquet.write(part, parts[str(month)][-1])
        told = pl.concat(days).unique()
        lost = not parts and batch.refused() > 0  # it told of these days, and nobody knows what
        covers = coverage.covers(seen, None if lost else batch.speaks_for)
        if not parts:
            return Batch(batch.name, batch.digest, 0, 0, "", "", "", (), (), covers, batch.named), told
        paths = [_parquet.joined(parts[month], number) for month in sorted(parts)]
        written = tuple(str(path.relative_to(self.path)) for path in paths)
        return Batch(
            name=batch.name,
            digest=batch.digest,
            files=written,
            covers=covers,
            named=batch.named,
            **summary(facts),
        ), told

    def _commit(self, batches: Sequence[Batch]) -> None:
        manifest = self.path / "manifest.json"
        draft = manifest.with_suffix(".draft")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"version": 1, "batches": [asdict(batch) for batch in batches]}, file, indent=1)
            _parquet.sync(draft)
            draft.replace(manifest)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        with suppress(OSError):  # the list stands; a folder that cannot be flushed takes nothing from it
            _parquet.sync(self.path)

    def _sweep(self, batches: Iterable[Batch]) -> None:
        named = {self.path / file for batch in batches for file in batch.files}
        for folder in self.path.glob("month=*"):
            for file in folder.iterdir():
                if file not in named:
                    file.unlink()
            if not any(folder.iterdir()):
                shutil.rmtree(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
