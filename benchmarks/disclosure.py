"""Disclosure: what publishing costs, and whether the promised error holds.

Limits are ratios measured in one run: against drawing the noise alone, and against Polars adding up the same
cells without any error. Medians of five, each against its peer in turn.
Shares may go beyond 5% by five standard errors of their 349,440 cells or 2,240 totals, and those of right
guesses beyond what the account allows by five standard errors of their guesses (`benchmarks._attacks`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import xarray as xr

from benchmarks import _attacks
from benchmarks._timing import ratio, row
from mahalleh.disclose import Table, release, spent, total
from mahalleh.disclose.noise import draw
from mahalleh.disclose.tables import KEY

TOPICS = 7
AREAS = 320
WEEKS = 156  # 7 * 320 * 156 = 349,440 cells


def run() -> list[dict[str, Any]]:
    """The claims of docs/analysts/disclosure.md."""
    panel = _panel()
    settings = {
        "epsilon": 1.0,
        "threshold": 5,
        "sensitivity": {str(topic): "open" for topic in panel["topic"].values},
        "parents": {str(area): f"d{at % 8}" for at, area in enumerate(panel["area"].values)},
    }
    flat = panel.values.reshape(-1)
    made = release(panel, **settings)
    whole, _, noise = ratio(lambda: release(panel, **settings), lambda: draw(flat, epsilon=1.0))
    again, seconds, _ = ratio(
        lambda: release(panel, ledger=made.ledger, **settings), lambda: draw(flat, epsilon=1.0)
    )
    summed, _, _ = ratio(
        lambda: total(made.cells, by=["topic", "place"]),
        lambda: made.cells.group_by("topic", "place").agg(pl.col("value").sum()),
    )
    error = made.ledger["noisy"].to_numpy() - made.ledger["counted"].to_numpy()
    covered = float((np.abs(error) <= made.cells["half_width"][0]).mean())
    sums = total(made.cells, by=["topic", "place"]).sort("topic", "place")
    exact = panel.sum("period").stack(cell=("topic", "area")).values
    sums_covered = float((np.abs(sums["value"].to_numpy() - exact) <= sums["half_width"].to_numpy()).mean())
    cells = f"{made.cells.height:,} cells"
    return [
        _limit(f"Releasing {cells}, times drawing their noise alone ({noise:.1f} s)", whole, 2.0),
        _limit(f"Releasing them again ({seconds:.1f} s), times drawing their noise alone", again, 0.75),
        _limit("Totals with errors, times Polars' bare sums of the same cells", summed, 8.0),
        _limit("Errors of cells beyond the 95% half-width, share", 1.0 - covered, 0.052),
        _limit("Errors of 156-week totals beyond the 95% half-width, share", 1.0 - sums_covered, 0.073),
        _limit(*_account(made.ledger)),
        *_guesses(),
    ]


def _account(ledger: pl.DataFrame) -> tuple[str, float, float]:
    table = [Table("counts", "event", ledger)]
    times, seconds, _ = ratio(lambda: spent(table), lambda: ledger.group_by(KEY).agg(pl.col("noisy").sum()))
    return (
        f"The account of {ledger.height:,} draws ({seconds:.2f} s), times Polars' sums of them",
        times,
        20.0,
    )


def _guesses() -> list[dict[str, Any]]:
    """Whether an event was counted, guessed by attackers who know all else; epsilon 1."""
    rows = []
    for name, attack in _attacks.all_attacks(_shared(), epsilon=1.0, cells=10_000).items():
        found = attack()
        claim = f"Right guesses of {found.count:,}, {name}; an event has cost {found.epsilon:g}"
        limit = f"best guess {found.best:.3f}, and {found.error:.3f} by chance; account {found.bound:.3f}"
        rows.append(row(claim, f"{found.right:.3f}", limit, holds=found.holds))
    fresh = _attacks.averaging(500, releases=104, epsilon=1.0, keep=False)
    claim = f"Right guesses of {fresh.count:,}, averaging 104 releases, were noise drawn anew each time"
    return [
        *rows,
        row(claim, f"{fresh.right:.3f}", "at least 0.95: the attack works", holds=fresh.right >= 0.95),
    ]


def _shared() -> Path | None:
    """The folder of real data beside the checkout, where it stands."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("MAHALLEH_SHARED", beside)) / "data"
    return folder if (folder / "st_louis").is_dir() else None


def _panel() -> xr.DataArray:
    values = np.random.default_rng(0).negative_binomial(4, 0.35, (TOPICS, AREAS, WEEKS)).astype(np.int64)
    start = (np.datetime64("2023-01-07") + np.timedelta64(7, "D") * np.arange(WEEKS)).astype("datetime64[ns]")
    return xr.DataArray(
        values,
        dims=("topic", "area", "period"),
        coords={
            "topic": [f"t{at}" for at in range(TOPICS)],
            "area": [f"a{at:03d}" for at in range(AREAS)],
            "period": start,
            "period_end": ("period", start + np.timedelta64(7, "D")),
        },
        attrs={"freq": "W", "kind": "need"},
    )


def _limit(claim: str, figure: float, most: float) -> dict[str, Any]:
    return row(claim, f"{figure:.3f}", f"at most {most:g}", holds=figure <= most)


if __name__ == "__main__":
    run()
