"""How much of the newest periods is on record, for every habit of recording: the shares, and false signals.

1. Of offices that record by each habit (`mahalleh.simulate.recording`), 280 events a week: the shares that
   `completeness` gives for the newest eight weeks or three months, on many days, against what the same office
   has on record of as many events as chance cannot move.
2. Calm cities of 20 areas whose events are recorded by each habit, watched by week for half a year or by
   month for a year, as the site does it: false signals over the stated rate, beside the same cities with
   nothing late.

`MAHALLEH_BENCH_CACHE` keeps what is done; the second part takes minutes a habit.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np

from benchmarks._kept import kept
from benchmarks._timing import row
from mahalleh.simulate.recording import HABITS, recorded

DAY: Final = np.timedelta64(1, "D")
EPOCH: Final = np.datetime64("1970-01-01")
A_DAY: Final = 40  # events
DENSE: Final = 30  # times as many, of which the truth is told
PANELS: Final = {"weeks": (156, 8), "months": (48, 3)}  # length, and newest periods
OFFICES: Final = 2
DAYS_ASKED: Final = 6  # looks at an office
ERROR: Final = 0.02

AREAS: Final = 20
HISTORY: Final = {"weeks": 156, "months": 60}
LOOKS: Final = {"weeks": 26, "months": 12}  # the newest of them
A_WEEK: Final = 4.0  # events an area, on the mean
DISPERSION: Final = 1.5
CITIES: Final = 60  # with nothing late
PAIRED: Final = 20  # of them by each habit
PART: Final = 10  # cities between two savings
RATE: Final = {"weeks": 3.0, "months": 1.0}  # false signals a year: enough of them to be counted
LOOKS_A_YEAR: Final = {"weeks": 365.25 / 7, "months": 12.0}
REPLICATES: Final = 199
LARGEST: Final = 0.25  # of the population
TOLD: Final = 0.05  # as in the site: of a period's events, after which it is looked at
RATED: Final = (
    "weeks",
)  # a year of months has one false signal: to tell 20% of them takes 10,000 looks a habit
WITHIN: Final = 0.20
AT_ONCE: Final = "nothing late"
BY_MONTH: Final = (
    "by-month",
    "by-month-late",
)  # which know of events their month alone, where months are asked
BEGIN: Final = {"weeks": np.datetime64("2022-01-03"), "months": np.datetime64("2020-01-01")}


def frame(day: Any, when: Any, resolution: str = "day", source: str = "office") -> Any:
    """Events of one topic."""
    import polars as pl

    return pl.DataFrame(
        {
            "topic": "x",
            "source": source,
            "resolution": resolution,
            "time": pl.Series(day.astype("M8[us]")),
            "recorded": pl.Series(when.astype("M8[D]")),
            "n": pl.Series(np.ones(len(day), dtype=np.int32)),
        }
    )


def edges_of(panel: str, calendar: str, past: Any) -> Any:
    """First days of the periods up to a day, and the day after the last."""
    from datetime import timedelta

    from mahalleh.panel import period_edges

    length, freq = PANELS[panel][0], panel[0].upper()
    past = past.astype("M8[D]").item()
    back = timedelta(days=length * (7 if freq == "W" else 31) + 31)
    return period_edges(past - back, past, freq=freq, week_start="monday", calendar=calendar)[-length - 1 :]


def shares(habit: str, panel: str, office: int, looks: int = DAYS_ASKED) -> list[tuple[float, float]]:
    """What is said and what is true of the newest periods of an office, on some days."""
    from mahalleh.watch.delay import completeness

    rng = np.random.default_rng([office, 7])
    length, newest = PANELS[panel]
    calendar = "persian" if habit == "solar-month-end" and panel == "months" else "gregorian"
    monthly = habit in BY_MONTH and panel == "months"
    begin = np.datetime64("2018-01-01")
    days = begin + DAY * np.arange(length * (7 if panel == "weeks" else 31) + 400)
    day = np.sort(rng.choice(days, A_DAY * len(days)))
    day[0] = begin
    when = recorded(habit, day, seed=office, office=office)
    time = day.astype("M8[M]").astype("M8[D]") if monthly else day
    events = frame(time, when, "month" if monthly else "day")
    found = []
    for look in range(looks):
        as_of = days[-1] - DAY * int(rng.integers(100, 360))
        edges = edges_of(panel, calendar, as_of)
        said = completeness(events, edges, as_of=as_of.item(), newest=newest)["x"][0][-newest:]
        wanted = days[(days >= edges[-newest - 1]) & (days < edges[-1])]
        many = np.append(begin, np.repeat(wanted, A_DAY * DENSE))
        told = (recorded(habit, many, seed=look, office=office) <= as_of)[1:]
        period = np.searchsorted(edges[-newest - 1 :], many[1:], side="right") - 1
        truth = np.bincount(period, told) / np.bincount(period)
        found += list(zip(said.tolist(), truth.tolist(), strict=True))
    return found


def error(habit: str, panel: str, offices: int = OFFICES) -> float:
    """The mean error of the shares."""
    pairs = [pair for office in range(offices) for pair in shares(habit, panel, office)]
    said, truth = np.array(pairs).T
    return float(np.abs(said - truth).mean())


def calm(habit: str, panel: str, seed: int, index: float) -> int:
    """False signals of half a year of weekly looks, or a year of monthly ones, at a city without a rise."""
    from mahalleh.watch.alarms import Look, alarms, look_level

    city = City(habit, panel, seed)
    yearly = {"rate": RATE[panel], "looks_a_year": LOOKS_A_YEAR[panel], "topics": 1, "clumping": index}
    last = HISTORY[panel]
    found = [
        Look("x", city.edges[at], city.scan(at), city.edges[: at + 1])
        for at in range(last - LOOKS[panel], last)
    ]
    return len(alarms(found, keep=look_level(**yearly), **yearly).signals)


class City:
    """A calm city whose events are recorded by a habit; the same seed has the same events, whatever habit."""

    def __init__(self, habit: str, panel: str, seed: int) -> None:
        rng = np.random.default_rng([seed, 17])
        self.length, self.newest = HISTORY[panel], PANELS[panel][1]
        self.where = {"coordinates": rng.random((AREAS, 2)), "population": np.full(AREAS, 1000.0)}
        step = np.arange(self.length + 1)
        begin = BEGIN[panel]
        self.edges = (
            begin + 7 * DAY * step
            if panel == "weeks"
            else (begin.astype("M8[M]") + step * np.timedelta64(1, "M")).astype("M8[D]")
        )
        days = np.diff(self.edges).astype(int)
        mean, over = rng.gamma(A_WEEK, 1.0, (AREAS, 1)) / 7 * days, DISPERSION - 1
        cell = np.repeat(np.arange(mean.size), rng.poisson(rng.gamma(mean / over, over)).ravel())
        self.area, self.period = np.divmod(cell, self.length)
        day = self.edges[self.period] + DAY * rng.integers(0, days[self.period])
        self.when = day if habit == AT_ONCE else recorded(habit, day, seed=seed, office=seed)
        monthly = habit in BY_MONTH and panel == "months"
        time = self.edges[self.period] if monthly else day
        self.events = frame(time, self.when, "month" if monthly else "day")

    def expected(self, at: int) -> tuple[Any, Any]:
        """Counts up to a period as the site would know them at its look, and what it would expect."""
        import xarray as xr

        from mahalleh.watch import expected_counts
        from mahalleh.watch.delay import completeness

        past = self.edges[at + 1]
        own = np.sort(self.when[self.period == at])
        as_of = max(past, own[int(np.ceil(TOLD * (len(own) - 1)))])
        told = (self.when <= as_of) & (self.period <= at)
        cell = self.area[told] * self.length + self.period[told]
        counts = np.bincount(cell, minlength=AREAS * self.length).reshape(1, AREAS, self.length)
        edges = self.edges[: at + 2].astype("datetime64[ns]")
        panel = xr.DataArray(
            counts[:, :, : at + 1],
            dims=("topic", "area", "period"),
            coords={
                "topic": ["x"],
                "area": np.arange(AREAS),
                "period": edges[:-1],
                "period_end": ("period", edges[1:]),
            },
        )
        known = completeness(self.events, self.edges[: at + 2], as_of=as_of.item(), newest=self.newest)
        return panel[0].to_numpy(), expected_counts(panel, guard=self.newest, completeness=known).of("x")

    def scan(self, at: int) -> Any:
        """One look."""
        from mahalleh.watch import scan

        counts, usual = self.expected(at)
        return scan(
            counts,
            model="negative-binomial",
            expected=usual,
            max_periods=self.newest,
            max_population=LARGEST,
            replicates=REPLICATES,
            seed=at,
            **self.where,
        )


def clumping_index(panel: str) -> float:
    """Of the first city with nothing late."""
    from mahalleh.watch.alarms import look_level
    from mahalleh.watch.clumping import clumping

    city = City(AT_ONCE, panel, 0)
    found = clumping(
        city.expected(city.length - 1)[1],
        seed=1,
        level=look_level(rate=RATE[panel], looks_a_year=LOOKS_A_YEAR[panel], topics=1),
        replicates=REPLICATES,
        courses=100,
        max_periods=city.newest,
        max_population=LARGEST,
        **city.where,
    )
    return float(found.index)


def signals(habit: str, panel: str, cities: int) -> Any:
    """False signals by city."""
    index = kept(f"delay-clumping-{panel}", partial(clumping_index, panel))
    found: list[int] = []
    for first in range(0, cities, PART):
        seeds = range(first, min(first + PART, cities))
        found += kept(f"delay-{panel}-{habit}-{first}", partial(_several, habit, panel, seeds, index))
    return np.array(found)


def _several(habit: str, panel: str, seeds: range, index: float) -> list[int]:
    return [calm(habit, panel, seed, index) for seed in seeds]


def run() -> list[dict[str, Any]]:
    """Both parts, habit by habit."""
    rows = []
    for habit in HABITS:
        errors = {
            panel: kept(f"delay-error-{habit}-{panel}", partial(error, habit, panel)) for panel in PANELS
        }
        rows.append(
            row(
                f"mean error of the share on record, {habit}",
                ", ".join(f"{panel} {value:.4f}" for panel, value in errors.items()),
                f"under {ERROR}",
                holds=max(errors.values()) < ERROR,
            )
        )
    for panel in RATED:
        calmest = signals(AT_ONCE, panel, CITIES)
        rows += [_rate(habit, panel, calmest) for habit in (AT_ONCE, *HABITS)]
    return rows


def _rate(habit: str, panel: str, calmest: Any) -> dict[str, Any]:
    """Signals over the stated rate. A habit's are the same cities' signals with nothing late and what the
    habit adds to them, so that fewer cities tell as much as if each were counted by itself."""
    wanted = RATE[panel] * LOOKS[panel] / LOOKS_A_YEAR[panel]
    added = np.zeros(PAIRED) if habit == AT_ONCE else signals(habit, panel, PAIRED) - calmest[:PAIRED]
    come = (calmest.mean() + added.mean()) / wanted
    unsure = np.sqrt(added.var() / PAIRED + calmest.var() / len(calmest)) / wanted
    own = f" ({added.mean() / wanted:+.2f} ± {added.std() / np.sqrt(PAIRED) / wanted:.2f} by being late)"
    return row(
        f"false signals over the stated {RATE[panel]:g} a year, by {panel}, {habit}",
        f"{come:.2f} ± {unsure:.2f}" + own * (habit != AT_ONCE),
        f"within {WITHIN:.0%}",
        holds=bool(abs(come - 1) <= WITHIN),
    )
