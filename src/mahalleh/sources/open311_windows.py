"""Which days are asked for, and in which pieces.

A batch of the event store is a month's days of one server, or what of the month was asked. No day stands in
two batches, so no request is ever counted twice. Within a batch the server is asked for windows cut at the
1st, 11th and 21st of each month: an interrupted pull that runs again another day still finds its windows.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DAY: Final = timedelta(days=1)
MONTH_CUTS: Final = (1,)
WINDOW_CUTS: Final = (1, 11, 21)  # 11 days at most, well below the 90 that the standard allows
UNASKED: Final = timedelta(days=89)  # how far back from the last day, where no first day is named
LONGEST: Final = 120  # characters of a server's name in file names


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from `first` to `last`, both included.

    Attributes
    ----------
    first, last : datetime.date
        The two ends.
    """

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}_{self.last}"

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a day.

        Parameters
        ----------
        other : Span
            Other days.

        Returns
        -------
        bool
            Whether any day is in both.
        """
        return self.first <= other.last and other.first <= self.last

    def cut(self, days: Sequence[int]) -> list[Span]:
        """Cut the span into pieces.

        Parameters
        ----------
        days : sequence of int
            A new piece begins on each of these days of a month.

        Returns
        -------
        list of Span
            Oldest first.

        Examples
        --------
        >>> [str(piece) for piece in Span(date(2026, 1, 5), date(2026, 2, 3)).cut((1, 21))]
        ['2026-01-05_2026-01-20', '2026-01-21_2026-01-31', '2026-02-01_2026-02-03']
        """
        starts = [self.first]
        day = self.first + DAY
        while day <= self.last:
            if day.day in days:
                starts.append(day)
            day += DAY
        return [Span(a, b - DAY) for a, b in zip(starts, [*starts[1:], self.last + DAY], strict=True)]


def batches(asked: Span, loaded: Iterable[Span], *, replace: bool) -> list[Span]:
    """Choose the batches to ask for.

    Days that are `loaded` are left out. With `replace`, each loaded span that shares a day with `asked` is
    asked for again, whole, so that the new batch takes exactly the old one's place.

    Parameters
    ----------
    asked : Span
        The days that are wanted.
    loaded : iterable of Span
        The days that are there.
    replace : bool
        Whether they are asked for again.

    Returns
    -------
    list of Span
        Oldest first.
    """
    held = sorted(span for span in loaded if span.overlaps(asked))
    gaps = []
    day = asked.first
    for span in held:
        if day < span.first:
            gaps.append(Span(day, span.first - DAY))
        day = max(day, span.last + DAY)
    if day <= asked.last:
        gaps.append(Span(day, asked.last))
    pieces = [piece for gap in gaps for piece in gap.cut(MONTH_CUTS)]
    return sorted([*pieces, *held] if replace else pieces)


def server_name(address: str) -> str:
    """Write a server's address as part of file and batch names.

    Parameters
    ----------
    address : str
        Such as `https://city.example/open311/v2`.

    Returns
    -------
    str
        Letters, digits, dots, hyphens and underscores; a long one is cut and ends with its checksum.

    Examples
    --------
    >>> server_name("https://city.example/open311/v2")
    'city.example_open311_v2'
    """
    name = re.sub(r"[^\w.-]+", "_", address.partition("://")[2]).strip("_.")
    if len(name) <= LONGEST:
        return name
    return f"{name[:LONGEST]}_{zlib.crc32(address.encode()):08x}"


def spans_of(server: str, names: Iterable[str]) -> list[Span]:
    """Find the days that a server's batches cover.

    Parameters
    ----------
    server : str
        As `server_name` gives it.
    names : iterable of str
        Of batches of any kind.

    Returns
    -------
    list of Span
        Of those that come from the server.
    """
    form = re.compile(re.escape(server) + r"_(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)")
    found = (form.fullmatch(name) for name in names)
    return [Span(date.fromisoformat(one[1]), date.fromisoformat(one[2])) for one in found if one]
