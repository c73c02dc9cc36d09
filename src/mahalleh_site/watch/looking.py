"""One look: what the events say about one period, as it was known on one day. Nothing is stored here.

Need events alone (law 2), sealed topics never. Topics that have been reported for equally long are counted
and fitted together; all are scanned alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray

from mahalleh.errors import WatchError
from mahalleh.panel import panel, period_edges
from mahalleh.spans import reported_spans
from mahalleh.watch import Expected, ScanResult, expected_counts, scan
from mahalleh.watch.alarms import Look
from mahalleh.watch.delay import Known, completeness
from mahalleh.watch.duplicates import Damping, damp
from mahalleh_site.watch import rules
from mahalleh_site.watch.scheme import Scheme

Days: TypeAlias = NDArray[np.datetime64]
Over: TypeAlias = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

SHORT: Final = "watch.too-little-history"
TOLD: Final = 0.05  # of what is ever told of a period, after which it can be looked at; see told_by
MARGIN: Final = timedelta(days=62)  # so that a panel's first period is whole, and its source known before it
EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """One topic at one look. `counts` (area, period) as they were known; `usual` what was expected.

    `how`: regression or short-history where it was scanned; else the code of what kept it from that.
    `digest`: of the numbers that the scan was given.
    """

    topic: str
    how: str
    seed: int
    digest: str
    counts: xr.DataArray | None = None
    usual: Expected | None = None
    result: ScanResult | None = None

    @property
    def periods(self) -> Days:
        """First days of the periods."""
        return np.asarray(self._counts["period"].to_numpy().astype("datetime64[D]"))

    @property
    def ends(self) -> Days:
        """Days after the last of each period."""
        return np.asarray(self._counts["period_end"].to_numpy().astype("datetime64[D]"))

    @property
    def _counts(self) -> xr.DataArray:
        if self.counts is None:
            raise ValueError(f"{self.topic} was not counted")
        return self.counts

    def look(self) -> Look | None:
        """For the alarms; None where it was not scanned."""
        if self.result is None:
            return None
        return Look(self.topic, self.periods[-1], self.result, self.periods)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A look at all topics of a city. `events`: those that were counted, bursts from one spot damped."""

    start: date
    end: date
    as_of: date
    scheme: Scheme
    events: pl.DataFrame
    damping: Damping
    topics: Mapping[str, Watched] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The version of the data: the same for the same numbers."""
        return _digest([f"{name}:{one.digest}" for name, one in sorted(self.topics.items())])


def known(events: pl.LazyFrame, topics: Sequence[str], as_of: date | None = None) -> pl.LazyFrame:
    """Need events of the topics, as far as they were on record by `as_of`."""
    chosen = events.filter((pl.col("kind") == "need") & pl.col("topic").is_in(list(topics)))
    return chosen if as_of is None else chosen.filter(pl.col("recorded") <= as_of)


def newest_periods(events: pl.LazyFrame, scheme: Scheme) -> list[tuple[date, date]]:
    """All whole periods that sources have reported on, the oldest first: (first day, day after the last)."""
    found = list(reported_spans(events, lag_weeks=0).values())
    if not found:
        return []
    first, past = min(span[0] for span in found), max(span[1] for span in found)
    edges = _edges(first, past, scheme)
    return list(pairwise(edges))


def horizon(end: date, scheme: Scheme) -> date:
    """The earliest day whose events bear on a look at a period with this end."""
    return _edges_back(end, scheme) - MARGIN


def told_by(events: pl.LazyFrame, period: tuple[date, date]) -> date:
    """The day on which a period could first be looked at: its end, or when its sources began to tell of it.

    A source that publishes a month after the next one's end says nothing before. The first twentieth of what
    was told of the period counts as its beginning: single events are coded on odd days.
    """
    start, end = period
    days = (
        events.filter((pl.col("time") >= start) & (pl.col("time") < end))
        .select(pl.col("recorded").to_physical().quantile(TOLD, interpolation="higher"))
        .collect()
        .item()
    )
    return end if days is None else max(end, EPOCH + timedelta(days=int(days)))


def look(
    events: pl.LazyFrame,
    places: gpd.GeoDataFrame,
    topics: Sequence[str],
    *,
    period: tuple[date, date],
    as_of: date,
    scheme: Scheme,
    only: str | None = None,
    over: Over | None = None,
) -> Looked:
    """Look at the period from its first day to the day before the second, by what was known on `as_of`.

    A topic that cannot be scanned says why; none of them stops the others. `only`: one topic to scan, the
    others being counted for its context alone. `over`: a map on which the scans' draws are done elsewhere.
    """
    told = known(events, topics, as_of).filter(pl.col("time") >= horizon(period[1], scheme))
    seen, damping = damp(told.collect())
    found: dict[str, Watched] = {}
    for names, counts in _panels(seen, places, topics, period, scheme):
        late = completeness(
            seen,  # of all topics: what a source tells of any says when it records
            np.append(counts["period"].to_numpy(), counts["period_end"].to_numpy()[-1]),
            as_of=as_of,
            newest=scheme.max_periods,
            topics=names,
        )
        found |= _fitted(names, counts, late, places, scheme, only, over)
    start, end = period
    for topic in topics:
        if topic not in found:
            found[topic] = Watched(topic, SHORT, rules.seed(topic, scheme.freq, start), "")
    return Looked(start, end, as_of, scheme, seen, damping, found)


def scanned(
    watched: Watched, places: gpd.GeoDataFrame, scheme: Scheme, over: Over | None = None
) -> ScanResult:
    """The scan of one topic.

    Raises:
        WatchError: counts or areas that cannot be scanned.
    """
    if watched.counts is None or watched.usual is None:
        raise WatchError(SHORT, given=0, guard=scheme.max_periods, wanted=0)
    return scan(
        watched.counts,
        places=places,
        population=residents(places),
        model=scheme.model,
        expected=watched.usual.of(watched.topic),
        zones=scheme.zones,
        max_periods=scheme.max_periods,
        max_population=scheme.max_population,
        replicates=scheme.replicates,
        seed=watched.seed,
        over=over,
    )


def residents(places: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
    """Residents by area, at least one; None where they are not known of every area."""
    people = places["population"].to_numpy(dtype=np.float64)
    return np.maximum(people, 1.0) if np.isfinite(people).all() else None


def _panels(
    seen: pl.DataFrame,
    places: gpd.GeoDataFrame,
    topics: Sequence[str],
    period: tuple[date, date],
    scheme: Scheme,
) -> Iterator[tuple[list[str], xr.DataArray]]:
    """Counts of topics that have been reported for equally long, up to the period's end."""
    alike: dict[date, list[str]] = {}
    found = {topic: span for (_kind, topic), span in reported_spans(seen.lazy(), lag_weeks=0).items()}
    past = _edges_back(period[1], scheme)
    for topic in sorted(topics):
        if topic in found and found[topic][1] > period[0]:  # its sources still report
            alike.setdefault(max(found[topic][0], past), []).append(topic)
    for first, names in sorted(alike.items()):
        edges = _edges(first, period[1], scheme)
        if len(edges) < 2:
            continue
        yield (
            names,
            panel(
                seen,
                places,
                freq=scheme.freq,
                topics=names,
                week_start=scheme.week_start,
                calendar=scheme.months,
                start=edges[0],
                end=period[1],
            ).clip(min=0),  # corrections beyond what was told in the cell
        )


def _fitted(
    names: list[str],
    counts: xr.DataArray,
    late: Known,
    places: gpd.GeoDataFrame,
    scheme: Scheme,
    only: str | None,
    over: Over | None,
) -> dict[str, Watched]:
    start = counts["period"].to_numpy()[-1].astype("datetime64[D]").astype(date)
    seeds = {name: rules.seed(name, scheme.freq, start) for name in names}
    try:
        usual = expected_counts(
            counts, places, calendar=scheme.calendar, guard=scheme.max_periods, completeness=late
        )
    except WatchError as error:
        code = error.faults[0].code
        return {name: Watched(name, code, seeds[name], "", counts.sel(topic=name)) for name in names}
    found = {}
    for name in names:
        own = counts.sel(topic=name)
        digest = _digest(
            [own.to_numpy(), own["period"].to_numpy(), usual.completeness.sel(topic=name).values]
        )
        one = Watched(name, usual.method[name], seeds[name], digest, own, usual)
        if only not in (None, name):
            found[name] = one
            continue
        try:
            result = scanned(one, places, scheme, over)
        except WatchError as error:
            found[name] = Watched(name, error.faults[0].code, seeds[name], digest, own, usual)
        else:
            found[name] = Watched(name, one.how, one.seed, digest, own, usual, result)
    return found


def _edges(first: date, past: date, scheme: Scheme) -> list[date]:
    edges = period_edges(first, past, freq=scheme.freq, week_start=scheme.week_start, calendar=scheme.months)
    return [day.astype(date) for day in edges]


def _edges_back(end: date, scheme: Scheme) -> date:
    """The earliest day that a look at a period with this end goes back to."""
    days = {"W": 7.0, "M": 365.25 / 12}[scheme.freq] * scheme.history
    return date.fromordinal(end.toordinal() - round(days))


def _digest(parts: Sequence[str | NDArray[np.generic]]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()
