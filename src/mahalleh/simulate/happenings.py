"""From weekly counts to single events: the minute, the hexagon, the source, the day on which it was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import h3
import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from mahalleh.events import CELL_RESOLUTION, SCHEMA
from mahalleh.simulate.topics import Rhythm

# Invented, so that each way of being late and of telling occurs; they move what `delay` has to find again.
SOURCES: Final = (("line-137", 0.55), ("web", 0.30), ("counter", 0.15))
PATROL: Final = "patrol"
LATE_SHARE: Final = 0.12  # events that become known only after weeks
PROMPT_DAYS: Final = 1.2  # mean delay of the others
LATE_DAYS: Final = 24.0  # mean delay of the late
LONGEST_DAYS: Final = 150  # under the 182 days of mahalleh.watch.delay, so that a city is told whole

Ints = npt.NDArray[np.signedinteger[Any]]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hexagons:
    """The hexagons of each area with their weights: area `a` has those from `first[a]` to `first[a + 1]`.

    Attributes
    ----------
    cell : (H,) uint64
        H3 indices.
    cumulative : (H,) float64
        Running weight within the area, ending at 1.
    first : (A + 1,) int64
        Where each area's begin.
    """

    cell: npt.NDArray[np.uint64]
    cumulative: Floats
    first: Ints


def hexagons(polygons: npt.NDArray[Any], rng: np.random.Generator) -> Hexagons:
    """Find the H3 cells with their middle inside each polygon, some hotter than others; one at least.

    Parameters
    ----------
    polygons : (A,) object
        Shapely polygons, WGS84.
    rng : numpy.random.Generator
        Source of chance: how hot each is.

    Returns
    -------
    Hexagons
        In the areas' order.
    """
    cells: list[list[int]] = []
    for polygon in polygons:
        found = sorted(h3.str_to_int(cell) for cell in h3.geo_to_cells(polygon, CELL_RESOLUTION))
        if not found:
            point = shapely.point_on_surface(polygon)
            found = [h3.str_to_int(h3.latlng_to_cell(point.y, point.x, CELL_RESOLUTION))]
        cells.append(found)
    first = np.concatenate([[0], np.cumsum([len(found) for found in cells])]).astype(np.int64)
    weights = [np.cumsum(rng.dirichlet(np.full(len(found), 0.8))) for found in cells]
    return Hexagons(
        np.array([cell for found in cells for cell in found], dtype=np.uint64), np.concatenate(weights), first
    )


def draw_events(
    counts: Ints,
    *,
    topics: list[str],
    kind: str,
    rhythms: list[Rhythm],
    areas: list[str],
    starts: npt.NDArray[np.datetime64],
    ground: Hexagons,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Draw the single events of weekly counts.

    Parameters
    ----------
    counts : (K, A, W) int
        By topic, area and week.
    topics : (K,) list of str
        Ids.
    kind : str
        `need` or `activity`.
    rhythms : (K,) list of Rhythm
        Of the topics.
    areas : (A,) list of str
        Ids.
    starts : (W,) datetime64
        First days of the weeks.
    ground : Hexagons
        Of the areas.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    polars.DataFrame
        One row an event, by the schema of `mahalleh.events`; n is 1.
    """
    topic, area, week = (
        np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape, dtype=np.int32)
    )
    many = len(topic)
    days = starts.astype("datetime64[D]")
    day = _weekday(topic, rhythms, days[0], rng)
    minute = _minute(topic, rhythms, rng)
    when = days[week] + day.astype("timedelta64[D]")
    time = when.astype("datetime64[us]") + minute.astype("timedelta64[m]")
    late = rng.random(many) < LATE_SHARE
    delay = rng.exponential(np.where(late, LATE_DAYS, PROMPT_DAYS if kind == "need" else 0.3))
    recorded = when + np.minimum(np.floor(delay), LONGEST_DAYS).astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "time": time,
            "resolution": pl.repeat("minute", many, dtype=SCHEMA["resolution"], eager=True),
            "recorded": recorded.astype("datetime64[D]"),
            "area": _words(areas, area),
            "cell": ground.cell[_cells(area, ground, rng)],
            "topic": _words(topics, topic),
            "source": _source(kind, many, rng),
            "kind": pl.repeat(kind, many, dtype=SCHEMA["kind"], eager=True),
            "n": np.ones(many, dtype=np.int32),
        },
        schema=SCHEMA,
    )


def _weekday(
    topic: Ints, rhythms: list[Rhythm], first: np.datetime64, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Days after the week's start; Thursday and Friday weigh as the topic says."""
    number = (first.astype(np.int64) + 3 + np.arange(7)) % 7  # 0 Monday: 1 January 1970 was a Thursday
    rest = np.isin(number, (3, 4))
    weight = np.array([np.where(rest, rhythm.weekend, 1.0) for rhythm in rhythms])
    running = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    found = (rng.random(len(topic))[:, None] >= running[topic, :6]).sum(axis=1)
    return np.asarray(found, dtype=np.int64)


def _minute(topic: Ints, rhythms: list[Rhythm], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Minutes after midnight, round the topic's hour."""
    middle, width = np.array([rhythm.hours for rhythm in rhythms]).T
    minute = np.floor((middle[topic] + width[topic] * rng.standard_normal(len(topic))) * 60.0)
    return np.asarray(minute.astype(np.int64) % 1440)


def _cells(area: Ints, ground: Hexagons, rng: np.random.Generator) -> Ints:
    """Positions of hexagons: one search in running weights that go on from area to area."""
    owner = np.repeat(np.arange(len(ground.first) - 1), np.diff(ground.first))
    at = np.searchsorted(ground.cumulative + owner, area + rng.random(len(area)), side="right")
    return np.asarray(np.clip(at, ground.first[area], ground.first[area + 1] - 1))


def _source(kind: str, many: int, rng: np.random.Generator) -> pl.Series:
    if kind == "activity":
        return pl.repeat(PATROL, many, dtype=pl.String, eager=True)
    running = np.cumsum([share for _, share in SOURCES])[:-1]
    return _words([name for name, _ in SOURCES], np.searchsorted(running, rng.random(many), side="right"))


def _words(words: list[str], at: npt.NDArray[Any]) -> pl.Series:
    return pl.Series(words, dtype=pl.String).gather(at)
