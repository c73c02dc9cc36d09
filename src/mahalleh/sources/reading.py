"""What every reader of outside files gives back, and how rows are accounted for.

Read = kept + refused, for each file: a row is either an event or is counted under the one reason why not,
with the first line numbers of each reason. Nothing is lost in silence, and no row's content is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from mahalleh.errors import Faults, MahallehError, SourceError
from mahalleh.events import Incoming
from mahalleh.sources._ahead import Ahead
from mahalleh.topics import Topic

FIRST_LINES: Final = 10  # of each reason: enough to see what is wrong
REASON, LINE = "refused", "line"  # columns that readers add and `kept` takes away again

# Why a row is refused; the first that fits, in this order.
REASONS: Final = (
    "no-category",  # empty
    "unknown-category",  # no topic claims it
    "no-date",  # empty
    "bad-date",  # not a date of the declared form
    "other-month",  # not of the month that the file's name tells
    "recorded-early",  # known before it happened
    "no-count",  # empty or zero
    "bad-count",  # not a whole number
    "no-place",  # neither coordinates nor area
    "unknown-area",  # an area that the places lack
    "outside",  # coordinates outside every area
    "replaced",  # kept at first; a later load read its day anew
)


@dataclass(frozen=True, slots=True)
class Refused:
    """Rows refused for one reason.

    Attributes
    ----------
    count : int
        How many.
    first_lines : tuple of str
        The first of them as `file:line`.
    """

    count: int
    first_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What became of the rows of one file or of several.

    Attributes
    ----------
    rows_read, rows_kept : int
        How many; the rest were refused.
    refused : dict of str to Refused
        By reason (`REASONS`).
    by_point : int
        Rows whose area id the places lack and which their point placed, since the mapping says so.
    """

    rows_read: int
    rows_kept: int
    refused: dict[str, Refused] = field(default_factory=dict)
    by_point: int = 0


@dataclass(slots=True)
class Part:
    """One file of a reading. Its report is whole once its frames have been read through.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    digest : str
        SHA-256 of its bytes.
    make : callable
        Takes the part, gives its frames and accounts for them.
    read, kept : int
        Rows so far.
    speaks_for : (str, datetime.date, datetime.date) or None
        The source, and the first and last day that the file tells of, where its name says so.
    by_point : int
        Rows so far that their point placed, since the places lack their area id.
    counts : dict of str to int
        Rows refused so far, by reason.
    lines : dict of str to list of str
        The first of them as `file:line`, by reason.
    named : bool
        Whether its source has a name of its own; False where it is called after the file.
    """

    path: Path
    digest: str
    make: Callable[[Part], Iterator[pl.DataFrame]]
    read: int = 0
    kept: int = 0
    speaks_for: tuple[str, date, date] | None = None
    by_point: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    named: bool = True

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read the file's events.

        Returns
        -------
        iterator of polars.DataFrame
            In the schema of `mahalleh.events`, of bounded size.
        """
        return self.make(self)

    def account(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Count a frame's rows and give back those that are kept.

        Parameters
        ----------
        rows : polars.DataFrame
            With the columns REASON (null where kept) and LINE beside the events' own.

        Returns
        -------
        polars.DataFrame
            The rows that are kept, without these two columns.
        """
        self.read += rows.height
        refused = rows.filter(pl.col(REASON).is_not_null())
        by_reason = refused.group_by(REASON).agg(pl.len(), pl.col(LINE).head(FIRST_LINES))
        for reason, count, lines in by_reason.iter_rows():
            self.counts[reason] = self.counts.get(reason, 0) + count
            known = self.lines.setdefault(reason, [])
            known.extend(f"{self.path.name}:{line}" for line in lines[: FIRST_LINES - len(known)])
        kept = rows if refused.is_empty() else rows.filter(pl.col(REASON).is_null())
        self.kept += kept.height
        return kept.drop(REASON, LINE)

    @property
    def report(self) -> ReadReport:
        """What became of the rows so far."""
        return _report([self])

    def lost(self) -> int:
        """Count the rows that were refused so far.

        Returns
        -------
        int
            How many.
        """
        return self.read - self.kept


@dataclass(frozen=True, slots=True)
class Reading:
    """A source that is ready to be read, once.

    Attributes
    ----------
    parts : tuple of Part
        Its files.
    topics : tuple of Topic
        That it may speak of.
    """

    parts: tuple[Part, ...]
    topics: tuple[Topic, ...]

    def batches(self) -> list[Incoming]:
        """Make a batch a file for `EventStore.append_all`.

        Returns
        -------
        list of Incoming
            To be read once, in their order.

        Raises
        ------
        SourceError
            While they are read, for a file that turns out to be bad, naming also what is wrong with each file
            after it.
        """
        ahead = Ahead([part.frames for part in self.parts])
        return [
            Incoming(
                part.path.name,
                part.digest,
                self._frames(position, ahead),
                part.speaks_for,
                part.lost,
                part.named,
            )
            for position, part in enumerate(self.parts)
        ]

    @property
    def report(self) -> ReadReport:
        """What became of all rows so far."""
        return _report(self.parts)

    def _frames(self, position: int, ahead: Ahead) -> Iterator[pl.DataFrame]:
        try:
            yield from ahead.frames(position)
        except SourceError as error:
            faults = Faults(SourceError)
            faults.found.extend(error.faults)
            ahead.stop()
            for later in self.parts[position + 1 :]:
                try:
                    for _ in later.frames():
                        pass
                except MahallehError as other:
                    faults.found.extend(other.faults)
            raise SourceError(faults.found) from error


def _report(parts: Sequence[Part]) -> ReadReport:
    refused = {}
    for reason in REASONS:
        if count := sum(part.counts.get(reason, 0) for part in parts):
            lines = [line for part in parts for line in part.lines.get(reason, ())]
            refused[reason] = Refused(count, tuple(lines[:FIRST_LINES]))
    read, kept, by_point = (
        sum(getattr(part, name) for part in parts) for name in ("read", "kept", "by_point")
    )
    return ReadReport(read, kept, refused, by_point)
