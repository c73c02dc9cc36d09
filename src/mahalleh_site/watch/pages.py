"""What the watch's queries hand to its pages: frozen, and without words.

Days: an `end` lies just outside its period. Shares: 0 to 1. `recurrence` counts periods (weeks
or months, by `freq`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mahalleh_site.places.models import Area, District, Topic


@dataclass(frozen=True, slots=True)
class Rise:
    """One look at a rise: where and when, how much, and how seldom chance alone does that."""

    areas: tuple[Area, ...]
    start: date
    end: date
    observed: float
    expected: float
    recurrence: float
    freq: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decided. `verb`: watch, dismiss or open_problem; `considered`: codes of options.

    `role` and `organisation` may be shown to anyone; `by` is a name, for staff alone.
    """

    verb: str
    reason: str
    considered: tuple[str, ...]
    other: str
    role: str
    organisation: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal in a list. `status`: open, watching, dismissed, problem or expired; `live`: found in its own
    time, so that somebody could decide."""

    id: str
    topic: Topic
    districts: tuple[District, ...]
    status: str
    opened_on: date
    expires_on: date | None
    newest: Rise
    burst: bool
    verdict: Verdict | None
    live: bool = True

    @property
    def waits(self) -> bool:
        """Whether a decision is awaited."""
        return self.status == "open"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One period of a signal's areas together. `low`, `high`: where 95 in 100 counts would lie by chance.

    `completed`: what the count will be once late reports are in, where some are still expected.
    """

    start: date
    end: date
    observed: int
    expected: float | None
    low: float | None
    high: float | None
    completed: float | None
    inside: bool


@dataclass(frozen=True, slots=True)
class SourceShare:
    """A source's part of a rise, and what remains of the rise without it."""

    source: str
    observed: float
    share: float
    left_observed: float
    left_expected: float
    left_recurrence: float


@dataclass(frozen=True, slots=True)
class Nearby:
    """How many events of another topic came from the same areas in the same time, and how many a usual
    stretch of that length brings."""

    topic: Topic
    observed: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Computation:
    """How a signal was computed, to the digit."""

    model: str
    model_version: str
    data_version: str
    seed: int
    as_of: date
    replicates: int
    method: str


@dataclass(frozen=True, slots=True)
class SignalPage:
    """All about one signal. `sightings`: newest first. `services`: None while no directory is kept."""

    row: SignalRow
    curve: tuple[CurvePoint, ...]
    sources: tuple[SourceShare, ...]
    similar: tuple[SignalRow, ...]
    nearby: tuple[Nearby, ...]
    services: tuple[str, ...] | None
    sightings: tuple[Rise, ...]
    verdicts: tuple[Verdict, ...]
    computed: Computation


@dataclass(frozen=True, slots=True)
class PublicSignal:
    """A decided or expired signal as anyone may see it. `step`: how much more, as a code of coarse words.

    `place`: the neighbourhood or district that is asked about; `scope`: whether the rise is `alone` its own,
    that of several neighbourhoods `together`, or of a `part` of the district.
    """

    topic: Topic
    place: Area | District
    scope: str
    start: date
    end: date
    step: str
    status: str
    decided_on: date
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the watch did over the city's own past. `leads`: periods from first sighting until it was plain."""

    first: date
    last: date
    freq: str
    looks: int
    topics: int
    rate: float
    signals: int
    a_year: float
    decided: int
    confirmed: int
    dismissed: int
    expired: int
    waiting: int
    leads: tuple[float, ...]
    months: Mapping[date, int]

    @property
    def watched(self) -> int:
        """Decided to be watched on."""
        return self.decided - self.confirmed - self.dismissed


@dataclass(frozen=True, slots=True)
class MethodEntry:
    """A method's entry in the public register. `errors`: what was measured, by code."""

    name: str
    title: str
    version: str
    purpose: str
    data: str
    errors: Mapping[str, float | str]
    owner: str
    reviewed_on: date | None
    expires_on: date | None
    in_use: bool
