"""Totals that pages share, kept in the process: a release never changes, so neither do its sums.

Arguments name the release and its part; results hold no names and no language.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.conf import settings

from mahalleh.disclose import NOTHING, Amount, Change, Series, amounts, bursts, compare, series, years
from mahalleh_site.releases.queries.tables import ReleaseTable, release_table

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Part:
    """Some cells of a release: of places of one level (area or district), of some topics or, None, of all."""

    level: str
    places: tuple[str, ...]
    topics: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Years:
    """The last year and the year before, and how much periods vary, by a key: a topic, a place or a level."""

    now: Mapping[Hashable, Amount]
    before: Mapping[Hashable, Amount]
    bursts: Mapping[Hashable, float]

    def of(self, key: Hashable, *, direction: str = "less") -> tuple[Amount, Amount, Change]:
        """Both years and the change of one key."""
        now, before = self.now.get(key, NOTHING), self.before.get(key, NOTHING)
        return now, before, compare(now, before, direction=direction, bursts=self.bursts.get(key, 1.0))


def totals(release: ReleaseTable, part: Part, *, by: str) -> Years:
    """Both years of a part of a release, by a column (topic, place or level)."""
    return _totals(release.folder, release.number, part, by)


def curve(release: ReleaseTable, part: Part) -> Series:
    """The curve of a part of a release, added up."""
    return _curve(release.folder, release.number, part)


def months(release: ReleaseTable, district: str) -> Mapping[tuple[date, str], Amount]:
    """The last months of a district's careful topics, by first day and topic."""
    return _months(release.folder, release.number, district)


@lru_cache(maxsize=8192)
def _totals(folder: Path, number: int, part: Part, by: str) -> Years:
    release = release_table(folder, number)
    frame = _cells(release, part)
    span = release.open_window if part.level == "area" else release.careful_window
    return Years(*years(frame, span, by=by, threshold=settings.CITY.threshold), bursts(frame, span, by=by))


@lru_cache(maxsize=4096)
def _curve(folder: Path, number: int, part: Part) -> Series:
    release = release_table(folder, number)
    return series(
        _cells(release, part), release.starts, release.end, release.freq, threshold=settings.CITY.threshold
    )


@lru_cache(maxsize=1024)
def _months(folder: Path, number: int, district: str) -> Mapping[tuple[date, str], Amount]:
    release = release_table(folder, number)
    frame = release.district(district)
    recent = frame.filter(pl.col("start").is_in(release.months[-MONTHS_SHOWN:]))
    return amounts(recent, by=["start", "topic"], threshold=settings.CITY.threshold)


def _cells(release: ReleaseTable, part: Part) -> pl.DataFrame:
    if part.level == "area":
        frame = release.areas(part.places)
    else:
        parts = [release.district(place) for place in part.places]
        frame = pl.concat(parts) if parts else release.empty
    return frame if part.topics is None else frame.filter(pl.col("topic").is_in(part.topics))
