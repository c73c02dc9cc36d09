"""The columns of a regression on time: trend, seasons, and feasts that move through the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mahalleh import calendars
from mahalleh.countries import public_holidays

if TYPE_CHECKING:
    import xarray as xr

Floats: TypeAlias = NDArray[np.float64]

YEAR: Final = 365.2425  # days of the mean Gregorian year; of a Solar Hijri one 365.2422
IRAN: Final = ("iran", "ir")


def years(periods: xr.DataArray) -> Floats:
    """The middle of each period in years since the first: (P,)."""
    start = periods["period"].to_numpy().astype("datetime64[D]").astype(np.float64)
    end = periods["period_end"].to_numpy().astype("datetime64[D]").astype(np.float64)
    middle = (start + end) / 2
    return np.asarray((middle - middle[0]) / YEAR)


def harmonics(year: Floats, pairs: int) -> Floats:
    """Sines and cosines of the year and its parts: (P, 2 * pairs)."""
    waves = [f(2 * np.pi * k * year) for k in range(1, pairs + 1) for f in (np.sin, np.cos)]
    return np.stack(waves, axis=1) if waves else np.empty((len(year), 0))


def feasts(periods: xr.DataArray, calendar: str | None) -> Floats:
    """Shares of each period's days that are special: (P, columns), none without a calendar.

    `iran` (or `IR`): Nowruz, Ramadan, school term. Else a country's public holidays: its ISO code, or code
    and part (`US-MO`, `gb-eng`).

    Raises:
        WatchError: `watch.unknown-calendar`.
    """
    if calendar is None:
        return np.empty((periods.sizes["period"], 0))
    start = periods["period"].to_numpy().astype("datetime64[D]")
    end = periods["period_end"].to_numpy().astype("datetime64[D]")
    days = np.arange(start[0], end[-1])
    if calendar.lower() in IRAN:
        kinds = [calendars.is_nowruz(days), calendars.is_ramadan(days), calendars.is_school(days)]
    else:
        kinds = [_public(days, calendar)]
    edges = np.concatenate([start, end[-1:]]) - start[0]
    width = np.diff(edges.astype(np.int64)).astype(np.float64)
    sums = [np.add.reduceat(kind.astype(np.float64), edges[:-1].astype(np.int64)) / width for kind in kinds]
    return np.stack(sums, axis=1)


def _public(days: NDArray[np.datetime64], calendar: str) -> NDArray[np.bool_]:
    first, last = days[0].astype(object).year, days[-1].astype(object).year
    known = public_holidays(calendar, range(first, last + 1))
    return np.isin(days, np.array(sorted(known), dtype="datetime64[D]"))
