"""How a city is watched: all that a look's numbers depend on besides its data and the code."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import mahalleh.watch
from mahalleh.watch.alarms import KEEP
from mahalleh_site.city import City

METHOD: Final = "watch"  # its entry in the register
# false signals a year, all topics together: what a coordinator can check on a calendar (decision 13). The
# number is a choice that the register tells; half as many would find weaker rises later, or not at all
RATE: Final = 2.0
LOOKS_A_YEAR: Final = {"W": 365.25 / 7, "M": 12.0}
# periods of the longest window, two months or three: rises of up to eight weeks are found by it
# (docs/analysts/detection.md). A choice: a fit leaves as many out at its end, so a longer one knows less
LONGEST: Final = {"W": 8, "M": 3}
# periods that a look goes back, five years: where levels wander seven knew no more, and where they stay three
# knew a fifth less (docs/analysts/expected.md, "How much history")
HISTORY: Final = {"W": 261, "M": 60}
# of the residents, at most, in one rise: a choice. A rise of more of the city is for its curve to show, as
# the expected counts follow the city (decision 12)
PART: Final = 0.1
# ... or so many areas' share where areas are few, an area and its neighbours; but never more than this, or
# the rest is too small to tell a rise from the city's
FEW: Final = (5, 0.3)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a look is made. `freq`: W or M. `calendar`: of feasts; `months`: of months; see the library.

    `rate`: false signals a year. `clumping`: the extremal index, estimated once a year from so many simulated
    `courses` of weeks without a rise; 1, the strictest, where it is not known.
    """

    freq: str
    week_start: str
    months: str
    calendar: str | None
    model: str = "negative-binomial"
    zones: str = "circles"
    max_periods: int = LONGEST["W"]
    max_population: float = PART
    replicates: int = 999  # the rate was held with so many (docs/analysts/alarms.md); more cost time alone
    history: int = HISTORY["W"]
    rate: float = RATE
    looks_a_year: float = LOOKS_A_YEAR["W"]
    courses: int = 400  # a choice: what they leave unsure of the index is added to it, on the safe side
    clumping: float = 1.0

    def held_rate(self, topics: int) -> float:
        """The rate that so few looks can hold: beyond it, new signals would be laxer than open ones."""
        return min(self.rate, KEEP * self.looks_a_year * max(topics, 1) * self.clumping)

    def as_json(self) -> dict[str, Any]:
        """For the log of runs; `from_json` makes an equal scheme of it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Scheme:
        """The scheme of an earlier run; what it did not know is left out."""
        return cls(**{name: data[name] for name in cls.__slots__ if name in data})


def scheme_for(city: City, freq: str, *, areas: int = 100) -> Scheme:
    """The scheme for a city of so many areas whose events are known by week, or only by month (`freq`)."""
    return Scheme(
        freq=freq,
        week_start=city.week_start,
        # events that are known by month alone are known by Gregorian ones
        months="gregorian" if freq == "M" else city.calendar,
        calendar=city.feasts,
        max_periods=LONGEST[freq],
        max_population=max(PART, min(FEW[0] / max(areas, 1), FEW[1])),
        history=HISTORY[freq],
        looks_a_year=LOOKS_A_YEAR[freq],
    )


@cache
def model_version() -> str:
    """The library's version and a digest of the watch's own code: another one may give other numbers."""
    digest = hashlib.sha256()
    for path in sorted(Path(mahalleh.watch.__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{mahalleh.__version__}+{digest.hexdigest()[:8]}"
