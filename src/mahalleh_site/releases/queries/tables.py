"""The current release, laid out for pages: its table cut by place once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.conf import settings

from mahalleh.disclose import Window, window
from mahalleh_site.releases import frozen
from mahalleh_site.releases.models import Load, Release, Tally

KEPT = 2  # releases kept in a process: the current one, and the one that a late request still reads


@dataclass(frozen=True, slots=True)
class ReleaseTable:
    """One release as pages read it: release `number` of the city in `folder`.

    `frames`: (level, place) -> its cells; `by_topic`: (level, topic) -> its cells, the same once more.
    `open_window`: the last year of topics by neighbourhood, whose period is `freq`; `careful_window`: that of
    topics by district and month. `starts`: first days of the open topics' periods, sorted; `months`: of the
    careful topics'. `end`: the day after the last open period.
    """

    folder: Path
    number: int
    freq: str
    end: date
    frames: Mapping[tuple[str, str], pl.DataFrame]
    by_topic: Mapping[tuple[str, str], pl.DataFrame]
    empty: pl.DataFrame
    starts: tuple[date, ...]
    months: tuple[date, ...]
    open_window: Window
    careful_window: Window

    def area(self, area: str) -> pl.DataFrame:
        """The cells of one neighbourhood."""
        return self.frames.get(("area", area), self.empty)

    def areas(self, areas: Iterable[str]) -> pl.DataFrame:
        """The cells of several neighbourhoods."""
        parts = [self.area(area) for area in areas]
        return pl.concat(parts) if parts else self.empty

    def district(self, district: str) -> pl.DataFrame:
        """The cells that are published of a district as a whole: careful topics by month."""
        return self.frames.get(("district", district), self.empty)

    def open_topics(self, topics: Iterable[str]) -> pl.DataFrame:
        """The cells of some open topics, in all neighbourhoods."""
        keys = [("area", topic) for topic in topics]
        parts = [self.by_topic[key] for key in keys if key in self.by_topic]
        return pl.concat(parts) if parts else self.empty

    @property
    def has_year_before(self) -> bool:
        """Whether the year before the last is published whole."""
        return self.open_window.before_start is not None


def current_release_number() -> int | None:
    """The newest release; None before the first. One indexed look-up."""
    return Release.objects.order_by("-number").values_list("number", flat=True).first()


def public_version() -> str:
    """What public pages show of releases and loads: another text means that kept pages are out of date.

    The batches that residents' reports make are no load here: they change when somebody told something.
    """
    load = Load.objects.of_files().order_by("-loaded_at").values_list("loaded_at", flat=True).first()
    tally = Tally.objects.order_by("-pk").values_list("pk", flat=True).first()
    return f"{current_release_number()}-{load.timestamp() if load else 0}-{tally}"


def current_table() -> ReleaseTable | None:
    """The newest release, laid out; None where nothing is published yet."""
    number = current_release_number()
    return None if number is None else release_table(Path(settings.VAR), number)


@lru_cache(maxsize=KEPT)
def release_table(folder: Path, number: int) -> ReleaseTable:
    """A release of the city in `folder`, laid out for pages. Costs one reading of its table in each process.

    Raises:
        FileNotFoundError: where its table is missing.
    """
    table = frozen.cells(folder, number)
    table = table.with_columns(pl.col("topic", "level", "place", "freq").cast(pl.String))
    frames, by_topic = _cut(table, "place"), _cut(table, "topic")
    by_area = table.filter(pl.col("level") == "area")
    freq = by_area["freq"][0] if len(by_area) else "M"
    by_area = by_area.filter(pl.col("freq") == freq)
    by_district = table.filter((pl.col("level") == "district") & (pl.col("freq") == "M"))
    starts, months = _days(by_area["start"]), _days(by_district["start"])
    end = _past(by_area) or _past(table)
    if end is None:
        raise ValueError(f"release {number} has no period")
    careful_end = _past(by_district) or end
    return ReleaseTable(
        folder=folder,
        number=number,
        freq=freq,
        end=end,
        frames=frames,
        by_topic=by_topic,
        empty=table.clear(),
        starts=starts,
        months=months,
        open_window=window(starts, end, freq),
        careful_window=window(months, careful_end, "M"),
    )


def _cut(table: pl.DataFrame, column: str) -> dict[tuple[str, str], pl.DataFrame]:
    """The table by level and another column."""
    parts = table.partition_by("level", column, as_dict=True)
    return {(str(level), str(key)): part for (level, key), part in parts.items()}


def _past(table: pl.DataFrame) -> date | None:
    """The day after the table's last period."""
    found = table["end"].max()
    return found if isinstance(found, date) else None


def _days(column: pl.Series) -> tuple[date, ...]:
    return tuple(column.unique().sort().to_list())
