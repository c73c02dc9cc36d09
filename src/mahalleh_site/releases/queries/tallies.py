"""The rooms' weekly tables as pages read them: sums of frozen noisy cells, with their error."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import polars as pl
from django.conf import settings
from django.db.models import Count, Max, Min, Sum

from mahalleh.disclose import NOTHING, Amount
from mahalleh.disclose.noise import half_width_of
from mahalleh_site.releases.models import Tally

WEEK: Final = timedelta(weeks=1)
WEEKS: Final = 13  # that are drawn when a table is drawn for the first time, and that pages add up
DRAWS: Final = {
    "topic": pl.String,
    "place": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "epsilon": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Summed:
    """Some weeks of a table, from `start` to before `end`: by what is counted, and all of it."""

    start: date | None = None
    end: date | None = None
    all: Amount = NOTHING
    by_what: Mapping[str, Amount] = field(default_factory=dict)

    def share(self, what: str, *, at_most: float) -> float | None:
        """A part of the whole; None where the whole may err by more than a share `at_most` of itself."""
        whole = self.all.value or 0
        if whole <= 0 or self.all.half_width > at_most * whole:
            return None
        return min(1.0, max(0.0, (self.by_what[what].value or 0) / whole))


def lately(table: str, *, place: str | None = None, weeks: int | None = WEEKS) -> Summed:
    """The last weeks of a table, of one place or of all; all weeks where `weeks` is None."""
    cells = Tally.objects.filter(table=table).order_by()
    end = cells.aggregate(end=Max("end"))["end"]
    if end is None:
        return Summed()
    if weeks is not None:
        cells = cells.filter(start__gte=end - weeks * WEEK)
    start = cells.aggregate(start=Min("start"))["start"]
    if place is not None:
        cells = cells.filter(place=place)
    rows = cells.values_list("what", "epsilon").annotate(sum=Sum("value"), draws=Count("pk"))
    return _summed(rows, start, end)


def _summed(rows: Iterable[tuple[str, float, int, int]], start: date, end: date) -> Summed:
    by_what: dict[str, list[tuple[float, int, int]]] = {}
    for what, epsilon, value, draws in rows:
        by_what.setdefault(what, []).append((epsilon, value, draws))
    every = [part for parts in by_what.values() for part in parts]
    return Summed(start, end, _amount(every), {what: _amount(parts) for what, parts in by_what.items()})


def _amount(parts: Iterable[tuple[float, int, int]]) -> Amount:
    """The sum of cells: draws by their epsilon."""
    kept = list(parts)
    if not kept:
        return NOTHING
    value = sum(value for _epsilon, value, _draws in kept)
    return Amount(value, half_width_of((epsilon, draws) for epsilon, _value, draws in kept))


def draws(table: str) -> pl.DataFrame:
    """The ledger of a table: a row a draw, for the account."""
    cells = Tally.objects.filter(table=table).values_list("what", "place", "start", "end", "epsilon")
    return ledger(cells)


def ledger(cells: Iterable[tuple[str, str, date, date, float]]) -> pl.DataFrame:
    """Draws as the account has them, of: what is counted, place, first day, day after the last, epsilon."""
    frame = pl.DataFrame(list(cells), schema=DRAWS, orient="row")
    return frame.with_columns(level=pl.lit("area"), draw=pl.lit(1))


def by_place(table: str, places: Collection[str]) -> Mapping[str, Amount]:
    """All weeks of some places of a table, each added up; those below the city's threshold are left out."""
    cells = Tally.objects.filter(table=table, place__in=places).order_by()
    rows = cells.values_list("place", "epsilon").annotate(sum=Sum("value"), draws=Count("pk"))
    parts: dict[str, list[tuple[float, int, int]]] = {}
    for place, epsilon, value, draws in rows:
        parts.setdefault(place, []).append((epsilon, value, draws))
    found = {place: _amount(each) for place, each in parts.items()}
    return {place: amount for place, amount in found.items() if not is_few(amount)}


def is_few(amount: Amount) -> bool:
    """Whether a noisy count is below the city's threshold."""
    return amount.value is None or amount.value < settings.CITY.threshold
