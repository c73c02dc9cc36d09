"""What a page draws of a rise: its areas' curve with the usual range, what else was reported there, and from
when on anyone could see it.

The usual range comes from the same predictive distribution that the scan's replicates are drawn from: the
parameters' doubt and a negative binomial count (see mahalleh.watch.results.Baseline).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch import Baseline
from mahalleh_site.watch.looking import Watched

DRAWN: Final = {"W": 104, "M": 24}  # periods that a curve goes back: two years
DRAWS: Final = 2000
USUAL: Final = (0.025, 0.975)
PLAIN: Final = 0.999  # of usual periods lie below what anyone would notice
COMPLETE: Final = 0.995  # of a period's reports: from here on nothing is added for late ones

Draws = NDArray[np.int64]


def usual_counts(baseline: Baseline, rows: NDArray[np.intp], last: int, seed: int) -> Draws:
    """Counts (draws, areas, periods) as they come by chance, of some areas in the `last` periods."""
    generator = np.random.default_rng(seed)
    cut = slice(baseline.mean.shape[1] - last, None)
    spread, shared = baseline.spread[rows, cut], baseline.shared[cut]
    own = np.einsum("apk,dak->dap", spread, generator.standard_normal((DRAWS, len(rows), spread.shape[2])))
    common = generator.standard_normal((DRAWS, shared.shape[1])) @ shared.T
    centred = 0.5 * ((spread**2).sum(axis=2) + (shared**2).sum(axis=1))
    mean = baseline.mean[rows, cut] * np.exp(own + common[:, None, :] - centred)
    over = np.maximum(baseline.dispersion[rows, cut] - 1.0, 1e-9)
    return generator.poisson(generator.gamma(mean / over, over))


def curve(watched: Watched, areas: Sequence[str], freq: str) -> list[dict[str, Any]]:
    """A point a period of the areas together, oldest first, plain for JSON; see shapes.CurvePoint."""
    if watched.counts is None:
        return []
    last = min(DRAWN[freq], watched.counts.sizes["period"])
    cut = slice(watched.counts.sizes["period"] - last, None)
    rows = _rows(watched, areas)
    observed = watched.counts.to_numpy()[rows, cut].sum(axis=0)
    starts, ends = watched.periods[cut].astype(str), watched.ends[cut].astype(str)
    points = [
        {"start": start, "end": end, "observed": int(n)}
        for start, end, n in zip(starts, ends, observed, strict=True)
    ]
    if watched.usual is None:
        return [point | dict.fromkeys(("expected", "low", "high", "completed")) for point in points]
    baseline = watched.usual.of(watched.topic)
    together = usual_counts(baseline, rows, last, watched.seed).sum(axis=1)
    low, high = np.quantile(together, USUAL, axis=0)
    expected = baseline.mean[rows, cut].sum(axis=0)
    share = watched.usual.completeness.sel(topic=watched.topic).to_numpy()[cut]
    for i, point in enumerate(points):
        late = share[i] < COMPLETE
        point |= {
            "expected": round(float(expected[i]), 2),
            "low": round(float(low[i]), 1),
            "high": round(float(high[i]), 1),
            "completed": round(float(observed[i] / share[i]), 1) if late else None,
        }
    return points


def plain_from(watched: Watched, areas: Sequence[str], since: date) -> date | None:
    """The first period from `since` on in which anyone could see the rise without a scan; None while none.

    Plain: the count of one period, in one of the areas or in all together, is one that 999 of 1,000 usual
    periods stay below.
    """
    if watched.counts is None or watched.usual is None:
        return None
    last = int((watched.periods >= np.datetime64(since)).sum())
    if last == 0:
        return None
    rows = _rows(watched, areas)
    seen = watched.counts.to_numpy()[rows, -last:]
    drawn = usual_counts(watched.usual.of(watched.topic), rows, last, watched.seed)
    alone = (seen > np.quantile(drawn, PLAIN, axis=0)).any(axis=0)
    together = seen.sum(axis=0) > np.quantile(drawn.sum(axis=1), PLAIN, axis=0)
    found = np.flatnonzero(alone | together)
    return watched.periods[-last:][found[0]].astype(date) if found.size else None


def nearby(
    topics: Mapping[str, Watched], besides: str, areas: Sequence[str], start: date, end: date
) -> list[dict[str, Any]]:
    """Counts of the other topics in the same areas and days, and what is usual; the most told first."""
    found = []
    for name, watched in topics.items():
        if name == besides or watched.counts is None:
            continue
        inside = (watched.periods >= np.datetime64(start)) & (watched.ends <= np.datetime64(end))
        rows = _rows(watched, areas)
        observed = int(watched.counts.to_numpy()[np.ix_(rows, inside)].sum())
        usual = None
        if watched.usual is not None:
            mean = watched.usual.mean.sel(topic=name).to_numpy()
            usual = round(float(mean[np.ix_(rows, inside)].sum()), 1)
        if observed:
            found.append({"topic": name, "observed": observed, "usual": usual})
    return sorted(found, key=lambda each: (-each["observed"], each["topic"]))


def _rows(watched: Watched, areas: Sequence[str]) -> NDArray[np.intp]:
    if watched.counts is None:
        return np.empty(0, dtype=np.intp)
    where = {area: row for row, area in enumerate(watched.counts["area"].to_numpy().tolist())}
    return np.array([where[area] for area in areas if area in where], dtype=np.intp)
