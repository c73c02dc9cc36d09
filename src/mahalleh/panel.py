"""Events to counts: the panel that all analysis works on.

A panel is an `xarray.DataArray` with the dims (topic, area, period), int64, without gaps: what nobody told is
a zero. `as_of` shows any past period as it was known on a day, since every event carries the day by which it
was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray

from mahalleh.calendars import month_start, next_month
from mahalleh.errors import PanelError
from mahalleh.topics import KINDS

FREQUENCIES = ("D", "W", "M")
CALENDARS = ("gregorian", "persian")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ONE_DAY = timedelta(days=1)


def panel(
    events: pl.LazyFrame | pl.DataFrame,
    places: gpd.GeoDataFrame,
    *,
    freq: str = "W",
    topics: Sequence[str] | None = None,
    kind: str = "need",
    as_of: date | None = None,
    week_start: str = "monday",
    calendar: str = "gregorian",
    start: date | None = None,
    end: date | None = None,
) -> xr.DataArray:
    """Count events by topic, area and period, of one kind of events.

    Parameters
    ----------
    events : polars.LazyFrame or polars.DataFrame
        By the schema of `mahalleh.events`.
    places : geopandas.GeoDataFrame
        Whose index says which areas there are, and their order.
    freq : str
        `D`, `W` or `M`.
    topics : sequence of str, optional
        Which, and their order; all that occur, sorted, where None.
    kind : str
        `need` or `activity`.
    as_of : datetime.date, optional
        Only what was recorded by that day.
    week_start : str
        The day on which weeks begin, such as `saturday`.
    calendar : str
        Of months: `gregorian` or `persian`.
    start, end : datetime.date, optional
        The first day and the day after the last; whole periods within them are counted. Left out, they are
        those of the data, each widened to whole periods: the newest period may then still be incomplete, so
        give an `end` to watch by.

    Returns
    -------
    xarray.DataArray
        (topic, area, period) int64, with the coordinates `period` (first day, datetime64[ns]) and
        `period_end` (the day after the last), and the attributes `freq`, `kind`, `calendar` and `week_start`.

    Raises
    ------
    PanelError
        Unknown options, events in unknown areas, events whose time is known more coarsely than the periods
        ask, or no whole period.
    """
    _check_options(freq=freq, kind=kind, week_start=week_start, calendar=calendar)
    chosen = events.lazy().filter(pl.col("kind") == kind)
    if as_of is not None:
        chosen = chosen.filter(pl.col("recorded") <= as_of)
    if topics is not None:
        chosen = chosen.filter(pl.col("topic").is_in(list(topics)))
    if start is not None:
        chosen = chosen.filter(pl.col("time") >= start)
    if end is not None:
        chosen = chosen.filter(pl.col("time") < end)

    areas = places.index.tolist()
    known = chosen.with_columns(
        pl.col("area").cast(pl.Enum(areas), strict=False)
    )  # grouped quicker than texts
    counted = _by_period(known, freq=freq, week_start=week_start, calendar=calendar)
    if counted["area"].null_count():
        others = chosen.filter(~pl.col("area").is_in(areas)).select(pl.col("area").unique().sort()).collect()
        raise PanelError("panel.unknown-area", areas=others["area"].to_list())
    _check_resolution(counted, freq=freq, calendar=calendar)
    first, past = _range(counted, start, end)
    edges = period_edges(
        first, past, freq=freq, week_start=week_start, calendar=calendar, widen=(not start, not end)
    )
    if len(edges) < 2:  # one period has two edges
        raise PanelError("panel.empty-range", start=first, end=past)

    names = list(topics) if topics is not None else counted["topic"].unique().sort().to_list()
    values = _scatter(counted, names, len(areas), edges)
    return xr.DataArray(
        values,
        dims=("topic", "area", "period"),
        coords={
            "topic": np.asarray(names, dtype=object),
            "area": places.index.to_numpy(dtype=object),
            "period": edges[:-1].astype("datetime64[ns]"),
            "period_end": ("period", edges[1:].astype("datetime64[ns]")),
        },
        attrs={"freq": freq, "kind": kind, "calendar": calendar, "week_start": week_start},
        name="n",
    )


def period_edges(
    first: date,
    past: date,
    *,
    freq: str,
    week_start: str = "monday",
    calendar: str = "gregorian",
    widen: tuple[bool, bool] = (False, False),
) -> NDArray[np.datetime64]:
    """Find the days on which whole periods begin, and the day after the last.

    Parameters
    ----------
    first, past : datetime.date
        The periods lie between the two: the first day, and the day after the last.
    freq : str
        `D`, `W` or `M`.
    week_start : str
        The day on which weeks begin.
    calendar : str
        Of months: `gregorian` or `persian`.
    widen : (bool, bool)
        Whether a period that is cut by the first or by the last day counts as whole.

    Returns
    -------
    (periods + 1,) datetime64[D]
        Of length 0 or 1 where there is no whole period.

    Examples
    --------
    >>> period_edges(date(2026, 1, 5), date(2026, 3, 2), freq="M").astype(str).tolist()
    ['2026-02-01', '2026-03-01']
    >>> period_edges(date(2026, 1, 5), date(2026, 3, 2), freq="M", widen=(True, False)).astype(str).tolist()
    ['2026-01-01', '2026-02-01', '2026-03-01']
    """
    begin = _period_start(first, freq, week_start, calendar)
    if begin < first and not widen[0]:
        begin = _next_start(begin, freq, calendar)
    edges = [begin]
    while edges[-1] < past:
        edges.append(_next_start(edges[-1], freq, calendar))
    if edges[-1] > past and not widen[1]:
        edges.pop()
    return np.asarray(edges, dtype="datetime64[D]")


def _check_options(*, freq: str, kind: str, week_start: str, calendar: str) -> None:
    if freq not in FREQUENCIES:
        raise PanelError("panel.bad-freq", given=freq)
    options = (("kind", kind, KINDS), ("week_start", week_start, WEEKDAYS), ("calendar", calendar, CALENDARS))
    for key, given, allowed in options:
        if given not in allowed:
            raise PanelError("panel.bad-value", key=key, given=given, allowed=allowed)


def _by_period(events: pl.LazyFrame, *, freq: str, week_start: str, calendar: str) -> pl.DataFrame:
    """Counts by topic, area and the `day` on which a period begins; `monthly` of them know only their month.

    Solar Hijri months have no expression in Polars: there the days themselves are counted, and folded later.
    """
    day = pl.col("time").dt.date()
    if freq == "W":
        number = day.to_physical()  # days since 1970-01-01, a Thursday
        day = (number - (number + 3 - WEEKDAYS.index(week_start)) % 7).cast(pl.Date)
    elif freq == "M" and calendar == "gregorian":
        day = day.dt.truncate("1mo")
    return (
        events.group_by("topic", "area", day.alias("day"))
        .agg(pl.col("n").cast(pl.Int64).sum(), (pl.col("resolution") == "month").sum().alias("monthly"))
        .collect(engine="streaming")
    )


def _check_resolution(counted: pl.DataFrame, *, freq: str, calendar: str) -> None:
    monthly = int(counted["monthly"].sum())
    if monthly and freq != "M":
        raise PanelError("panel.too-fine", count=monthly, resolution="month", freq=freq)
    if monthly and calendar != "gregorian":
        raise PanelError("panel.split-month", count=monthly)


def _range(counted: pl.DataFrame, start: date | None, end: date | None) -> tuple[date, date]:
    if start is not None and end is not None:
        return start, end
    if counted.is_empty():
        raise PanelError("panel.no-events")
    days: Any = counted.select(first=pl.col("day").min(), last=pl.col("day").max()).row(0)
    return start or days[0], end or days[1] + ONE_DAY


def _scatter(
    counted: pl.DataFrame, topics: list[str], areas: int, edges: NDArray[np.datetime64]
) -> NDArray[np.int64]:
    """Add each count into its (topic, area, period) cell."""
    shape = (len(topics), areas, len(edges) - 1)
    values = np.zeros(shape, dtype=np.int64)
    period = np.searchsorted(edges, counted["day"].to_numpy().astype("datetime64[D]"), side="right") - 1
    inside = (period >= 0) & (period < shape[2])
    topic = counted["topic"].cast(pl.Enum(topics)).to_physical().to_numpy()
    area = counted["area"].to_physical().to_numpy()
    cell = np.ravel_multi_index((topic[inside], area[inside], period[inside]), shape)
    np.add.at(values.reshape(-1), cell, counted["n"].to_numpy()[inside])
    return values


def _period_start(day: date, freq: str, week_start: str, calendar: str) -> date:
    if freq == "D":
        return day
    if freq == "W":
        return day - timedelta(days=(day.weekday() - WEEKDAYS.index(week_start)) % 7)
    return month_start(day, calendar)


def _next_start(begin: date, freq: str, calendar: str) -> date:
    if freq == "D":
        return begin + ONE_DAY
    if freq == "W":
        return begin + 7 * ONE_DAY
    return next_month(begin, calendar)
