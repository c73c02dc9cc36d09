"""Disclosure: what publishing costs, and whether the promised error holds.

Limits are ratios measured in one run: against drawing the noise alone, and against Polars adding up the same
cells without any error. Medians of five.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import polars as pl
import xarray as xr

from mahalleh.disclose import release, total
from mahalleh.disclose.noise import draw

TOPICS = 7
AREAS = 320
WEEKS = 156  # 7 * 320 * 156 = 349,440 cells
RUNS = 5


def run() -> list[dict]:
    """The claims of docs/analysts/disclosure.md."""
    panel = _panel()
    settings = {
        "epsilon": 1.0,
        "threshold": 5,
        "sensitivity": {str(topic): "open" for topic in panel["topic"].values},
        "parents": {str(area): f"d{at % 8}" for at, area in enumerate(panel["area"].values)},
    }
    flat = panel.values.reshape(-1)
    noise = _median(lambda: draw(flat, epsilon=1.0))
    whole = _median(lambda: release(panel, **settings))
    made = release(panel, **settings)
    again = _median(lambda: release(panel, ledger=made.ledger, **settings))
    bare = _median(lambda: made.cells.group_by("topic", "place").agg(pl.col("value").sum()))
    summed = _median(lambda: total(made.cells, by=["topic", "place"]))
    error = made.ledger["noisy"].to_numpy() - made.ledger["counted"].to_numpy()
    covered = float((np.abs(error) <= made.cells["half_width"][0]).mean())
    sums = total(made.cells, by=["topic", "place"]).sort("topic", "place")
    exact = panel.sum("period").stack(cell=("topic", "area")).values
    sums_covered = float((np.abs(sums["value"].to_numpy() - exact) <= sums["half_width"].to_numpy()).mean())
    cells = made.cells.height
    rows = [
        _row(
            f"Releasing {cells:,} cells, times drawing their noise alone ({noise:.1f} s)", whole / noise, 2.0
        ),
        _row("Releasing them again from the ledger, times drawing their noise alone", again / noise, 0.75),
        _row("Totals with errors, times Polars' bare sums of the same cells", summed / bare, 8.0),
        _row("Errors of cells beyond the 95% half-width, share", 1.0 - covered, 0.051),
        _row("Errors of 156-week totals beyond the 95% half-width, share", 1.0 - sums_covered, 0.065),
    ]
    for row in rows:
        print(f"| {row['claim']} | {row['figure']} | {row['limit']} | {'yes' if row['holds'] else 'no'} |")
    return rows


def _panel() -> xr.DataArray:
    values = np.random.default_rng(0).negative_binomial(4, 0.35, (TOPICS, AREAS, WEEKS)).astype(np.int64)
    start = (np.datetime64("2023-01-07") + 7 * np.arange(WEEKS)).astype("datetime64[ns]")
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


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _row(claim: str, figure: float, limit: float) -> dict:
    return {"claim": claim, "figure": round(figure, 3), "limit": limit, "holds": figure <= limit}


if __name__ == "__main__":
    run()
