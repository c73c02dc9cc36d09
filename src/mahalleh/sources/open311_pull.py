"""Pulling requests window by window into a folder, so that an interrupted pull goes on where it was.

A window that has been read whole becomes one file, and is not asked for again while the file is there. The
file holds what is counted and nothing else: a digest of the request's number, to tell the same request from
another, its service, moment and point. The caller takes the folder away once the events are stored.

How much a server gives at once is not always said. So after a first answer the next page is asked for, until
one brings nothing new. Where pages are not known, an answer is taken as cut off when it has 1,000 requests,
as the standard allows, or a multiple of 50 and no fewer than any answer before: such a window is asked for by
halves, which does no harm where the guess was wrong.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from mahalleh.errors import SourceError
from mahalleh.events import SCHEMA as EVENTS
from mahalleh.sources import _georeport
from mahalleh.sources.open311_client import Server
from mahalleh.sources.open311_windows import DAY, WINDOW_CUTS, Span

STANDARD_FULL: Final = 1000  # requests in an answer, at most, by the standard
ROUND: Final = 50  # servers with another limit have 50, 100, 200 or 500
SHORTEST: Final = timedelta(minutes=1)  # a window that is still cut off cannot be read whole
MOST: Final = 1_000_000  # requests in a window; no city has so many in eleven days
PAST_THE_END: Final = ("open311.refused", "open311.status")  # how some answer for a page that is not there

SCHEMA: Final = pl.Schema(
    {
        "key": pl.String(),
        "code": pl.String(),
        "name": pl.String(),
        "time": pl.Datetime("us"),  # wall time in the city's zone; null where it is no date
        "resolution": EVENTS["resolution"],
        "dateless": pl.Boolean(),
        "lon": pl.String(),
        "lat": pl.String(),
    }
)
Row = tuple[str, str, str, datetime | None, str, bool, str, str]
Told = Callable[[int, int, Span], None]


def windows(batches: Sequence[Span]) -> list[Span]:
    """Cut batches into windows.

    Parameters
    ----------
    batches : sequence of Span
        Days.

    Returns
    -------
    list of Span
        Oldest first.
    """
    return [window for batch in batches for window in batch.cut(WINDOW_CUTS)]


def window_file(folder: Path, window: Span) -> Path:
    """Name the file where a window's requests stand once it has been read whole.

    Parameters
    ----------
    folder : pathlib.Path
        Of the pull.
    window : Span
        Days.

    Returns
    -------
    pathlib.Path
        In the folder.
    """
    return folder / f"{window}.parquet"


@dataclass(slots=True)
class Pull:
    """One pull from one server.

    Attributes
    ----------
    server : Server
        That is asked.
    zone : zoneinfo.ZoneInfo
        The city's.
    names : dict of str to str
        Service code to name, for requests that do not tell it.
    largest : int
        Requests in the largest answer so far.
    """

    server: Server
    zone: ZoneInfo
    names: dict[str, str] = field(default_factory=dict)
    largest: int = 0

    def run(self, asked: Sequence[Span], folder: Path, *, told: Told | None = None) -> None:
        """Read each of the windows `asked` that is not in `folder` yet.

        Parameters
        ----------
        asked : sequence of Span
            Windows.
        folder : pathlib.Path
            Where they go.
        told : callable, optional
            Called with number, total and window before each.

        Raises
        ------
        SourceError
            Where the server does not answer, or a window cannot be read whole. Windows that were read before
            stay in the folder.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        days = {window.first for window in asked} | {window.last for window in asked}
        undated: set[str] = set()  # such a request may come with any window, and counts with the first
        for number, window in enumerate(asked, start=1):
            path = window_file(folder, window)
            if path.exists():
                undated |= set(pl.read_parquet(path).filter(pl.col("time").is_null())["key"])
                continue
            if told is not None:
                told(number, len(asked), window)
            start, end = self._midnight(window.first), self._midnight(window.last + DAY)
            # a server that takes our UTC for its own wall time shifts what it gives: at the outer ends a day
            # more is asked for, and what belongs to other days is left out when the events are made
            start -= DAY if window.first - DAY not in days else timedelta(0)
            end += DAY if window.last + DAY not in days else timedelta(0)
            found = self._window(start, end).values()
            rows = [row for row in found if row[3] is not None or row[0] not in undated]
            undated |= {row[0] for row in rows if row[3] is None}
            _write(path, rows)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)

    def _window(self, start: datetime, end: datetime) -> dict[str, Row]:
        """The requests from `start` to `end` by key, each once, asked for by halves where need be."""
        rows, full = self._asked(start, end)
        if not full:
            return rows
        if end - start <= SHORTEST:
            raise SourceError("open311.too-many", url=self.server.shown, first=_iso(start), last=_iso(end))
        middle = (start + (end - start) / 2).replace(microsecond=0)
        return self._window(start, middle) | self._window(middle, end)

    def _asked(self, start: datetime, end: datetime) -> tuple[dict[str, Row], bool]:
        """What the server gives for a window, page by page, and whether it may have given only a part."""
        rows: dict[str, Row] = {}
        first = page = 0
        while True:
            page += 1
            found = self._page(start, end, page)
            if page == 1 and found is not None:
                first = len(found)
            fresh = {key: row for key, row in found or () if key not in rows}
            rows |= fresh
            if len(rows) > MOST:
                raise SourceError(
                    "open311.too-many", url=self.server.shown, first=_iso(start), last=_iso(end)
                )
            if not fresh:
                break
        # page 2 brought something, or was empty: then pages are known, and this was all
        paged = page != 2 or found == []
        full = not paged and (first >= STANDARD_FULL or (first % ROUND == 0 and first >= self.largest))
        self.largest = max(self.largest, first)
        return rows, full

    def _page(self, start: datetime, end: datetime, page: int) -> list[tuple[str, Row]] | None:
        """One page by key; None where the server refuses a further one."""
        span = {"start_date": _iso(start), "end_date": _iso(end)}
        try:
            body = self.server.ask("requests", **span, **({"page": str(page)} if page > 1 else {}))
            found = _georeport.requests(body, url=self.server.shown)
        except SourceError as error:
            if page > 1 and error.faults[0].code in PAST_THE_END:
                return None
            raise
        rows = [self._row(request) for request in found]
        low, high = (moment.astimezone(self.zone).replace(tzinfo=None) for moment in (start - DAY, end + DAY))
        dated = [row[3] for _, row in rows if row[3] is not None]
        if sum(not low <= moment <= high for moment in dated) * 2 > len(dated):
            raise SourceError(
                "open311.ignores-dates", url=self.server.shown, first=_iso(start), last=_iso(end)
            )
        return rows

    def _row(self, request: _georeport.Request) -> tuple[str, Row]:
        moment, resolution = _georeport.moment(request.requested, self.zone)
        one = request.id or "\n".join(
            (request.code, request.name, request.requested, request.lon, request.lat)
        )
        key = blake2b(f"{self.server.base}\n{one}".encode(), digest_size=12).hexdigest()
        name = request.name or self.names.get(request.code, "")
        dateless = not request.requested
        return key, (key, request.code, name, moment, resolution, dateless, request.lon, request.lat)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(path: Path, rows: list[Row]) -> None:
    """Put a window's file in place, whole or not at all."""
    draft = path.with_suffix(".draft")
    pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(draft)
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.replace(path)
