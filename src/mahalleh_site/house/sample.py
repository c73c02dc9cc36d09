"""The sample city, furnished room by room."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Furnish, Sample, Step


def steps(only: Collection[str] | None = None) -> Iterator[tuple[str, Furnish]]:
    """Every step of founding the sample city: its message code and what does it. `only`: of these rooms."""
    for each in rooms.rooms():
        if only is None or each.room.name in only:
            for code, reference in each.room.sample.items():
                yield code, each.find(reference)


def furnish(sample: Sample, *, step: Step, only: Collection[str] | None = None) -> None:
    """Take every step. The city's folder and its database stand empty; the caller holds the transaction."""
    for code, take in steps(only):
        step(code)
        take(sample, step)
