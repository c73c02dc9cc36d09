"""How often the scan cries wolf where nothing rises: five kinds of data, nominal 5%.

100 areas, 104 weeks, windows of 1 to 8 weeks, circles of up to 10% of the population, 999 replicates: the
kinds on which SaTScan was measured to alarm in 0%, 85%, 65 to 70%, 35 to 50% and 90 to 100% of data sets.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from scipy import stats

from benchmarks._kept import kept
from benchmarks._timing import row

AREAS, WEEKS = 100, 104
RATE: Final = 0.001  # cases a resident and week
LEVEL: Final = 0.05
OURS, PEER = 400, 100  # data sets a kind
PART: Final = 50  # data sets between two savings
YEAR: Final = 365.25 / 7
KINDS: Final = {
    "independent Poisson": 1.0,
    "a season common to all": 1.0,
    "a season that differs by area": 1.0,
    "negative binomial, variance 1.5 times the mean": 1.5,
    "negative binomial, variance twice the mean": 2.0,
}
SATSCAN: Final = dict(zip(KINDS, ("0%", "85%", "65 to 70%", "35 to 50%", "90 to 100%"), strict=True))


def ground() -> tuple[Any, Any]:
    """Where the areas lie and who lives there."""
    rng = np.random.default_rng(100)
    return rng.random((AREAS, 2)) * 40, rng.lognormal(np.log(1600), 0.5, AREAS).round()


def means(kind: str, rng: Any) -> Any:
    """What the counts of a kind are drawn round: (areas, weeks), without any rise."""
    _, people = ground()
    week = np.arange(WEEKS)
    mean = RATE * people[:, None] * np.ones((1, WEEKS))
    if kind == "a season common to all":
        mean = mean * (1 + 0.4 * np.cos(2 * np.pi * (week - WEEKS + 4) / YEAR))  # at its height when watched
    if kind == "a season that differs by area":
        phase, height = rng.uniform(0, 2 * np.pi, (AREAS, 1)), rng.uniform(0.1, 0.5, (AREAS, 1))
        mean = mean * np.exp(height * np.sin(2 * np.pi * week / YEAR + phase))
    return mean


def counts(kind: str, number: int) -> Any:
    """One data set of a kind: (areas, weeks)."""
    rng = np.random.default_rng([number, list(KINDS).index(kind)])
    mean = means(kind, rng)
    over = KINDS[kind] - 1
    return rng.poisson(rng.gamma(mean / over, over) if over > 0 else mean)


def panel(table: Any) -> Any:
    """The counts as a panel of one topic."""
    import xarray as xr

    week = np.timedelta64(7, "D")
    first = np.datetime64("2023-01-02") + week * np.arange(table.shape[1])
    return xr.DataArray(
        table[None],
        dims=("topic", "area", "period"),
        coords={
            "topic": ["x"],
            "area": np.array([f"a{i}" for i in range(AREAS)], dtype=object),
            "period": first.astype("datetime64[ns]"),
            "period_end": ("period", (first + week).astype("datetime64[ns]")),
        },
    )


def p_values(kind: str, first: int, model: str) -> list[float]:
    """The smallest p-value of each of PART data sets, by our model or by SaTScan's."""
    from mahalleh.watch import expected_counts, scan

    xy, people = ground()
    found = []
    for number in range(first, first + PART):
        table = counts(kind, number)
        expected = expected_counts(panel(table)).of("x") if model == "negative-binomial" else None
        result = scan(table, model=model, coordinates=xy, population=people, expected=expected, seed=number)
        found.append(min((cluster.p_value for cluster in result.clusters), default=1.0))
    return found


def share(kind: str, model: str, sets: int) -> float:
    """Data sets with an alarm at the nominal level."""
    found: list[float] = []
    for first in range(0, sets, PART):
        name = f"calibration-{list(KINDS).index(kind)}-{model}-{first}"
        found += kept(name, partial(p_values, kind, first, model))
    return float(np.mean(np.array(found) <= LEVEL))


def run() -> list[dict[str, Any]]:
    """Ours on every kind, beside the conditional Poisson scan of the same data."""
    low, high = (q / OURS for q in stats.binom(OURS, LEVEL).interval(0.998))
    rows = []
    for kind in KINDS:
        ours, theirs = share(kind, "negative-binomial", OURS), share(kind, "poisson", PEER)
        figure = f"{ours:.2%} ({theirs:.0%} by the Poisson model; SaTScan {SATSCAN[kind]})"
        limit = f"5%, or {low:.2%} to {high:.2%} by chance in {OURS} data sets"
        rows.append(row(f"alarms without a rise: {kind}", figure, limit, holds=low <= ours <= high))
    return rows
