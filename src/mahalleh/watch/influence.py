"""What a signal rests on: its sources, what is left without each, and whether a few spots make it.

    found = influence(events, result.clusters[0], topic="noise", edges=edges, expected=baseline,
                      chance=result.maxima, damping=damping)
    found.sources[0].share, found.sources[0].stands, found.burst

Reports feed back as well: one loud source, one campaign or one caller can make a rise. Who decides sees it.
Rules and limits: docs/analysts/alarms.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mahalleh.errors import WatchError
from mahalleh.watch.alarms import KEEP
from mahalleh.watch.duplicates import Damping
from mahalleh.watch.results import Baseline, Cluster

Floats: TypeAlias = NDArray[np.float64]

# periods before the window that tell what is usual: a year of weeks, whose seasons cancel
HISTORY: Final = 52
# reports of the whole city's history that an area's own shares begin from: a choice. In an area with ten
# reports a source's share is half its own and half the city's; with a hundred it hardly matters
PRIOR: Final = 10.0
FEW: Final = 3  # cells, a tenth of a square kilometre each: as many as a person looks at on a map. A choice
MOST: Final = 0.5  # of the rise: the majority
# chance that any of the cells would be called a burst without one: one signal in a hundred
SURE: Final = 0.01


@dataclass(frozen=True, slots=True)
class SourceInfluence:
    """One source of a cluster, and what is left without it.

    Attributes
    ----------
    source : str
        Which.
    observed : int
        Its reports in the cluster.
    share, history_share : float
        Of all reports of the cluster, and of those before in the same areas, 0 to 1.
    left_observed : int
        Reports without it.
    left_expected : float
        Reports that were to be expected without it.
    left_ratio : float
        The log likelihood ratio of these.
    left_p_value : float
        Its rank among the scan's replicates.
    stands : bool
        Whether the rise would still be seen.
    """

    source: str
    observed: int
    share: float
    history_share: float
    left_observed: int
    left_expected: float
    left_ratio: float
    left_p_value: float
    stands: bool


@dataclass(frozen=True, slots=True)
class CellInfluence:
    """An H3 cell that has more of the cluster's reports than its past explains.

    Attributes
    ----------
    cell : int
        H3 index.
    observed : int
        Its reports in the cluster.
    expected : float
        Its usual share of the cluster's reports.
    p_value : float
        The chance of so many, for all cells looked at (Bonferroni).
    """

    cell: int
    observed: int
    expected: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Influence:
    """What a cluster rests on.

    Attributes
    ----------
    sources : tuple of SourceInfluence
        The largest first.
    cells : tuple of CellInfluence
        At most three that stand out, the most reports first.
    cells_share : float
        Of the observed reports that is theirs, 0 to 1.
    damped : int
        Near-duplicate reports that were not counted.
    burst : bool
        Whether those cells, or those reports, make at least half of the rise.
    """

    sources: tuple[SourceInfluence, ...]
    cells: tuple[CellInfluence, ...]
    cells_share: float
    damped: int
    burst: bool

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The sources without any one of which the rise would not be seen."""
        return tuple(one.source for one in self.sources if not one.stands)


def influence(
    events: pl.DataFrame | pl.LazyFrame,
    cluster: Cluster,
    *,
    topic: str,
    edges: ArrayLike,
    expected: Baseline,
    chance: ArrayLike,
    history: int = HISTORY,
    keep: float = KEEP,
    damping: Damping | None = None,
) -> Influence:
    """Tell who told what a cluster of `scan` is made of.

    Parameters
    ----------
    events : polars.DataFrame or polars.LazyFrame
        Those whose panel was scanned, damped and as known then.
    cluster : Cluster
        Of the scan.
    topic : str
        That was scanned.
    edges : (P + 1,) datetime64
        First days of the panel's periods, and the day after the last.
    expected : Baseline
        (A, P), that was scanned with.
    chance : (R,) float64
        The scan's `maxima`.
    history : int
        Periods before the window that shares are compared with, fewer where there are fewer.
    keep : float
        The p-value up to which a rise counts as seen, as in `alarms`.
    damping : Damping, optional
        What `damp` gave with the events.

    Returns
    -------
    Influence
        Sources, and cells that stand out.

    Raises
    ------
    WatchError
        Events that do not add up to what the cluster observed, or edges of other periods.

    Notes
    -----
    A source left out takes its share of the expected counts with it: its share of what these areas told in
    the history, drawn towards that of the whole city by ten reports' worth. A source that is new had no
    share, so without it all is still expected. The ratio is that of the models `negative-binomial` and
    `expectation`. Corrections that leave an area's period below zero count as zero, as they must in a scan.
    """
    days = np.asarray(edges).astype("datetime64[D]")
    periods = expected.mean.shape[1]
    if days.shape != (periods + 1,) or (np.diff(days) <= np.timedelta64(0, "D")).any():
        raise WatchError("watch.influence-edges", given=days.size, wanted=periods + 1)
    start, past = cluster.start, cluster.end + 1
    begin = max(start - history, 0)
    told = _told(events, topic, days[begin], days[past], cluster)
    window = pl.col("day") >= days[start].item()
    now, before = told.filter(window & pl.col("inside")), told.filter(~window)
    observed = int(_counts(now, cluster, days[start : past + 1]).sum())
    if observed != round(cluster.observed):
        raise WatchError("watch.influence-other-events", given=observed, wanted=round(cluster.observed))
    inside = np.ix_(cluster.index, np.arange(start, past))
    weights = 1 / expected.dispersion[inside]
    weighed = float((expected.mean[inside] * weights).sum())
    mean = float(expected.mean[inside].sum())
    shares = _history_shares(now["source"].unique().to_list(), before)
    by_chance = np.sort(np.asarray(chance, dtype=np.float64))
    sources = []
    for source, usual in shares.items():
        others = now.filter(pl.col("source") != source)
        counts = _counts(others, cluster, days[start : past + 1])
        left = int(counts.sum())
        ratio = expectation_ratio(float((counts * weights).sum()), weighed * (1 - usual))
        above = len(by_chance) - int(np.searchsorted(by_chance, ratio, side="left"))
        p_value = (1 + above) / (1 + len(by_chance)) if ratio > 0 else 1.0
        its = max(observed - left, 0)
        sources.append(
            SourceInfluence(
                source=source,
                observed=its,
                share=its / observed if observed else 0.0,
                history_share=usual,
                left_observed=left,
                left_expected=mean * (1 - usual),
                left_ratio=ratio,
                left_p_value=p_value,
                stands=p_value <= keep,
            )
        )
    cells = outstanding_cells(_by_cell(now), _by_cell(before.filter(pl.col("inside"))))
    damped = 0
    if damping is not None:
        damped = damping.left_out(topic, map(str, cluster.areas), days[start].item(), days[past].item())
    theirs = sum(one.observed for one in cells)
    over = sum(one.observed - one.expected for one in cells)
    rise = observed - mean
    return Influence(
        sources=tuple(sorted(sources, key=lambda one: (-one.observed, one.source))),
        cells=cells,
        cells_share=theirs / observed if observed else 0.0,
        damped=damped,
        burst=(bool(cells) and over >= MOST * rise) or (damped > 0 and damped >= MOST * (rise + damped)),
    )


def expectation_ratio(observed: float, expected: float) -> float:
    """Compute the log likelihood ratio of a rise against known expected counts [1]_.

    Parameters
    ----------
    observed, expected : float
        Both weighed by one over the dispersion.

    Returns
    -------
    float
        0 where there is no rise, infinite where none was to be expected.

    References
    ----------
    .. [1] D. B. Neill (2009), "Expectation-based scan statistics for monitoring spatial time series data".

    Examples
    --------
    >>> expectation_ratio(20.0, 10.0), expectation_ratio(9.0, 10.0)  # 20 ln 2 - 10
    (3.862943611198906, 0.0)
    """
    if observed <= max(expected, 0.0):
        return 0.0
    if expected <= 0:
        return float("inf")
    return float(observed * np.log(observed / expected) - (observed - expected))


def outstanding_cells(now: dict[int, int], before: dict[int, int]) -> tuple[CellInfluence, ...]:
    """Find cells with more of a window's reports than their share of the history explains, at most three.

    Given the window's total, a cell's reports are binomial with its share of the history, to which every cell
    that was ever told of adds one report. One chance in a hundred, over all cells, is left to mistake.

    Parameters
    ----------
    now, before : dict of int to int
        Reports by cell, in the window and in the history.

    Returns
    -------
    tuple of CellInfluence
        The most reports first.

    Examples
    --------
    >>> [found.cell for found in outstanding_cells({1: 30, 2: 30, 3: 2}, {1: 300, 2: 10, 3: 20})]
    [2]
    """
    every = now.keys() | before.keys()
    total = sum(now.values())
    past = sum(max(count, 0) for count in before.values()) + len(every)
    found = []
    for cell, observed in now.items():
        usual = (max(before.get(cell, 0), 0) + 1) / past
        # as many or more of a binomial, by the incomplete beta function
        more = float(special.betainc(observed, total - observed + 1, usual)) if observed > 0 else 1.0
        p_value = min(1.0, len(every) * more)
        if p_value <= SURE:
            found.append(CellInfluence(cell, observed, total * usual, p_value))
    found.sort(key=lambda one: (-one.observed, one.cell))
    return tuple(found[:FEW])


def _told(
    events: pl.DataFrame | pl.LazyFrame, topic: str, first: Any, past: Any, cluster: Cluster
) -> pl.DataFrame:
    """The city's reports of a topic by source, day, area and cell; `inside` the cluster's areas or not."""
    areas = [str(area) for area in cluster.areas]
    inside = pl.col("area").is_in(areas)
    return (
        events.lazy()
        .filter(
            pl.col("kind") == "need",
            pl.col("topic") == topic,
            pl.col("time") >= first.item(),
            pl.col("time") < past.item(),
        )
        .group_by(
            "source",
            pl.col("time").dt.date().alias("day"),
            pl.when(inside).then("area").alias("area"),  # elsewhere it does not matter where
            pl.when(inside).then("cell").alias("cell"),
            inside.alias("inside"),
        )
        .agg(pl.col("n").cast(pl.Int64).sum())
        .collect()
    )


def _history_shares(sources: list[str], before: pl.DataFrame) -> dict[str, float]:
    """Each source's share of the reports before: in these areas, drawn towards the whole city."""
    city = _by_source(before)
    here = _by_source(before.filter(pl.col("inside")))
    everywhere, all_here = sum(city.values()), sum(here.values())
    shares = {}
    for source in sorted(sources):
        prior = city.get(source, 0) / everywhere if everywhere else 0.0
        shares[source] = (here.get(source, 0) + PRIOR * prior) / (all_here + PRIOR)
    return shares


def _by_source(told: pl.DataFrame) -> dict[str, int]:
    found = told.group_by("source").agg(pl.col("n").sum())
    return {source: max(int(n), 0) for source, n in found.iter_rows()}


def _by_cell(told: pl.DataFrame) -> dict[int, int]:
    found = told.filter(pl.col("cell").is_not_null()).group_by("cell").agg(pl.col("n").sum())
    return {int(cell): int(n) for cell, n in found.iter_rows()}


def _counts(told: pl.DataFrame, cluster: Cluster, days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Reports by the cluster's areas and the window's periods; as in a scan, none is below zero."""
    counts = np.zeros((len(cluster.areas), len(days) - 1), dtype=np.int64)
    row = {str(area): position for position, area in enumerate(cluster.areas)}
    period = np.searchsorted(days, told["day"].to_numpy().astype("datetime64[D]"), side="right") - 1
    place = np.asarray([row[area] for area in told["area"]], dtype=np.int64)
    np.add.at(counts, (place, period), told["n"].to_numpy())
    return np.maximum(counts, 0)
