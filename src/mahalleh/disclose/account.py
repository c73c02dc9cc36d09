"""The account: what everything published has cost an event, added up from the ledgers of its draws.

A ledger says of each draw which cell it was for and how much noise it got. From that alone, whatever the
settings say today, follows the most that any single unit (an event, an answer of a survey, a referral) can
have cost: the draws of cells that may hold it add up (sequential composition; Dwork and Roth 2014, "The
algorithmic foundations of differential privacy", theorem 3.16), those of cells that never hold the same one
do not (parallel composition; McSherry 2009, theorem 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from mahalleh.disclose.cost import Cost
from mahalleh.errors import DisclosureError

UNITS: Final = ("event", "answer", "referral")
APART: Final = ("topic", "place", "time")
CELL: Final = ("topic", "level", "place", "start", "end")
NEEDED: Final = (*CELL, "draw", "epsilon")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)  # tables have no single equality
class Table:
    """A published table of counts, as the account sees it.

    Attributes
    ----------
    name : str
        What it is called.
    unit : str
        Whom it counts: one of `event`, `answer`, `referral`.
    draws : polars.DataFrame
        Its ledger, a row a draw: topic, level, place, start, end (the day after the last), draw (1 for a
        cell's first), epsilon. Other columns are passed over.
    sensitivity : int
        By how much one unit can move one draw, at most, in counts.
    apart : sequence of str
        Of `topic`, `place`, `time`: those of which a unit has one value only in this table, so that cells
        that differ in it never hold the same unit.
    """

    name: str
    unit: str
    draws: pl.DataFrame
    sensitivity: int = 1
    apart: Sequence[str] = APART


@dataclass(frozen=True, slots=True)
class Spent:
    """What one unit has cost at most, over everything ever published.

    Attributes
    ----------
    unit : str
        `event`, `answer` or `referral`.
    one : Cost
        One unit that was counted and stayed as it was.
    corrected : Cost
        One that was taken back later and counted elsewhere instead (another topic, place or time): its own
        draws, those of its taking back, and those of its new cell.
    tables : mapping of str to Cost
        One unit's cost by the table's name.
    """

    unit: str
    one: Cost = field(default_factory=Cost)
    corrected: Cost = field(default_factory=Cost)
    tables: Mapping[str, Cost] = field(default_factory=dict)

    def person(self, units: int) -> Cost:
        """Tell what somebody who is behind several units has cost at most, wherever they were counted.

        Parameters
        ----------
        units : int
            How many: 1 or more.

        Returns
        -------
        Cost
            Of all together. They may stand in one cell, where they move one draw by `units`.
        """
        return self.one.times(units)


def spent(tables: Iterable[Table]) -> dict[str, Spent]:
    """Add up what one unit of each kind has cost at most.

    Parameters
    ----------
    tables : iterable of Table
        Every table that was ever published.

    Returns
    -------
    dict of str to Spent
        By unit, for all of `UNITS`.

    Raises
    ------
    DisclosureError
        `disclose.unknown-unit`, `disclose.bad-apart`, `disclose.bad-columns`, `disclose.table-twice`.
    """
    found = {unit: Spent(unit) for unit in UNITS}
    seen: set[str] = set()
    for table in tables:
        _check(table, seen)
        seen.add(table.name)
        so_far = found[table.unit]
        one, two = _worst(table)
        found[table.unit] = Spent(
            table.unit,
            so_far.one + one,
            so_far.corrected + two + one,
            {**so_far.tables, table.name: one},
        )
    return found


def check_cap(account: Mapping[str, Spent], cap: float) -> None:
    """Refuse what would cost a unit more than the city has stated.

    Parameters
    ----------
    account : mapping of str to Spent
        Of everything published, with the table that is to be (`spent`).
    cap : float
        The most that one event, answer or referral may cost, as epsilon.

    Raises
    ------
    DisclosureError
        `disclose.above-cap`.
    """
    for unit, cost in account.items():
        if cost.one.epsilon > cap * (1 + 1e-12):  # sums of floats: 0.1 + 0.2 is no more than 0.3
            parts = [f"{name}: {each.epsilon:g}" for name, each in cost.tables.items() if each.epsilon]
            raise DisclosureError(
                "disclose.above-cap", unit=unit, cost=f"{cost.one.epsilon:g}", cap=f"{cap:g}", tables=parts
            )


def _check(table: Table, seen: set[str]) -> None:
    if table.unit not in UNITS:
        raise DisclosureError("disclose.unknown-unit", name=table.name, given=table.unit, allowed=UNITS)
    if wrong := [name for name in table.apart if name not in APART]:
        raise DisclosureError("disclose.bad-apart", name=table.name, given=wrong, allowed=APART)
    if missing := [name for name in NEEDED if name not in table.draws.columns]:
        raise DisclosureError("disclose.bad-columns", missing=missing, given=table.draws.columns)
    if table.name in seen:
        raise DisclosureError("disclose.table-twice", name=table.name)


def _worst(table: Table) -> tuple[Cost, Cost]:
    """The most that one draw of each cell costs a unit, and two, over all cells that may hold it together.

    A unit is under one draw of a cell, and its taking back under another.
    """
    if table.draws.is_empty():
        return Cost(), Cost()
    each = pl.col("epsilon") * table.sensitivity
    largest = each.sort(descending=True).head(2)
    by_cell = table.draws.group_by(CELL)
    single = by_cell.agg(each.max().alias("epsilon"), (each.max() ** 2 / 2).alias("rho"))
    one = _cost(single, table.apart)
    if single.height == table.draws.height:  # no cell has a second draw: nothing was taken back in one
        return one, one
    double = by_cell.agg(largest.sum().alias("epsilon"), (largest**2 / 2).sum().alias("rho"))
    return one, _cost(double, table.apart)


def _cost(cells: pl.DataFrame, apart: Sequence[str]) -> Cost:
    return Cost(*(_at_worst(cells, column, apart) for column in ("epsilon", "rho")))


def _at_worst(cells: pl.DataFrame, column: str, apart: Sequence[str]) -> float:
    """The largest sum of `column` over cells that may hold one unit.

    What units are not apart by is made alike in all cells, so that these add up.
    """
    alike = {
        "topic": [pl.lit("").alias("topic")],
        "place": [pl.lit("").alias("place")],
        "time": [pl.lit(0).alias("start"), pl.lit(1).alias("end")],
    }
    for name in APART:
        if name not in apart:
            cells = cells.with_columns(alike[name])
    edges = np.unique(np.concatenate([cells["start"].to_numpy(), cells["end"].to_numpy()]))
    return max(float(_by_time(part, column, edges).max()) for part in cells.partition_by("topic"))


def _by_time(cells: pl.DataFrame, column: str, edges: npt.NDArray[np.generic]) -> Floats:
    """What the cells of one topic cost a unit at the most, by the stretches of days between `edges`.

    Cells of one place that overlap in time add up. Of several places of a level the dearest counts; the
    levels add up, since an area lies in a district.
    """
    found = np.zeros(len(edges) - 1)
    for level in cells.partition_by("level"):
        first = np.searchsorted(edges, level["start"].to_numpy())
        size = np.searchsorted(edges, level["end"].to_numpy()) - first
        place = level["place"].rank("dense").to_numpy().astype(np.int64) - 1
        offsets = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        costs = np.zeros((int(place.max()) + 1, len(edges) - 1))
        stretches = np.repeat(place, size), np.repeat(first, size) + offsets
        np.add.at(costs, stretches, np.repeat(level[column].to_numpy(), size))
        found += costs.max(axis=0)
    return found
