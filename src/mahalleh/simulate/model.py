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
    """A district: the parent of some areas.

    Attributes
    ----------
    id : str
        As areas name it.
    name_fa, name_en : str
        Its name.
    geometry : shapely.Geometry
        WGS84.
    """

    id: str
    name_fa: str
    name_en: str
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Service:
    """A place of help.

    Attributes
    ----------
    name_fa, name_en : str
        Its name.
    kind : str
        Counselling, youth, addiction, family ...
    area : str
        Where it is.
    """

    name_fa: str
    name_en: str
    kind: str
    area: str


@dataclass(frozen=True, slots=True)
class Rise:
    """A topic's fresh events times `factor` in some areas and weeks.

    Attributes
    ----------
    topic : str
        What rises.
    areas : tuple of str
        Where.
    start, end : int
        Its first week, and the week after its last.
    factor : float
        Of the mean of fresh events.
    """

    topic: str
    areas: tuple[str, ...]
    start: int
    end: int
    factor: float


@dataclass(frozen=True, slots=True)
class Intervention:
    """Something that was done in `areas` from week `start` on, to the end.

    Attributes
    ----------
    id : str
        Its name.
    effect : str
        `works`, `nothing`, `displaces` or `harms-trust`.
    topic : str
        Against what.
    areas : tuple of str
        Where.
    start : int
        Its first week.
    factor : float
        Of fresh events of `topic` in `areas`.
    moved : float
        Share of what was prevented that happens in `next_areas` instead, 0 to 1.
    next_areas : tuple of str
        Where it goes.
    trust : float
        Factor of every topic's report propensity in `areas`.
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

    Arrays are (topic, area, period), of `need` topics, where nothing else is said.

    Attributes
    ----------
    expected : xarray.DataArray
        Mean events of the whole process, rises and interventions included.
    undisturbed : xarray.DataArray
        The same without them, so that `expected / undisturbed` is the true effect.
    intensity : xarray.DataArray
        The mean of each week given the weeks before it.
    actual : xarray.DataArray
        What happened.
    reported : xarray.DataArray
        What residents told, now or later.
    propensity : xarray.DataArray
        The chance that an event is told.
    patrols : xarray.DataArray
        (area, period), hours.
    rises : tuple of Rise
        What rose.
    interventions : tuple of Intervention
        What was done.
    branching : mapping of str to float
        By topic, the events that one event sets off.
    dispersion : mapping of str to float
        By topic, the shape of the gamma noise.
    late : polars.DataFrame
        Events that were not yet known at the city's end, so that those of `City.events` and these together
        are `reported`.
    safety, trust : xarray.DataArray
        (area, wave), the means that survey answers are drawn round, on the answer's scale.
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

    Attributes
    ----------
    seed : int
        That it was made from.
    name_fa, name_en : str
        Its name.
    week_start : str
        The day on which its weeks begin.
    start, end : datetime.date
        Its first day, and the day after its last.
    places : geopandas.GeoDataFrame
        By the contract of `mahalleh.places`, with name_fa, name_en.
    districts : tuple of District
        Parents of the areas.
    river, parks : shapely.Geometry
        Where nobody lives, WGS84.
    topics : tuple of Topic
        Needs, then activities.
    events : polars.DataFrame
        By the schema of `mahalleh.events`, from `start` to before `end`, known before `end`.
    survey : polars.DataFrame
        One row a wave, area, stratum, item and option: columns wave (Int32), month (Date), area, stratum,
        item, option (Int8, 1 worst to 5 best), n (Int32, answers) and weight (Float64, residents per answer
        of the stratum).
    services : tuple of Service
        Places of help.
    truth : Truth
        What nobody there knows.
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
