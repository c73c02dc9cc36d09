"""Events: one schema for everything that is counted, and the store that keeps them.

An event is one counted happening: when, where (an area and, at the finest, an H3 cell of resolution 9), about
which topic, from which source, whether residents needed something or somebody went looking, and how many.
There is no column for a person, an address, a text or a coordinate, and none can be added: the door refuses.

The store is a folder of Parquet files by month and a manifest that names them. A batch is written whole into
files that nobody reads yet; replacing the manifest is the one step that makes it exist, so a crash leaves the
store as it was. What the manifest does not name is swept before the next batch.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from mahalleh.errors import EventsError, Faults
from mahalleh.topics import KINDS

CELL_RESOLUTION: Final = 9  # hexagons of a tenth of a square kilometre: a few streets, hundreds of homes
SYNCING: Final = 8  # files that are flushed to disk at a time
RESOLUTIONS: Final = ("minute", "day", "month")  # finest first

SCHEMA: Final = pl.Schema(
    {
        "time": pl.Datetime("us"),  # local wall time; the start of its day or month where that is all we know
        "resolution": pl.Enum(RESOLUTIONS),
        "recorded": pl.Date(),  # the day by which it was known; of a month its last day
        "area": pl.String(),
        "cell": pl.UInt64(),  # H3 at CELL_RESOLUTION; null where only the area is known
        "topic": pl.String(),
        "source": pl.String(),
        "kind": pl.Enum(KINDS),
        "n": pl.Int32(),  # negative: a correction of what was counted before
    }
)


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
    """

    name: str
    digest: str
    frames: Iterable[pl.DataFrame]


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


def check_events(frame: pl.DataFrame) -> pl.DataFrame:
    """Check a frame, and bring it into the schema's order and types.

    Parameters
    ----------
    frame : polars.DataFrame
        The columns of `SCHEMA`, in any order, of types that can be cast without loss.

    Returns
    -------
    polars.DataFrame
        The same rows in `SCHEMA`.

    Raises
    ------
    EventsError
        With every fault: extra or missing columns, wrong types, empty values, n = 0, recorded before it
        happened, cells finer or coarser than allowed.
    """
    faults = Faults(EventsError)
    allowed = list(SCHEMA)
    if extra := [column for column in frame.columns if column not in SCHEMA]:
        faults.add("events.extra-column", given=extra, allowed=allowed)
    if missing := [column for column in SCHEMA if column not in frame.columns]:
        faults.add("events.no-column", given=missing, allowed=allowed)
    faults.raise_if_any()
    for column, wanted in SCHEMA.items():
        given = frame.schema[column]
        if given != wanted and not _castable(given, wanted):
            faults.add("events.bad-type", column=column, given=given, allowed=wanted)
    faults.raise_if_any()
    try:
        frame = frame.select(allowed).cast(SCHEMA)
    except pl.exceptions.PolarsError as error:
        raise EventsError(
            "events.bad-type", column="*", given=str(error).split("\n")[0], allowed="SCHEMA"
        ) from error
    nulls = frame.null_count().row(0, named=True)
    for column in allowed:
        if column != "cell" and nulls[column]:
            faults.add("events.empty-value", column=column, count=nulls[column])
    cell = pl.col("cell")
    mode, resolution = (cell // 2**59) % 16, (cell // 2**52) % 16  # bit fields of an H3 index
    wrong = frame.select(
        zero=(pl.col("n") == 0).sum(),
        early=(pl.col("recorded") < pl.col("time").dt.date()).sum(),
        cell=((mode != 1) | (resolution != CELL_RESOLUTION)).sum(),
        area=(pl.col("area") == "").sum(),
    ).row(0, named=True)
    if wrong["area"]:
        faults.add("events.empty-value", column="area", count=wrong["area"])
    if wrong["zero"]:
        faults.add("events.zero", count=wrong["zero"])
    if wrong["early"]:
        faults.add("events.known-too-early", count=wrong["early"])
    if wrong["cell"]:
        faults.add("events.bad-cell", count=wrong["cell"], allowed=CELL_RESOLUTION)
    faults.raise_if_any()
    return frame


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
            listed = json.loads(manifest.read_text(encoding="utf-8"))["batches"]
            return tuple(_batch(entry) for entry in listed)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EventsError("events.store-unreadable", path=self.path, reason=error) from error

    def scan(self) -> pl.LazyFrame:
        """Read all events, lazily.

        Returns
        -------
        polars.LazyFrame
            In `SCHEMA`.

        Raises
        ------
        EventsError
            Where the manifest cannot be read.
        """
        files = [self.path / file for batch in self.batches() for file in batch.files]
        return pl.scan_parquet(files, schema=SCHEMA) if files else pl.LazyFrame(schema=SCHEMA)

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
        self, frames: Iterable[pl.DataFrame], *, digest: str, name: str, replace: bool = False
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

        Returns
        -------
        Batch
            What is in the store now.

        Raises
        ------
        EventsError
            As `append_all`.
        """
        return self.append_all([Incoming(name, digest, frames)], replace=replace)[0]

    def append_all(self, batches: Sequence[Incoming], *, replace: bool = False) -> tuple[Batch, ...]:
        """Add batches, all or none.

        A batch is the same as an earlier one where its digest or its name is: loading it again is refused, or
        with `replace` takes the earlier one's place. Frames are checked and written as they come, so memory
        stays bounded by a frame.

        Parameters
        ----------
        batches : sequence of Incoming
            What comes in.
        replace : bool
            Whether they take the places of earlier ones.

        Returns
        -------
        tuple of Batch
            What is in the store now, in the order given.

        Raises
        ------
        EventsError
            With every batch that was loaded before, or the faults of the first frame that breaks the schema,
            or where the folder cannot be written. The store is then as it was.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with self._locked():
                return self._append_locked(batches, replace=replace)
        except OSError as error:
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

    def _append_locked(self, batches: Sequence[Incoming], *, replace: bool) -> tuple[Batch, ...]:
        earlier = self.batches()
        self._sweep(earlier)
        digests = [batch.digest for batch in batches]
        if twice := sorted({batch.name for batch in batches if digests.count(batch.digest) > 1}):
            raise EventsError("events.given-twice", names=twice)
        again = [
            (new, old)
            for new in batches
            for old in earlier
            if new.digest == old.digest or new.name == old.name
        ]
        if again and not replace:
            faults = Faults(EventsError)
            for new, old in again:
                faults.add(
                    "events.already-loaded", name=new.name, earlier=old.name, first=old.first, last=old.last
                )
            faults.raise_if_any()
        replaced = {id(old) for _, old in again}
        number = 1 + max((int(Path(f).name.split("-")[0]) for b in earlier for f in b.files), default=0)
        written = []
        try:
            for offset, batch in enumerate(batches):
                written.append(self._write(batch, number + offset))
        except BaseException:
            self._sweep(earlier)
            raise
        if not any(batch.rows for batch in written):
            raise EventsError("events.no-events", name=", ".join(batch.name for batch in batches))
        files = [self.path / file for batch in written for file in batch.files]
        with ThreadPoolExecutor(SYNCING) as pool:  # a disk merges what is asked of it together
            list(pool.map(_sync, files))
            # a name stands in its folder, the folder's in the store's: both are safe before they count
            list(pool.map(_sync, {self.path, *(file.parent for file in files)}))
        kept = [batch for batch in earlier if id(batch) not in replaced]
        self._commit([*kept, *written])
        self._sweep((*kept, *written))
        return tuple(written)

    def _write(self, batch: Incoming, number: int) -> Batch:
        """Write a batch's frames into files that the manifest does not name yet."""
        parts: dict[str, list[Path]] = {}
        facts: list[pl.DataFrame] = []
        for count, given in enumerate(batch.frames):
            frame = check_events(given)
            facts.append(frame.select(_FACTS))
            months = frame.with_columns(pl.col("time").dt.strftime("%Y-%m").alias("month"))
            for (month,), part in months.partition_by("month", as_dict=True, include_key=False).items():
                folder = self.path / f"month={month}"
                folder.mkdir(exist_ok=True)
                parts.setdefault(str(month), []).append(folder / f"{number:06d}-{count}.parquet")
                part.write_parquet(parts[str(month)][-1], compression="lz4")
        if not parts:
            return Batch(batch.name, batch.digest, 0, 0, "", "", "", (), ())
        files = [_joined(parts[month], number) for month in sorted(parts)]
        total = pl.concat(facts).select(
            pl.col("rows", "n").sum(),
            pl.col("first").min().cast(pl.String),
            pl.col("last", "recorded").max().cast(pl.String),
            pl.col("resolutions").explode().unique().sort().implode(),
        )
        summary = total.row(0, named=True)
        summary["resolutions"] = tuple(summary["resolutions"])
        return Batch(
            name=batch.name,
            digest=batch.digest,
            files=tuple(str(file.relative_to(self.path)) for file in files),
            **summary,
        )

    def _commit(self, batches: Sequence[Batch]) -> None:
        manifest = self.path / "manifest.json"
        draft = manifest.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"version": 1, "batches": [asdict(batch) for batch in batches]}, file, indent=1)
        _sync(draft)
        draft.replace(manifest)
        _sync(self.path)

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


_FACTS: Final = (
    pl.len().cast(pl.Int64).alias("rows"),
    pl.col("n").cast(pl.Int64).sum(),
    pl.col("time").min().dt.date().alias("first"),
    pl.col("time").max().dt.date().alias("last"),
    pl.col("recorded").max(),
    pl.concat_str("kind", pl.lit(":"), "resolution").unique().implode().alias("resolutions"),
)


def _batch(entry: dict[str, Any]) -> Batch:
    facts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Batch(**facts)


def _castable(given: Any, wanted: Any) -> bool:
    texts = (pl.String, pl.Categorical, pl.Enum)
    if wanted.is_integer():
        return bool(given.is_integer())
    if isinstance(wanted, texts):
        return isinstance(given, texts)
    return isinstance(wanted, pl.Datetime) and isinstance(given, pl.Datetime) and given.time_zone is None


def _joined(parts: list[Path], number: int) -> Path:
    """One file a month and batch, so that readers open few files."""
    target = parts[0].with_name(f"{number:06d}-all.parquet")
    if len(parts) == 1:
        return parts[0].replace(target)
    pl.scan_parquet(parts).sink_parquet(target, compression="lz4")
    for part in parts:
        part.unlink()
    return target


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
