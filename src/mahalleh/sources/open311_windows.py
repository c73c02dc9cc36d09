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
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}_{self.last}"

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a day."""
        return self.first <= other.last and other.first <= self.last

    def cut(self, days: Sequence[int]) -> list[Span]:
        """The span in pieces, a new one beginning on each of the `days` of a month."""
        starts = [self.first]
        day = self.first + DAY
        while day <= self.last:
            if day.day in days:
                starts.append(day)
            day += DAY
        return [Span(a, b - DAY) for a, b in zip(starts, [*starts[1:], self.last + DAY], strict=True)]


def batches(asked: Span, loaded: Iterable[Span], *, replace: bool) -> list[Span]:
    """The batches to ask for, oldest first.

    Days that are `loaded` are left out. With `replace`, each loaded span that shares a day with `asked` is
    asked for again, whole, so that the new batch takes exactly the old one's place.
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
    """A server's address as part of file and batch names, such as `city.example_open311_v2`."""
    name = re.sub(r"[^\w.-]+", "_", address.partition("://")[2]).strip("_.")
    if len(name) <= LONGEST:
        return name
    return f"{name[:LONGEST]}_{zlib.crc32(address.encode()):08x}"


def spans_of(server: str, names: Iterable[str]) -> list[Span]:
    """The days that batches of these names cover, of those that come from the server."""
    form = re.compile(re.escape(server) + r"_(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)")
    found = (form.fullmatch(name) for name in names)
    return [Span(date.fromisoformat(one[1]), date.fromisoformat(one[2])) for one in found if one]
