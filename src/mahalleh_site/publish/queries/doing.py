"""What is being done: what is late, of the standing of the day; what was given, of released counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mahalleh_site.places.models import Area
from mahalleh_site.places.queries import promises
from mahalleh_site.releases.queries import tallies

ERROR: Final = 0.25  # of the answers given: quarters are told, so no share may err by more than one
QUARTERS: Final = 4


@dataclass(frozen=True, slots=True)
class Doing:
    """A place's promises. `given`: answers of the last weeks. `in_time`: the share in quarters, if sure."""

    ledger: promises.Ledger
    given: tallies.Summed
    in_time: float | None

    @property
    def few(self) -> bool:
        """Whether the answers given are too few to count."""
        return tallies.is_few(self.given.all)


def doing(area: Area | None = None) -> Doing:
    """The promises of a neighbourhood, or of the whole city."""
    given = tallies.lately(promises.ANSWERS, place=area.pk if area else None)
    share = given.share(promises.IN_TIME, at_most=ERROR)
    return Doing(promises.ledger(area), given, None if share is None else round(QUARTERS * share) / QUARTERS)
