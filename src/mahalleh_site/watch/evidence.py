"""What speaks for a rise and against it, for those who judge: its areas' curve with the usual range, what
else was reported there, which sources told of it, and from when on anyone could see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh.errors import WatchError
from mahalleh.watch.influence import influence
from mahalleh.watch.usual import chance_of_more, usual_counts
from mahalleh_site.watch.looking import Looked, Watched

DRAWN: Final = {"W": 104, "M": 24}  # periods that a curve goes back: two years
USUAL: Final = (0.025, 0.975)  # between them lie 95 of 100 counts by chance, as pages say
COMPLETE: Final = 0.995  # of a period's reports: what is late beyond is less than pages round off

Rows: TypeAlias = NDArray[np.intp]


def curve(watched: Watched, areas: Sequence[str], freq: str) -> list[dict[str, Any]]:
    """A point a period of the areas together, oldest first, plain for JSON; see pages.CurvePoint."""
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
    together = usual_counts(baseline, rows, last, seed=watched.seed).sum(axis=1)
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


def plain_from(watched: Watched, areas: Sequence[str], since: date, *, level: float) -> date | None:
    """The first period from `since` on in which anyone could see the rise without a scan; None while none.

    Plain: the count of one period in one of the areas, by itself, is one that comes with a chance of at most
    `level`. With the rate of false signals divided by a year's looks at all areas and topics, that is a bound
    on every neighbourhood's own curve that errs as often as the watch.
    """
    if watched.counts is None or watched.usual is None:
        return None
    last = int((watched.periods >= np.datetime64(since)).sum())
    if last == 0:
        return None
    rows = _rows(watched, areas)
    seen = watched.counts.to_numpy()[rows, -last:]
    chance = chance_of_more(watched.usual.of(watched.topic), rows, seen, seed=watched.seed)
    found = np.flatnonzero((chance <= level).any(axis=0))
    day: date | None = watched.periods[-last:][found[0]].astype(date) if found.size else None
    return day


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


def sources(looked: Looked, watched: Watched, areas: Sequence[str]) -> tuple[list[dict[str, Any]], bool]:
    """A cluster's shares by source, as pages.SourceShare, and whether a burst from a few spots makes it.

    Nothing where corrections have left cells below nought: then events and counts do not add up.
    """
    if watched.result is None or watched.usual is None:
        return [], False
    cluster = next(one for one in watched.result.clusters if tuple(one.areas) == tuple(areas))
    try:
        found = influence(
            looked.events,
            cluster,
            topic=watched.topic,
            edges=np.append(watched.periods, watched.ends[-1]),
            expected=watched.usual.of(watched.topic),
            chance=watched.result.maxima,
            damping=looked.damping,
        )
    except WatchError:
        return [], False
    shares = [
        {
            "source": one.source,
            "observed": one.observed,
            "share": round(one.share, 4),
            "left_observed": one.left_observed,
            "left_expected": round(one.left_expected, 2),
            "left_recurrence": round(1 / one.left_p_value, 2),
        }
        for one in found.sources
    ]
    return shares, found.burst


def _rows(watched: Watched, areas: Sequence[str]) -> Rows:
    if watched.counts is None:
        return np.empty(0, dtype=np.intp)
    where = {area: row for row, area in enumerate(watched.counts["area"].to_numpy().tolist())}
    return np.array([where[area] for area in areas if area in where], dtype=np.intp)
