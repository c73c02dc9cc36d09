"""How published numbers are read: windows of time, comparison, classes of a map, coarser periods, search.

Pure functions: no Django, no clock. Uncertainty is the half-width of a 95% range, in counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from mahalleh.text import folded

YEAR = {"W": 52, "M": 12}  # periods that make a year's window
COARSER = {"W": (1, 4, 13), "M": (1, 3, 12)}  # periods that a chart may add up, finest first
MOSTLY_HIDDEN = 0.2  # share of hidden points above which a chart goes to coarser periods
NEARLY_ALL = 0.9  # ... and above which to the coarsest at once
BLURRED = 0.3  # median error of a year's points, as a share of their numbers, above which a chart adds up
UNSURE = 0.5  # a map hatches a place whose error is more than this share of its number
NORMAL = 1.96  # 95% of a normal distribution


@dataclass(frozen=True, slots=True)
class Amount:
    """A published count. `value` is None where `hidden` says why, or where nothing was counted at all."""

    value: int | None
    half_width: float = 0.0
    hidden: str | None = None

    @property
    def exists(self) -> bool:
        """Whether there is something to say: a number, or the reason why there is none."""
        return self.value is not None or self.hidden is not None

    @property
    def shown(self) -> int | None:
        """The number for a page: the noise can push a count below nought, a page does not."""
        return None if self.value is None else max(self.value, 0)

    @property
    def give_or_take(self) -> int | None:
        """The half-width in whole counts, rounded up: never more certain than we are."""
        return None if self.value is None else math.ceil(self.half_width - 1e-9)

    @property
    def unsure(self) -> bool:
        """Whether the error is large against the number."""
        return self.value is not None and self.half_width > UNSURE * max(self.value, 1)


NOTHING = Amount(None)


@dataclass(frozen=True, slots=True)
class Change:
    """A change against the year before.

    `kind`: more, fewer, same (no clear change) or unknown; `share`: 0.31 is 31% more or fewer; `judged`:
    better, worse or empty, by the topic's direction.
    """

    kind: str
    share: float | None = None
    judged: str = ""


def compare(now: Amount, before: Amount, *, direction: str = "less", bursts: float = 1.0) -> Change:
    """The change from `before` to `now`, clear only where chance and noise together do not explain it.

    The range of the difference adds three independent parts: both counts' privacy noise, and the chance in
    which counts vary (variance = bursts * count; `bursts` is 1 for happenings that come one by one, Poisson,
    and more for those that come together: McCullagh and Nelder 1989, "Generalized linear models", 4.5).

    | now | before | kind |
    | --- | --- | --- |
    | missing or hidden | any | unknown |
    | any | missing, hidden or 0 | unknown |
    | within the range | | same |
    | above, below | | more, fewer |
    """
    if now.shown is None or not before.shown:
        return Change("unknown")
    difference = now.shown - before.shown
    chance = NORMAL**2 * max(bursts, 1.0) * (now.shown + before.shown)
    spread = math.sqrt(now.half_width**2 + before.half_width**2 + chance)
    share = abs(difference) / before.shown
    if abs(difference) <= spread:
        return Change("same", share)
    kind = "more" if difference > 0 else "fewer"
    better = {"less": "fewer", "more": "more"}.get(direction)
    return Change(kind, share, "" if better is None else ("better" if kind == better else "worse"))


@dataclass(frozen=True, slots=True)
class Window:
    """The last year of a release and the one before. Days; ends lie just outside.

    `periods`: how many periods `start`...`end` holds; `before_start` is None where the release is too young.
    """

    start: date
    end: date
    periods: int
    before_start: date | None


def window(starts: Sequence[date], end: date, freq: str) -> Window:
    """The last year's window of the sorted period `starts` of a release that ends before `end`.

    A younger release gives what there is.
    """
    size = YEAR[freq]
    if not starts:
        return Window(end, end, 0, None)
    before = starts[-2 * size] if len(starts) >= 2 * size else None
    return Window(starts[-min(size, len(starts))], end, min(size, len(starts)), before)


def coarsest_needed(year: Sequence[Amount], freq: str) -> int:
    """How many periods a curve must add up, judged by the last year's finest ones.

    Periods that are mostly hidden, or whose error is large against their number, tell a reader nothing: their
    sums can be shown, and are surer.
    """
    finest, middle, widest = COARSER[freq]
    if not year:
        return finest
    hidden = sum(amount.hidden is not None for amount in year) / len(year)
    if hidden > NEARLY_ALL:
        return widest
    errors = [amount.half_width / max(amount.value, 1) for amount in year if amount.value is not None]
    if hidden > MOSTLY_HIDDEN or (errors and median(errors) > BLURRED):
        return middle
    return finest


def breaks(values: Iterable[float], classes: int = 5) -> list[float]:
    """Upper limits of a map's classes but the last: quantiles to two digits, strictly rising."""
    ordered = sorted(value for value in values if not math.isnan(value))
    if not ordered:
        return []
    found: list[float] = []
    for step in range(1, classes):
        limit = two_digits(ordered[min(len(ordered) - 1, math.floor(len(ordered) * step / classes))])
        if limit > (found[-1] if found else ordered[0]):
            found.append(limit)
    return found


def two_digits(value: float) -> float:
    """A number to two significant digits."""
    return float(f"{value:.2g}")


def step(value: float, limits: Sequence[float], classes: int = 5) -> int:
    """The class 1...`classes` of a value. With fewer limits than classes the colours are spread apart."""
    place = sum(value >= limit for limit in limits)
    return 1 + round(place * (classes - 1) / len(limits)) if limits else (classes + 1) // 2


def ticks(highest: float, most: int = 5) -> list[int]:
    """Whole numbers for an axis from nought to at least `highest`: steps of 1, 2, 5, 10, 20 ..."""
    size = 1
    for candidate in (factor * 10**power for power in range(12) for factor in (1, 2, 5)):
        size = candidate
        if candidate * most >= highest:
            break
    return list(range(0, math.ceil(max(highest, 1) / size) * size + 1, size))


def ranked(query: str, names: Sequence[tuple[str, ...]]) -> list[int]:
    """Positions of the entries whose names fit a query, the closest first.

    Closest is the whole name, then its start, the start of one of its words, anywhere in it. Spaces do not
    count against a fit, since half-spaces come and go.
    """
    wanted = folded(query)
    if not wanted:
        return []
    tight = wanted.replace(" ", "")
    found: list[tuple[int, int]] = []
    for position, entry in enumerate(names):
        best = min((_fit(wanted, tight, folded(name)) for name in entry), default=4)
        if best < 4:
            found.append((best, position))
    return [position for _rank, position in sorted(found)]


def _fit(wanted: str, tight: str, name: str) -> int:
    joined = name.replace(" ", "")
    if joined == tight:
        return 0
    if joined.startswith(tight):
        return 1
    if f" {wanted}" in f" {name}":
        return 2
    return 3 if tight in joined else 4
