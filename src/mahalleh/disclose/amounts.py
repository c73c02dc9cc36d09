"""Published counts as they are read: a number with its doubt, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from mahalleh.disclose.totals import total

UNSURE: Final = 0.5  # of a number: a map hatches what errs by more, since a colour shows no range. A choice


@dataclass(frozen=True, slots=True)
class Amount:
    """A published count.

    Attributes
    ----------
    value : int or None
        The noisy count, which may lie below zero; None where `hidden` says why, or where nothing was counted.
    half_width : float
        Half of the 95% range of its noise, in counts.
    hidden : str or None
        `small`: fewer than the threshold, or `unknown`: nobody told of it, as `mahalleh.disclose.total` has
        them; None where it is shown.
    periods : int
        How many periods it spans; 0 where none of them is unknown.
    unknown : int
        Of how many of these a source told nothing, so that they are not in the number.

    Examples
    --------
    >>> amount = Amount(-3, 2.2)
    >>> amount.shown, amount.give_or_take, amount.unsure
    (0, 3, True)
    """

    value: int | None
    half_width: float = 0.0
    hidden: str | None = None
    periods: int = 0
    unknown: int = 0

    @property
    def known(self) -> int:
        """How many periods the number is made of, where some are unknown."""
        return self.periods - self.unknown

    @property
    def exists(self) -> bool:
        """Whether there is something to say: a number, or the reason why there is none."""
        return self.value is not None or self.hidden is not None

    @property
    def shown(self) -> int | None:
        """The number for a page: the noise can push a count below nought, a page does not."""
        return None if self.value is None else max(self.value, 0)

    @property
    def give_or_take(self) -> int | None:
        """The half-width in whole counts, rounded up: never more certain than we are."""
        return None if self.value is None else math.ceil(self.half_width - 1e-9)

    @property
    def unsure(self) -> bool:
        """Whether the error is large against the number."""
        return self.value is not None and self.half_width > UNSURE * max(self.value, 1)


NOTHING: Final = Amount(None)


def amounts(cells: pl.DataFrame, *, by: Sequence[str], threshold: int) -> dict[Any, Amount]:
    """Add frozen cells up by one or more columns.

    Parameters
    ----------
    cells : polars.DataFrame
        Cells of a release (`Release.cells`), small ones included.
    by : sequence of str
        Columns, such as topic, place, start; at least one.
    threshold : int
        Sums below it are `small`.

    Returns
    -------
    dict
        The amount by the column's value, or by the tuple of the values of several columns.

    Raises
    ------
    DisclosureError
        As `total`.
    """
    if cells.is_empty():
        return {}
    found: dict[Any, Amount] = {}
    gaps = _gaps(cells, by)
    for row in total(cells, by=by, threshold=threshold).iter_rows(named=True):
        key = row[by[0]] if len(by) == 1 else tuple(row[name] for name in by)
        value = None if row["hidden"] is not None else int(row["value"])
        found[key] = Amount(value, float(row["half_width"] or 0.0), row["hidden"], *gaps.get(key, (0, 0)))
    return found


def _gaps(cells: pl.DataFrame, by: Sequence[str]) -> dict[Any, tuple[int, int]]:
    """How many periods there are, and how many of them nobody told of, where any is unknown."""
    untold = pl.col("hidden") == "unknown"
    if "start" not in cells.columns or not cells.select(untold.any()).item():
        return {}
    counted = cells.group_by(by).agg(
        pl.col("start").n_unique().alias("all"), pl.col("start").filter(untold).n_unique().alias("lost")
    )
    keys = counted[by[0]].to_list() if len(by) == 1 else counted.select(by).rows()
    rows = zip(keys, counted["all"], counted["lost"], strict=True)
    return {key: (periods, lost) for key, periods, lost in rows if lost}
