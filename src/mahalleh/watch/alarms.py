"""Alarms: one ongoing rise is one signal, and false signals stay at a stated number a year.

    found = alarms(looks, rate=1, looks_a_year=52, topics=10, clumping=0.5, state=state)
    found.signals, found.state

Each look of each topic is given an equal share of the stated rate, and a ledger charges it for the false
signals that its level can be expected to open. By linearity of expectation they then come at the stated rate,
whatever the dependence between topics and weeks: a per-family error rate (Tukey 1953) spent at a constant
pace. Why not alpha-investing, LORD or SAFFRON, and all rules: docs/analysts/alarms.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import floor, inf, isfinite
from typing import Any, Final, SupportsFloat, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh.errors import Faults, WatchError
from mahalleh.watch.results import Cluster, ScanResult

Days: TypeAlias = NDArray[np.datetime64]

# Reasons and rejected alternatives: docs/analysts/alarms.md.
MEMORY: Final = 4  # periods: half the longest window, so that a rise outlives a quiet month; more ends later
KEEP: Final = 0.05  # p-value that still shows an open signal: the usual level of one look; opens nothing
# of the smaller set of areas: a choice, the majority. Less joins two rises that touch, more cuts one in two
OVERLAP: Final = 0.5
LARGEST_LEVEL: Final = 0.25  # beyond it two false clusters in a look are no longer rare
YEAR: Final = 365.25  # days
CLOSEST: Final = 0.8  # of the stated distance between looks: February among months
ROUNDING: Final = 1e-9  # of a double's arithmetic, far under one rank of a million replicates
WEEK: Final = np.timedelta64(7, "D")


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One scan of one topic, prospective: its windows end with the newest period.

    Attributes
    ----------
    topic : str
        What was scanned.
    period : numpy.datetime64
        The first day of the newest period.
    result : ScanResult
        What the scan found.
    periods : (P,) datetime64 or None
        The first days of all periods of the scan; they may be left out where periods are weeks.
    """

    topic: str
    period: np.datetime64
    result: ScanResult
    periods: Days | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A signal as one look saw it.

    Attributes
    ----------
    period : numpy.datetime64
        The newest at that look.
    areas : tuple
        Labels of areas, the centre first.
    start, end : numpy.datetime64
        First days of the window's first and last period.
    observed, expected, relative_risk, ratio, p_value, gumbel_p_value, recurrence : float
        Those of the cluster (`mahalleh.watch.results.Cluster`).
    level : float
        The p-value that would have opened a new signal at this look.
    """

    period: np.datetime64
    areas: tuple[Any, ...]
    start: np.datetime64
    end: np.datetime64
    observed: float
    expected: float
    relative_risk: float
    ratio: float
    p_value: float
    gumbel_p_value: float
    recurrence: float
    level: float


@dataclass(frozen=True, slots=True)
class Signal:
    """One ongoing rise and its history.

    Attributes
    ----------
    id : str
        The same for the same topic, first period and centre.
    topic : str
        What rises.
    sightings : tuple of Sighting
        Oldest first, one a look at most.
    ended : numpy.datetime64 or None
        The newest period of the look that closed it.
    """

    id: str
    topic: str
    sightings: tuple[Sighting, ...]
    ended: np.datetime64 | None = None

    @property
    def centre(self) -> Any:
        """The area that it was first centred on."""
        return self.sightings[0].areas[0]

    @property
    def first(self) -> np.datetime64:
        """The newest period of the look that opened it."""
        return self.sightings[0].period

    @property
    def newest(self) -> Sighting:
        """How it was seen last."""
        return self.sightings[-1]


@dataclass(frozen=True, slots=True)
class AlarmState:
    """What must be kept from one call of `alarms` to the next.

    Attributes
    ----------
    carry : mapping of str to float
        By topic, the expected false signals that it was given and that the grid of p-values could not spend
        yet.
    level : mapping of str to float
        By topic, the p-value that opened a signal at its newest look.
    last : mapping of str to numpy.datetime64
        By topic, the newest period that was looked at.
    signals : tuple of Signal
        Those that are open.
    """

    carry: Mapping[str, float] = field(default_factory=dict)
    level: Mapping[str, float] = field(default_factory=dict)
    last: Mapping[str, np.datetime64] = field(default_factory=dict)
    signals: tuple[Signal, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Write the state as plain texts, numbers, lists and dicts.

        Returns
        -------
        dict
            `from_json` makes an equal state of it.
        """
        return {
            "version": 1,
            "carry": dict(self.carry),
            "level": dict(self.level),
            "last": {topic: str(period) for topic, period in self.last.items()},
            "signals": [_signal_to_json(signal) for signal in self.signals],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AlarmState:
        """Read the state that `to_json` wrote.

        Parameters
        ----------
        data : mapping of str to object
            As `to_json` gave it.

        Returns
        -------
        AlarmState
            An equal state.

        Raises
        ------
        WatchError
            Where it is none.
        """
        try:
            if data["version"] != 1:
                raise WatchError("watch.alarms-state", reason=f"version {data['version']}")
            return cls(
                carry={topic: float(value) for topic, value in data["carry"].items()},
                level={topic: float(value) for topic, value in data["level"].items()},
                last={topic: _day(day) for topic, day in data["last"].items()},
                signals=tuple(_signal_from_json(signal) for signal in data["signals"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WatchError("watch.alarms-state", reason=repr(error)) from error


@dataclass(frozen=True, slots=True)
class Alarms:
    """What becomes of looks.

    Attributes
    ----------
    signals : tuple of Signal
        Every signal that was open at some time during these looks, the oldest first; a later call hands on
        those still open, with their whole history, under the same id.
    state : AlarmState
        For the next call.
    levels : mapping of (str, numpy.datetime64) to float
        By topic and newest period of a look, the p-value that opened a signal; 0 where the replicates are too
        few and all was carried on.
    """

    signals: tuple[Signal, ...]
    state: AlarmState
    levels: Mapping[tuple[str, np.datetime64], float]


def look_level(*, rate: float, looks_a_year: float, topics: int, clumping: SupportsFloat = 1.0) -> float:
    """Tell the share of looks of one topic that may find a rise by chance alone.

    Parameters
    ----------
    rate : float
        Expected false signals a year, over all topics.
    looks_a_year : float
        Looks at each topic, 1 to 366.
    topics : int
        How many are watched.
    clumping : float or Clumping
        The extremal index, above 0, at most 1: one over the mean number of looks that find the same false
        rise.

    Returns
    -------
    float
        A p-value.

    Raises
    ------
    WatchError
        Settings that mean nothing, or a rate that would let more than a quarter of looks alarm.

    Notes
    -----
    `rate` false signals a year come from `looks_a_year * topics * clumping` false rises' worth of looks: of
    the looks that find the same rise only the first makes a signal.

    Examples
    --------
    >>> look_level(rate=1, looks_a_year=52, topics=10, clumping=0.5)
    0.0038461538461538464
    """
    faults = Faults(WatchError)
    index = float(clumping)
    for key, value, low, high in (
        ("looks_a_year", float(looks_a_year), 1.0, 366.0),
        ("topics", float(topics), 1.0, np.inf),
        ("clumping", index, ROUNDING, 1.0),
    ):
        if not low <= value <= high:
            faults.add("watch.bad-setting", key=key, given=value, low=low, high=high)
    faults.raise_if_any()
    looks = looks_a_year * topics * index
    if not (isfinite(rate) and 0 < rate <= LARGEST_LEVEL * looks):
        raise WatchError("watch.bad-setting", key="rate", given=rate, low=0, high=LARGEST_LEVEL * looks)
    return rate / looks


def alarms(
    looks: Iterable[Look],
    *,
    rate: float,
    looks_a_year: float,
    topics: int,
    clumping: SupportsFloat = 1.0,
    state: AlarmState | None = None,
    memory: int = MEMORY,
    keep: float = KEEP,
) -> Alarms:
    """Make signals of looks: new ones, further sightings of open ones, and ends.

    One call a look with the `state` of the call before gives what one call with all looks gives.

    Parameters
    ----------
    looks : iterable of Look
        In any order.
    rate : float
        Expected false signals a year over all `topics` that are watched.
    looks_a_year : float
        Looks at each topic.
    topics : int
        How many are watched.
    clumping : float or Clumping
        The extremal index (`mahalleh.watch.clumping`); 1, the strictest, where it is unknown.
    state : AlarmState, optional
        Of the call before.
    memory : int
        Periods, 1 to 53: see Notes.
    keep : float
        The p-value that still shows an open signal.

    Returns
    -------
    Alarms
        Signals, and the state for the next call.

    Raises
    ------
    WatchError
        Settings that mean nothing; a look at a period that was looked at before, or older; looks that come
        oftener than stated, or of more topics; scans that are not prospective or have no replicates. Nothing
        is spent then.

    Notes
    -----
    A cluster is a sighting of an open signal of its topic where its p-value is at most `keep`, it shares at
    least half of the smaller set of areas with a sighting of the last `memory` periods, and fewer than
    `memory` periods lie between that sighting's window and its own. Otherwise it opens a signal, if its
    p-value is at most what its look may spend. A signal ends with the first look, `memory` periods or more
    after its newest sighting, that does not see it.
    """
    state = state or AlarmState()
    level = look_level(rate=rate, looks_a_year=looks_a_year, topics=topics, clumping=clumping)
    _check_settings(memory, keep, level)
    ordered = _in_order(looks)
    _check_looks(ordered, state, looks_a_year, topics)

    share = level * float(clumping)  # expected false signals that a look is given
    carry, before, last = dict(state.carry), dict(state.level), dict(state.last)
    by_topic: dict[str, list[Signal]] = {}
    for signal in state.signals:
        by_topic.setdefault(signal.topic, []).append(signal)
    ended: list[Signal] = []
    levels: dict[tuple[str, np.datetime64], float] = {}
    for look in ordered:
        grid = len(look.result.maxima) + 1
        held = carry.get(look.topic, 0.0) + share
        rank, cost = _spend(held, before.get(look.topic, inf), grid, float(clumping))
        carry[look.topic], last[look.topic] = max(held - cost, 0.0), look.period
        before[look.topic] = levels[look.topic, look.period] = rank / grid
        after = _seen(look, by_topic.get(look.topic, []), rank, grid, memory, keep)
        by_topic[look.topic] = [signal for signal in after if signal.ended is None]
        ended += [signal for signal in after if signal.ended is not None]
    still = [signal for signals in by_topic.values() for signal in signals]
    return Alarms(
        signals=tuple(sorted(ended + still, key=_age)),
        state=AlarmState(carry, before, last, tuple(sorted(still, key=_age))),
        levels=levels,
    )


def _spend(held: float, before: float, grid: int, clumping: float) -> tuple[int, float]:
    """The largest rank that what is held can pay for, and its cost in expected false signals.

    A false rise makes a signal once, at the first of the looks that see it: so a level `a` that is no higher
    than that of the look `before` costs `clumping * a`. A step up also opens for those that were too weak
    before, so it is charged in full: `clumping * before + (a - before)`. Without that charge levels that
    alternate, as whole ranks must, would open more than was given.
    """
    if held <= clumping * before:
        rank = floor(held / clumping * grid + ROUNDING)
    else:
        rank = floor((before + held - clumping * before) * grid + ROUNDING)
    level = rank / grid
    return rank, clumping * min(level, before) + max(level - before, 0.0)


def _seen(
    look: Look, signals: Sequence[Signal], rank: int, grid: int, memory: int, keep: float
) -> list[Signal]:
    """The topic's signals after a look: open ones, those that it opened, and those that it ended."""
    found: dict[str, Signal] = {signal.id: signal for signal in signals}
    sighted: set[str] = set()
    for cluster in look.result.clusters:  # the strongest first
        opens = round(cluster.p_value * grid) <= rank
        if not opens and cluster.p_value > keep:
            break
        seen = _sighting(look, cluster, rank / grid)
        joined = _joined(look, seen, signals, memory)
        if joined is not None and joined.id not in sighted:
            found[joined.id] = replace(joined, sightings=(*joined.sightings, seen))
            sighted.add(joined.id)
        elif joined is None and opens:
            signal = Signal(_name(look, seen.areas[0]), look.topic, (seen,))
            found[signal.id] = signal
    for name, signal in found.items():
        if _between(look, signal.newest.period, look.period) >= memory - 1:  # never one seen in this look
            found[name] = replace(signal, ended=look.period)
    return sorted(found.values(), key=_age)  # as the state keeps them, so that ties fall alike


def _joined(look: Look, seen: Sighting, signals: Sequence[Signal], memory: int) -> Signal | None:
    """The open signal that a cluster belongs to: of several the one it shares most with, then the oldest."""
    areas = set(seen.areas)
    best: Signal | None = None
    most = 0.0
    for signal in signals:
        for earlier in reversed(signal.sightings):
            if _between(look, earlier.period, signal.newest.period) >= memory:
                break
            shared = len(areas.intersection(earlier.areas)) / min(len(areas), len(earlier.areas))
            near = _between(look, earlier.end, seen.start) < memory
            if near and shared >= OVERLAP and shared > most:
                best, most = signal, shared
    return best


def _between(look: Look, earlier: np.datetime64, later: np.datetime64) -> int:
    """How many periods lie between two; -1 for the same, less where they are the other way round."""
    if look.periods is None:
        return int((later - earlier) // WEEK) - 1
    first, second = np.searchsorted(look.periods, [earlier, later])
    return int(second - first) - 1


def _sighting(look: Look, cluster: Cluster, level: float) -> Sighting:
    length = cluster.end - cluster.start
    start = look.period - length * WEEK if look.periods is None else look.periods[cluster.start]
    return Sighting(
        period=look.period,
        areas=tuple(_plain(area) for area in cluster.areas),
        start=start,
        end=look.period,
        observed=float(cluster.observed),
        expected=float(cluster.expected),
        relative_risk=float(cluster.relative_risk),
        ratio=float(cluster.ratio),
        p_value=float(cluster.p_value),
        gumbel_p_value=float(cluster.gumbel_p_value),
        recurrence=float(cluster.recurrence),
        level=level,
    )


def _name(look: Look, centre: Any) -> str:
    """Readable, fit for an address, and different for the clusters of one look, which share no area."""
    mark = hashlib.blake2s(str(centre).encode(), digest_size=4).hexdigest()
    return f"{look.topic}-{look.period}-{mark}"


def _age(signal: Signal) -> tuple[np.datetime64, str, str]:
    return signal.first, signal.topic, signal.id


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _in_order(looks: Iterable[Look]) -> list[Look]:
    """By period, days as days, and then by topic."""
    dated = [
        replace(
            look,
            period=look.period.astype("datetime64[D]"),
            periods=None if look.periods is None else np.asarray(look.periods).astype("datetime64[D]"),
        )
        for look in looks
    ]
    return sorted(dated, key=lambda look: (look.period, look.topic))


def _check_settings(memory: int, keep: float, level: float) -> None:
    faults = Faults(WatchError)
    if not 1 <= memory <= 53:
        faults.add("watch.bad-setting", key="memory", given=memory, low=1, high=53)
    if not level * (1 - ROUNDING) <= keep <= 1:
        faults.add("watch.bad-setting", key="keep", given=keep, low=level, high=1)
    faults.raise_if_any()


def _check_looks(looks: Sequence[Look], state: AlarmState, looks_a_year: float, topics: int) -> None:
    faults = Faults(WatchError)
    last = dict(state.last)
    closest = CLOSEST * YEAR / looks_a_year
    together: dict[np.datetime64, int] = {}
    for look in looks:
        facts: dict[str, Any] = {"topic": look.topic, "period": look.period}
        together[look.period] = together.get(look.period, 0) + 1
        ends = {cluster.end for cluster in look.result.clusters}
        newest = {len(look.periods) - 1} if look.periods is not None else ends
        if len(newest) > 1 or not ends <= newest:
            faults.add("watch.alarms-not-newest", **facts)
        elif look.periods is not None and (
            look.periods[-1] != look.period or (np.diff(look.periods) <= np.timedelta64(0, "D")).any()
        ):
            faults.add("watch.alarms-periods", **facts)
        if not len(look.result.maxima):
            faults.add("watch.alarms-no-replicates", **facts)
        earlier = last.get(look.topic)
        if earlier is not None and look.period <= earlier:
            faults.add("watch.alarms-again", **facts, last=earlier)
        elif earlier is not None and (look.period - earlier).astype(int) < closest:
            faults.add("watch.alarms-too-often", **facts, last=earlier, looks_a_year=looks_a_year)
        last[look.topic] = look.period
    for period, count in together.items():
        if count > topics:
            faults.add("watch.alarms-topics", period=period, count=count, topics=topics)
    faults.raise_if_any()


def _signal_to_json(signal: Signal) -> dict[str, Any]:
    return {
        "id": signal.id,
        "topic": signal.topic,
        "sightings": [
            {name: _written(getattr(seen, name)) for name in Sighting.__slots__} for seen in signal.sightings
        ],
    }


def _written(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _day(text: str) -> np.datetime64:
    return np.datetime64(date.fromisoformat(text), "D")


def _signal_from_json(data: Mapping[str, Any]) -> Signal:
    sightings = []
    for given in data["sightings"]:
        seen = dict(given)
        seen["areas"] = tuple(seen["areas"])
        for name in ("period", "start", "end"):
            seen[name] = _day(seen[name])
        sightings.append(Sighting(**seen))
    if not sightings:
        raise WatchError("watch.alarms-state", reason=f"{data['id']}: no sighting")
    return Signal(data["id"], data["topic"], tuple(sightings))
