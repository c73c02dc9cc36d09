"""Attacks on what is published: somebody guesses, cell by cell, whether one more event was counted there.

In each attack half of the cells hold an event that the attacker does not know of, by a coin; all else the
attacker knows. `Guesses` says how many guesses were right, how many the best guess can have right, and how
many the account allows by what it says that an event has cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from mahalleh.disclose import Table, best_guess, release, spent, total
from mahalleh.disclose.noise import draw, pmf

KNOWN: Final = 20  # events of each cell that the attacker knows of: enough for the cell to be shown
CHANCE: Final = 5.0  # standard errors that a share may stray by: chance alone goes so far once in 3 million

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Guesses:
    """The guesses of one attack.

    `count`, `right`: how many, and the share that was right. `best`: the share that the best guess has,
    exactly. `epsilon`: what the account says that an event has cost.
    """

    count: int
    right: float
    best: float
    epsilon: float

    @property
    def bound(self) -> float:
        """The share of right guesses that the cost allows."""
        return best_guess(self.epsilon)

    @property
    def error(self) -> float:
        """How far chance alone may carry the share."""
        return CHANCE * math.sqrt(self.best * (1.0 - self.best) / self.count)

    @property
    def holds(self) -> bool:
        """Whether the attacker did no better than noise of that size lets anybody, nor than the cost."""
        return self.right <= self.best + self.error and self.best <= self.bound + 1e-12


def votes(draws: int, epsilon: float) -> float:
    """How often the best guess from so many draws is right, each of which counted the event or did not.

    A draw of discrete Laplace noise tells nothing but on which side of the middle it fell: it votes, and is
    right with the chance `best_guess(epsilon)`; the majority has it, and a coin where there is none.
    """
    one = best_guess(epsilon)
    chances = [math.comb(draws, n) * one**n * (1.0 - one) ** (draws - n) for n in range(draws + 1)]
    return sum(c * (1.0 if 2 * n > draws else 0.5 if 2 * n == draws else 0.0) for n, c in enumerate(chances))


def averaging(cells: int, *, releases: int, epsilon: float, keep: bool = True, seed: int = 0) -> Guesses:
    """Average all published values of a cell. `keep`: whether noise is kept; a control where it is not."""
    secret = _coins(cells, seed)
    panel = _panel((KNOWN + secret)[None, :, None])
    ledger, seen = None, np.zeros(cells)
    for _ in range(releases):
        made = _release(panel, epsilon, ledger=ledger)
        ledger = made.ledger if keep else None
        seen += _values(made.cells)
    return Guesses(
        cells, _right(seen / releases > KNOWN + 0.5, secret), votes(1, epsilon), _cost(made.ledger)
    )


def successive(folder: Path, *, epsilon: float, revise: bool = True) -> Guesses:
    """Subtract a first release of St. Louis from the one after its corrections: where was one event added?

    Of the cells by neighbourhood, month and category those that grew by exactly one, and as many that stayed.
    `revise`: whether corrections are published at all.
    """
    grew = changes(folder)
    grew = grew.filter(pl.col("change").is_in([0, 1])).sample(fraction=1.0, shuffle=True, seed=1)
    size = int((grew["change"] == 1).sum())
    both = pl.concat(
        [grew.filter(pl.col("change") == 0).head(size), grew.filter(pl.col("change") == 1).head(size)]
    )
    then, now = (_panel(both[name].to_numpy()[None, :, None]) for name in ("first", "last"))
    first = _release(then, epsilon)
    later = _release(now, epsilon, ledger=first.ledger, revise=revise)
    guess = _values(later.cells) - _values(first.cells) > 0.5
    # the event that came late is under the second draw alone
    return Guesses(2 * size, _right(guess, both["change"].to_numpy()), votes(1, epsilon), _cost(later.ledger))


def changes(folder: Path) -> pl.DataFrame:
    """St. Louis by neighbourhood, month and category: as first coded, as known in the end, and the change.

    A first release counts what is coded by the end of its month.
    """
    rows = pl.read_csv(folder / "st_louis" / "incidents_2015_2019.csv.gz")
    month = pl.col("occurred_at").str.slice(0, 7)
    rows = rows.with_columns(month.alias("month")).filter(month >= "2015-01")
    in_time = pl.col("coded_month") <= pl.col("month")
    cells = rows.group_by("nhood", "month", "category").agg(
        pl.col("count").filter(in_time).sum().alias("first"), pl.col("count").sum().alias("last")
    )
    return cells.with_columns((pl.col("last") - pl.col("first")).alias("change")).sort(
        "nhood", "month", "category"
    )


def subtracting(districts: int, *, epsilon: float, areas: int = 5, seed: int = 0) -> Guesses:
    """Subtract the areas shown from a district's total: that leaves the area that is too small to show."""
    secret = _coins(districts, seed)
    exact = np.full((districts, areas), 10 * KNOWN, dtype=np.int64)
    exact[:, 0] = secret  # nought or one
    made = _release(_panel(exact.reshape(1, -1, 1)), epsilon)
    cells = made.cells.sort("place").with_columns(
        pl.Series("district", np.repeat(np.arange(districts), areas))
    )
    totals = total(cells, by=["district"]).sort("district")
    seen = made.public().sort("place")["value"].to_numpy().reshape(districts, areas)
    small = np.isnan(seen[:, 0])  # the others' noise cannot hide them
    left = totals["value"].to_numpy() - np.nansum(seen, axis=1)
    right = _right((left > 0.5)[small], secret[small])
    return Guesses(int(small.sum()), right, votes(1, epsilon), _cost(made.ledger))


def combining(cells: int, *, epsilon: float, seed: int = 0) -> Guesses:
    """Read a second table that counts the same events beside the releases: the likelier answer of the two."""
    secret = _coins(cells, seed)
    made = _release(_panel((KNOWN + secret)[None, :, None]), epsilon)
    beside = draw(KNOWN + secret, epsilon=epsilon)
    ledger = made.ledger.sort("place").with_columns(pl.Series("noisy", beside))
    odds = sum(
        np.log(pmf(seen - KNOWN - 1, epsilon=epsilon)) - np.log(pmf(seen - KNOWN, epsilon=epsilon))
        for seen in (_values(made.cells), beside)
    )
    # where both answers are as likely, by a coin
    guess = np.where(np.abs(odds) < 1e-9, _coins(cells, seed + 1) == 1, odds > 0)
    account = spent([Table("counts", "event", made.ledger), Table("beside", "event", ledger)])
    return Guesses(cells, _right(guess, secret), votes(2, epsilon), account["event"].one.epsilon)


def moving(cells: int, *, epsilon: float, seed: int = 0) -> Guesses:
    """Follow an event that was moved to another cell after its first release, over both releases."""
    secret = _coins(cells, seed)
    here, there = KNOWN + secret, np.full(cells, KNOWN, dtype=np.int64)
    then = _panel(np.stack([here, there])[:, :, None])
    now = _panel(np.stack([here - secret, there + secret])[:, :, None])
    first = _release(then, epsilon)
    later = _release(now, epsilon, ledger=first.ledger, revise=True)
    was, is_ = (_values(made.cells).reshape(2, cells) for made in (first, later))
    news = is_ - was
    seen = [(was[0] - KNOWN, 1), (news[0], -1), (news[1], 1)]  # each draw, and what the event adds to it
    odds = sum(
        np.log(pmf(value - step, epsilon=epsilon)) - np.log(pmf(value, epsilon=epsilon))
        for value, step in seen
    )
    cost = spent([Table("counts", "event", later.ledger)])["event"].corrected.epsilon
    return Guesses(cells, _right(np.asarray(odds > 0), secret), votes(3, epsilon), cost)


def all_attacks(folder: Path | None, *, epsilon: float, cells: int) -> dict[str, Callable[[], Guesses]]:
    """Every attack by what it does; that on real data where they stand in `folder`."""
    attacks: dict[str, Callable[[], Guesses]] = {
        "averaging 104 weekly releases": lambda: averaging(cells, releases=104, epsilon=epsilon),
        "totals less the areas shown": lambda: subtracting(cells, epsilon=epsilon),
        "a second table beside the releases": lambda: combining(cells, epsilon=epsilon),
        "an event moved to another cell, over both releases": lambda: moving(cells, epsilon=epsilon),
    }
    if folder is not None:
        attacks["St. Louis, a release less the one before its corrections"] = lambda: successive(
            folder, epsilon=epsilon
        )
    return attacks


def _coins(count: int, seed: int) -> Ints:
    return np.random.default_rng(seed).integers(0, 2, count)


def _right(guess: Bools, secret: Ints) -> float:
    return float((guess == (secret == 1)).mean())


def _cost(ledger: pl.DataFrame) -> float:
    return spent([Table("counts", "event", ledger)])["event"].one.epsilon


def _values(cells: pl.DataFrame) -> Ints:
    return cells.sort("topic", "place")["value"].to_numpy()


def _release(panel: xr.DataArray, epsilon: float, **more: Any) -> Any:
    topics, areas = ([str(each) for each in panel[dim].values] for dim in ("topic", "area"))
    return release(
        panel,
        epsilon=epsilon,
        threshold=5,
        sensitivity=dict.fromkeys(topics, "open"),
        parents=dict.fromkeys(areas),
        **more,
    )


def _panel(values: Ints) -> xr.DataArray:
    """Counts (topic, area, 1) of one week; names sort as their positions do."""
    start = np.array([np.datetime64("2024-01-06", "ns")])
    return xr.DataArray(
        np.asarray(values, dtype=np.int64),
        dims=("topic", "area", "period"),
        coords={
            "topic": [f"t{at}" for at in range(values.shape[0])],
            "area": [f"a{at:07d}" for at in range(values.shape[1])],
            "period": start,
            "period_end": ("period", start + np.timedelta64(7, "D")),
        },
        attrs={"freq": "W", "kind": "need"},
    )
