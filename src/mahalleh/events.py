"""Events: one schema for everything that is counted, and the store that keeps them.

An event is one counted happening: when, where (an area and, at the finest, an H3 cell of resolution 9), about
which topic, from which source, whether residents needed something or somebody went looking, and how many.
There is no column for a person, an address, a text or a coordinate, and none can be added: the door refuses.

The store is a folder of Parquet files by month and a manifest that names them. A batch is written whole into
files that nobody reads yet; replacing the manifest is the one step that makes it exist, so a crash leaves the
store as it was. What the manifest does not name is swept before the next batch.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import polars as pl

from mahalleh import coverage, overlaps
from mahalleh.errors import EventsError, Faults
from mahalleh.topics import KINDS

CELL_RESOLUTION: Final = 9  # hexagons of a tenth of a square kilometre: a few streets, hundreds of homes
SYNCING: Final = 8  # files that are flushed to disk at a time
RESOLUTIONS: Final = ("minute", "day", "month")  # finest first
FULL: Final = (errno.ENOSPC, errno.EDQUOT)
# What becomes of days that an earlier batch of the same source tells already.
SameDays: TypeAlias = Literal["refuse", "replace", "add"]

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
    speaks_for : (str, datetime.date, datetime.date) or None
        The source, and the first and last day that it tells of, where that is known beforehand: then the same
        name is the same batch.
    """

    name: str
    digest: str
    frames: Iterable[pl.DataFrame]
    speaks_for: tuple[str, date, date] | None = None


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
        self,
        frames: Iterable[pl.DataFrame],
        *,
        digest: str,
        name: str,
        replace: bool = False,
        same_days: SameDays = "refuse",
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

        Returns
        -------
        Batch
            What is in the store now.

        Raises
        ------
        EventsError
            As `append_all`.
        """
        return self.append_all([Incoming(name, digest, frames)], replace=replace, same_days=same_days)[0]

    def append_all(
        self,
        batches: Sequence[Incoming],
        *,
        replace: bool = False,
        same_days: SameDays = "refuse",
        agree: Agree | None = None,
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
                return self._append_locked(batches, replace=replace, same_days=same_days, agree=agree)
        except OSError as error:
            if error.errno in FULL:
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
        self, batches: Sequence[Incoming], *, replace: bool, same_days: SameDays, agree: Agree | None
    ) -> tuple[Batch, ...]:
        earlier = self.batches()
        self._sweep(earlier)
        digests = [batch.digest for batch in batches]
        if twice := sorted({batch.name for batch in batches if digests.count(batch.digest) > 1}):
            raise EventsError("events.given-twice", names=twice)
        replaced = _replaced(batches, earlier, replace=replace)
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
                self._check_given(written, days)
                taken += self._overlapping(kept, written, days, numbers, cut=same_days == "replace")
            self._flush([*written, *(one.left for one in taken if one.left is not None)])
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

    def _check_given(self, written: Sequence[Batch], days: Sequence[pl.DataFrame]) -> None:
        """Refuse days that two batches of one load tell."""
        faults = Faults(EventsError)
        for position, (new, told) in enumerate(zip(written, days, strict=True)):
            families = set(told["family"])
            for other, others in zip(written[:position], days[:position], strict=True):
                if families.isdisjoint(others["family"]):
                    continue
                if (found := self._shared(other, new, told)) is not None:
                    faults.add("events.days-given-twice", name=new.name, other=other.name, **found)
        faults.raise_if_any()

    def _overlapping(
        self,
        kept: Sequence[Batch],
        written: Sequence[Batch],
        days: Sequence[pl.DataFrame],
        numbers: Iterator[int],
        *,
        cut: bool,
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
                if (found := self._shared(old, new, told)) is not None:
                    again.append(told)
                    faults.add("events.days-loaded", name=new.name, earlier=old.name, **found)
            if again and cut:
                taken.append(self._without(old, pl.concat(again), next(numbers)))
        if not cut:
            faults.raise_if_any()
        return taken

    def _shared(self, old: Batch, new: Batch, told: pl.DataFrame) -> dict[str, Any] | None:
        """The sources, days and number of rows of `old` that `new` tells again; None where there are none."""
        if not old.rows or not new.rows or old.first[:7] > new.last[:7] or new.first[:7] > old.last[:7]:
            return None
        months = {str(day)[:7] for day in told["day"].unique().to_list()}
        files = [self.path / file for file in old.files if _month(file) in months]
        if not files:
            return None
        if not overlaps.families(pl.scan_parquet(files), name=old.name) & set(told["family"]):
            return None
        rows = pl.read_parquet(files, memory_map=False)
        rows = rows.filter(overlaps.shared(rows, told, name=old.name))
        if rows.is_empty():
            return None
        days = overlaps.runs(rows["time"].dt.date().unique().to_list())
        return {"sources": rows["source"].unique().sort().to_list(), "days": days, "rows": rows.height}

    def _without(self, old: Batch, told: pl.DataFrame, number: int) -> Taken:
        """Write a batch once more without the rows that newer ones tell."""
        months = {str(day)[:7] for day in told["day"].unique().to_list()}
        files, facts = [], []
        for file in old.files:
            rows = pl.read_parquet(self.path / file, memory_map=False)
            stays = rows
            if _month(file) in months:
                stays = rows.filter(~overlaps.shared(rows, told, name=old.name))
            if stays.is_empty():
                continue
            facts.append(stays.select(_FACTS))
            if stays.height < rows.height:
                file = str(Path(file).with_name(f"{number:06d}-all.parquet"))
                _write_parquet(stays, self.path / file)
            files.append(file)
        if not facts:
            return Taken(old, old.rows, None)
        left = Batch(
            name=old.name, digest=old.digest, files=tuple(files), covers=old.covers, **_summary(facts)
        )
        return Taken(old, old.rows - left.rows, left)

    def _flush(self, batches: Iterable[Batch]) -> None:
        files = [self.path / file for batch in batches for file in batch.files]
        with ThreadPoolExecutor(SYNCING) as pool:  # a disk merges what is asked of it together
            list(pool.map(_sync, files))
            # a name stands in its folder, the folder's in the store's: both are safe before they count
            list(pool.map(_sync, {self.path, *(file.parent for file in files)}))

    def _write(self, batch: Incoming, number: int) -> tuple[Batch, pl.DataFrame]:
        """Write a batch into files that the manifest does not name yet; also the days that it tells."""
        parts: dict[str, list[Path]] = {}
        facts: list[pl.DataFrame] = []
        days = [overlaps.days_of(pl.DataFrame(schema=SCHEMA), name=batch.name)]
        seen = []
        for position, given in enumerate(batch.frames):
            frame = check_events(given)
            facts.append(frame.select(_FACTS))
            days.append(overlaps.days_of(frame, name=batch.name))
            seen.append(coverage.seen(frame))
            months = frame.with_columns(pl.col("time").dt.strftime("%Y-%m").alias("month"))
            for (month,), part in months.partition_by("month", as_dict=True, include_key=False).items():
                folder = self.path / f"month={month}"
                folder.mkdir(exist_ok=True)
                parts.setdefault(str(month), []).append(folder / f"{number:06d}-{position}.parquet")
                _write_parquet(part, parts[str(month)][-1])
        told = pl.concat(days).unique()
        covers = coverage.covers(seen, batch.speaks_for)
        if not parts:
            return Batch(batch.name, batch.digest, 0, 0, "", "", "", (), (), covers), told
        paths = [_joined(parts[month], number) for month in sorted(parts)]
        files = tuple(str(path.relative_to(self.path)) for path in paths)
        return Batch(
            name=batch.name, digest=batch.digest, files=files, covers=covers, **_summary(facts)
        ), told

    def _commit(self, batches: Sequence[Batch]) -> None:
        manifest = self.path / "manifest.json"
        draft = manifest.with_suffix(".draft")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"version": 1, "batches": [asdict(batch) for batch in batches]}, file, indent=1)
            _sync(draft)
            draft.replace(manifest)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        with suppress(OSError):  # the list stands; a folder that cannot be flushed takes nothing from it
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


def _replaced(batches: Sequence[Incoming], earlier: Sequence[Batch], *, replace: bool) -> list[Batch]:
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


def _summary(facts: Sequence[pl.DataFrame]) -> dict[str, Any]:
    total = pl.concat(facts).select(
        pl.col("rows", "n").sum(),
        pl.col("first").min().cast(pl.String),
        pl.col("last", "recorded").max().cast(pl.String),
        pl.col("resolutions").explode().unique().sort().implode(),
    )
    summary = total.row(0, named=True)
    return summary | {"resolutions": tuple(summary["resolutions"])}


def _month(file: str) -> str:
    """The month of a file of the store: its folder's name says it."""
    return Path(file).parent.name.removeprefix("month=")


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    with _full_disk():
        frame.write_parquet(path, compression="lz4")


@contextmanager
def _full_disk() -> Iterator[None]:
    """Polars tells of a full disk in words of its own; here it is the system's error."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        for code in FULL:
            if f"os error {code}" in str(error) or os.strerror(code) in str(error):
                raise OSError(code, os.strerror(code)) from error
        raise


def _batch(entry: dict[str, Any]) -> Batch:
    facts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    facts["covers"] = tuple(tuple(each) for each in facts.get("covers", ()))
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
    with _full_disk():
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
