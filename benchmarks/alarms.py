"""Whether signals come at the stated rate where the baseline is known: alarms and clumping by themselves.

400 years of weekly scans of 40 areas without any rise; counts of variance 1.5 times their mean, windows of 1
to 8 weeks, p-values by rank among 999 replicates. (With a baseline that is estimated: `detection`.) Since
what would come by chance stays the same, every week's replicates are drawn from one pool of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from benchmarks._timing import row
from mahalleh.watch import Baseline, Look, ScanResult, alarms, clumping, look_level, scan, sliding_maxima

AREAS, YEARS, LONGEST, REPLICATES, POOL = 40, 400, 8, 999, 100_000
DISPERSION: Final = 1.5
RATES: Final = (0.25, 0.5, 1.0)  # false signals a year
SHOWN: Final = 0.05  # p-value beyond which a cluster neither opens a signal nor shows one
WITHIN: Final = 0.20  # of the stated rate


def run() -> list[dict[str, Any]]:
    """Signals a year over the stated rate, with the clumping of this city and without."""
    rng = np.random.default_rng(5)
    where = {
        "coordinates": rng.random((AREAS, 2)),
        "population": np.full(AREAS, 1000.0),
        "max_periods": LONGEST,
    }
    level = rng.gamma(4.0, 2.0, AREAS)
    baseline = _baseline(level)
    looks = _looks(level, baseline, where, rng)
    rows = []
    for rate in RATES:
        yearly = {"rate": rate, "looks_a_year": 52, "topics": 1}
        index = clumping(
            baseline,
            seed=1,
            level=look_level(**yearly),
            replicates=REPLICATES,
            courses=20,
            weeks=4000,
            **where,
        )
        found = {theta: len(alarms(looks, clumping=theta, **yearly).signals) for theta in (float(index), 1.0)}
        come, without = (count / YEARS / rate for count in found.values())
        error = np.sqrt(found[float(index)]) / YEARS / rate
        rows.append(
            row(
                f"false signals a year over the stated {rate}, clumping {float(index):.2f} "
                f"± {index.standard_error:.2f}",
                f"{come:.2f} ± {error:.2f} (without clumping {without:.2f})",
                f"within {WITHIN:.0%}",
                holds=bool(abs(come - 1) <= WITHIN),
            )
        )
    return rows


def _baseline(level: Any) -> Baseline:
    mean = np.repeat(level[:, None], LONGEST, axis=1)
    sure = np.zeros((*mean.shape, 1))
    return Baseline(mean, np.full_like(mean, DISPERSION), sure, sure[0])


def _looks(level: Any, baseline: Baseline, where: dict[str, Any], rng: np.random.Generator) -> list[Look]:
    weeks = 52 * YEARS
    over = DISPERSION - 1
    counts = rng.poisson(rng.gamma(level[:, None] / over, over, (AREAS, weeks + LONGEST - 1)))
    pool = sliding_maxima(baseline, seed=99, courses=1, weeks=POOL, **where)[0]
    looks = []
    for week in range(weeks):
        result = scan(
            counts[:, week : week + LONGEST],
            model="negative-binomial",
            expected=baseline,
            seed=week,
            replicates=1,
            **where,
        )
        chance = np.sort(rng.choice(pool, REPLICATES))
        looks.append(
            Look("t", np.datetime64("1900-01-01") + np.timedelta64(7, "D") * week, _judged(result, chance))
        )
    return looks


def _judged(result: ScanResult, chance: Any) -> ScanResult:
    """The result with these replicates' maxima instead of its own; without clusters that none would see."""
    clusters = []
    for cluster in result.clusters:
        above = len(chance) - int(np.searchsorted(chance, cluster.ratio, side="left"))
        p_value = (1 + above) / (1 + len(chance))
        if p_value > SHOWN:
            break
        clusters.append(replace(cluster, p_value=p_value, recurrence=1 / p_value))
    return replace(result, clusters=tuple(clusters), maxima=chance)
