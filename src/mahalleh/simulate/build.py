"""Puts the invented city together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
import xarray as xr

from mahalleh import calendars
from mahalleh import places as geography
from mahalleh.errors import Faults, InputError
from mahalleh.simulate import activity, happenings, interventions, names, process, survey
from mahalleh.simulate.geography import Land, make_land
from mahalleh.simulate.model import City, Truth
from mahalleh.simulate.services import make_services
from mahalleh.simulate.topics import ACTIVITY, NEED, PATROL_RHYTHM

END: Final = date(2026, 11, 21)  # a fixed day: the library has no clock
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LEAST_AREAS: Final = 6  # so that rises and interventions find areas of their own
MOST_AREAS: Final = 5_000  # more than any city has neighbourhoods
LEAST_WEEKS: Final = 12  # so that what begins has a before and an after
MOST_WEEKS: Final = 1_040  # twenty years
MOST_AREA_WEEKS: Final = 400_000  # some 28 million events in 8 GB
FEARED: Final = ("theft-from-person", "public-drug-use", "noise")  # what people fear outdoors
STREAMS: Final = (
    "land",
    "levels",
    "plan",
    "process",
    "told",
    "patrol",
    "ground",
    "need",
    "found",
    "survey",
    "help",
)


@dataclass(frozen=True, slots=True)
class _Course:
    """What the process gave: arrays (T, A, W)."""

    expected: process.Floats
    undisturbed: process.Floats
    intensity: process.Floats
    actual: process.Ints
    reported: process.Ints
    told: process.Floats
    plan: tuple[Any, Any]


def simulate_city(
    seed: int,
    areas: int = 48,
    weeks: int = 156,
    *,
    end: date | None = None,
    week_start: str = "saturday",
) -> City:
    """Invent a city whose truth is known; the same arguments give the same city.

    Parameters
    ----------
    seed : int
        Nought or more.
    areas : int
        Neighbourhoods, 6 to 5,000.
    weeks : int
        12 to 1,040; areas times weeks 400,000 at most, since all is held in memory.
    end : datetime.date, optional
        The last week ends before it; moved back to a `week_start`.
    week_start : str
        The day on which weeks begin.

    Returns
    -------
    City
        The city, its truth included.

    Raises
    ------
    InputError
        With every fault of the arguments.

    Examples
    --------
    >>> city = simulate_city(1, areas=8, weeks=12)
    >>> len(city.places), city.start, city.end
    (8, datetime.date(2026, 8, 29), datetime.date(2026, 11, 21))
    """
    last = _check(seed, areas, weeks, END if end is None else end, week_start)
    streams = dict(zip(STREAMS, np.random.SeedSequence(seed).spawn(len(STREAMS)), strict=True))
    rng = {name: np.random.default_rng(stream) for name, stream in streams.items()}
    start = last - timedelta(weeks=weeks)
    starts = np.datetime64(start, "D") + np.timedelta64(7, "D") * np.arange(weeks)
    land = make_land(areas, rng["land"])
    ids = list(land.places.index)
    course = _course(land, ids, starts, rng)
    need, doing = [topic for topic, _ in NEED], [topic for topic, _ in ACTIVITY]
    hours, found = activity.patrol(areas, weeks, np.array([rate for _, rate in ACTIVITY]), rng["patrol"])
    ground = happenings.hexagons(land.places.geometry.to_numpy(), rng["ground"])
    common: dict[str, Any] = {"areas": ids, "starts": starts, "ground": ground}
    told = happenings.draw_events(
        course.reported,
        topics=[t.id for t in need],
        kind="need",
        rhythms=[r for _, r in NEED],
        rng=rng["need"],
        **common,
    )
    seen = happenings.draw_events(
        found,
        topics=[t.id for t in doing],
        kind="activity",
        rhythms=[PATROL_RHYTHM] * len(doing),
        rng=rng["found"],
        **common,
    )
    events = pl.concat([told, seen]).sort("time", maintain_order=True)
    safety, trust = _feelings(land, course, weeks, rng["survey"])
    days = survey.wave_days(start, weeks)
    population = land.places["population"].to_numpy()
    rises, done = course.plan
    label = _Labels([t.id for t in need], ids, starts, days)
    truth = Truth(
        expected=label.cube(course.expected),
        undisturbed=label.cube(course.undisturbed),
        intensity=label.cube(course.intensity),
        actual=label.cube(course.actual),
        reported=label.cube(course.reported),
        propensity=label.cube(course.told),
        patrols=label.cube(hours[None])[0].drop_vars("topic"),
        rises=rises,
        interventions=done,
        branching={topic.id: rhythm.branching for topic, rhythm in NEED},
        dispersion={topic.id: rhythm.dispersion for topic, rhythm in NEED},
        late=events.filter(pl.col("recorded") >= last),
        safety=label.waves(safety),
        trust=label.waves(trust),
    )
    return City(
        seed=seed,
        name_fa=names.CITY[0],
        name_en=names.CITY[1],
        week_start=week_start,
        start=start,
        end=last,
        places=land.places,
        districts=land.districts,
        river=land.river,
        parks=land.parks,
        topics=(*need, *doing),
        events=events.filter(pl.col("recorded") < last),
        survey=survey.ask(safety, trust, areas=ids, population=population, days=days, rng=rng["survey"]),
        services=make_services(ids, list(land.places["name_fa"]), list(land.places["name_en"]), rng["help"]),
        truth=truth,
    )


def _course(land: Land, ids: list[str], starts: Any, rng: dict[str, np.random.Generator]) -> _Course:
    rhythms = [rhythm for _, rhythm in NEED]
    topics = [topic.id for topic, _ in NEED]
    pairs = geography.adjacency(land.places)
    borders: list[list[int]] = [[] for _ in ids]
    for left, right in pairs.tolist():
        borders[left].append(right)
        borders[right].append(left)
    level, chance = process.levels(rhythms, land.places["population"].to_numpy(), rng["levels"])
    branching = np.array([rhythm.branching for rhythm in rhythms])
    calm = (1.0 - branching)[:, None, None] * level[:, :, None] * process.season(rhythms, starts)[:, None, :]
    calm_told = np.repeat(chance[:, :, None], len(starts), axis=2)
    rises, done = interventions.plan(ids, borders, len(starts), rng["plan"])
    fresh, told = interventions.apply(
        calm, calm_told, topics=topics, ids=ids, rises=rises, interventions=done
    )
    spread = process.spread_matrix(pairs, len(ids))
    dispersion = np.array([rhythm.dispersion for rhythm in rhythms])
    intensity, actual = process.happen(fresh, spread, branching, dispersion, rng["process"])
    return _Course(
        expected=process.expected(fresh, spread, branching),
        undisturbed=process.expected(calm, spread, branching),
        intensity=intensity,
        actual=actual,
        reported=rng["told"].binomial(actual, told),
        told=told,
        plan=(rises, done),
    )


def _feelings(
    land: Land, course: _Course, weeks: int, rng: np.random.Generator
) -> tuple[process.Floats, process.Floats]:
    feared = [at for at, (topic, _) in enumerate(NEED) if topic.id in FEARED]
    people = land.places["population"].to_numpy()
    street, told = [], []
    for week in survey.waves(weeks):
        window = slice(max(0, week + 1 - survey.EVERY_WEEKS), week + 1)
        street.append(course.actual[feared, :, window].sum(axis=(0, 2)) / people)
        told.append(course.told[:, :, window].mean(axis=(0, 2)))
    return survey.feelings(np.array(street).T, np.array(told).T, rng)


@dataclass(frozen=True, slots=True)
class _Labels:
    topics: list[str]
    areas: list[str]
    starts: Any
    days: list[date]

    def cube(self, values: Any) -> xr.DataArray:
        """(topic, area, period), with the coordinates of `mahalleh.panel.panel`."""
        begin = self.starts.astype("datetime64[ns]")
        return xr.DataArray(
            values,
            dims=("topic", "area", "period"),
            coords={
                "topic": self.topics[: len(values)],
                "area": self.areas,
                "period": begin,
                "period_end": ("period", begin + np.timedelta64(7, "D")),
            },
            attrs={"freq": "W", "kind": "need"},
        )

    def waves(self, values: Any) -> xr.DataArray:
        """(area, wave); `day` is when each wave was asked."""
        numbers = np.arange(1, len(self.days) + 1)
        days = ("wave", np.array(self.days, dtype="datetime64[ns]"))
        return xr.DataArray(
            values, dims=("area", "wave"), coords={"area": self.areas, "wave": numbers, "day": days}
        )


def _check(seed: int, areas: int, weeks: int, end: object, week_start: str) -> date:
    """The city's end, moved back to the start of a week.

    Raises:
        InputError: with every fault.
    """
    faults = Faults(InputError)
    if not _whole(seed) or seed < 0:
        faults.add("simulate.bad-seed", given=seed)
    if not _whole(areas) or not LEAST_AREAS <= areas <= MOST_AREAS:
        faults.add("simulate.bad-areas", given=areas, least=LEAST_AREAS, most=MOST_AREAS)
    if not _whole(weeks) or not LEAST_WEEKS <= weeks <= MOST_WEEKS:
        faults.add("simulate.bad-weeks", given=weeks, least=LEAST_WEEKS, most=MOST_WEEKS)
    if week_start not in WEEKDAYS:
        faults.add("simulate.bad-week-start", given=week_start, allowed=WEEKDAYS)
    if not len(faults) and areas * weeks > MOST_AREA_WEEKS:
        faults.add("simulate.too-large", given=areas * weeks, areas=areas, weeks=weeks, most=MOST_AREA_WEEKS)
    last = _day(end)
    if last is None:
        faults.add("simulate.bad-end", given=end)
    elif not calendars.FIRST <= last <= calendars.LAST:
        faults.add("calendars.out-of-range", given=last, first=calendars.FIRST, last=calendars.LAST)
    faults.raise_if_any()
    last = last or END
    last -= timedelta(days=(last.weekday() - WEEKDAYS.index(week_start)) % 7)
    start = last - timedelta(weeks=weeks)
    if start < calendars.FIRST:
        newest = last - timedelta(days=1)
        raise InputError("simulate.too-early", start=start, end=newest, weeks=weeks, first=calendars.FIRST)
    return last


def _day(value: object) -> date | None:
    """The day of a date; None of anything else, times of day included."""
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
