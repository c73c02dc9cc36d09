"""What an invented city consists of. Arrays are labelled; `T` topics, `A` areas, `W` weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import polars as pl
import shapely
import xarray as xr

from mahalleh.topics import Topic


@dataclass(frozen=True, slots=True)
class District:
    """A district: the parent of some areas."""

    id: str
    name_fa: str
    name_en: str
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Service:
    """A place of help. `kind`: counselling, youth, addiction, family ... ; `area` where it is."""

    name_fa: str
    name_en: str
    kind: str
    area: str


@dataclass(frozen=True, slots=True)
class Rise:
    """A topic's fresh events times `factor` in `areas` from week `start` to before week `end`."""

    topic: str
    areas: tuple[str, ...]
    start: int
    end: int
    factor: float


@dataclass(frozen=True, slots=True)
class Intervention:
    """Something that was done in `areas` from week `start` on, to the end.

    `effect`: `works`, `nothing`, `displaces` or `harms-trust`. `factor` is of fresh events of `topic` in
    `areas`; `moved` the share of what was prevented that happens in `next_areas` instead; `trust` the factor
    of every topic's report propensity in `areas`.
    """

    id: str
    effect: str
    topic: str
    areas: tuple[str, ...]
    start: int
    factor: float = 1.0
    moved: float = 0.0
    next_areas: tuple[str, ...] = ()
    trust: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)  # tables have no single equality
class Truth:
    """What a real city never knows.

    All arrays (topic, area, period) of `need` topics, but `patrols` (area, period), hours.
    `expected`: mean events of the whole process, rises and interventions included. `undisturbed`: the same
    without them, so that `expected / undisturbed` is the true effect. `intensity`: the mean of each week
    given the weeks before it. `actual`: what happened. `reported`: what residents told, now or later.
    `propensity`: the chance that an event is told. `late`: events that were not yet known at the city's end,
    so that those of `City.events` and these together are `reported`.
    `safety`, `trust`: (area, wave), the means that survey answers are drawn round, on the answer's scale.
    """

    expected: xr.DataArray
    undisturbed: xr.DataArray
    intensity: xr.DataArray
    actual: xr.DataArray
    reported: xr.DataArray
    propensity: xr.DataArray
    patrols: xr.DataArray
    rises: tuple[Rise, ...]
    interventions: tuple[Intervention, ...]
    branching: Mapping[str, float]
    dispersion: Mapping[str, float]
    late: pl.DataFrame
    safety: xr.DataArray
    trust: xr.DataArray


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """An invented city as it would be known on the morning of `end`, and its truth.

    `places`: by the contract of `mahalleh.places`, with name_fa, name_en. `river`, `parks`: where nobody
    lives. `events`: by the schema of `mahalleh.events`, from `start` to before `end`, known before `end`.
    `survey`: one row a wave, area, stratum, item and option: columns wave (Int32), month (Date), area,
    stratum, item, option (Int8, 1 worst to 5 best), n (Int32, answers) and weight (Float64, residents per
    answer of the stratum).
    """

    seed: int
    name_fa: str
    name_en: str
    week_start: str
    start: date
    end: date
    places: gpd.GeoDataFrame
    districts: tuple[District, ...]
    river: Any
    parks: Any
    topics: tuple[Topic, ...]
    events: pl.DataFrame
    survey: pl.DataFrame
    services: tuple[Service, ...]
    truth: Truth
