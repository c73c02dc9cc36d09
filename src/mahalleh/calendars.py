"""Calendars of a city's year: Solar Hijri dates, Nowruz, Ramadan and school terms.

Solar Hijri dates by jdatetime (33-year leap rule, equal to Iran's official calendar from 1206 to 1498 SH);
Islamic months by hijridate's Umm al-Qura table, which Iran's own sighting may differ from by a day.
Days are `datetime.date`; arrays of days are numpy `datetime64[D]`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import jdatetime
import numpy as np
import numpy.typing as npt
from hijridate import Gregorian, Hijri

from mahalleh.errors import InputError

FIRST: Final = date(1925, 1, 1)  # days that both calendars know
LAST: Final = date(2077, 10, 1)
RAMADAN: Final = 9
MEHR: Final = 7  # the school year opens on its first day
KHORDAD: Final = 3  # ... and closes on this month's last

NOWRUZ_DAYS: Final = 13  # from 1 to 13 Farvardin, Nature Day included

Days = npt.NDArray[np.datetime64]


def to_solar(day: date) -> tuple[int, int, int]:
    """A day as (year, month, day) of the Solar Hijri calendar.

    Raises:
        InputError: `calendars.out-of-range`.
    """
    _check(day)
    solar = jdatetime.date.fromgregorian(date=day)
    return solar.year, solar.month, solar.day


def from_solar(year: int, month: int, day: int) -> date:
    """The day of a Solar Hijri date.

    Raises:
        InputError: `calendars.no-such-day`, `calendars.out-of-range`.
    """
    try:
        found: date = jdatetime.date(year, month, day).togregorian()
    except ValueError as error:
        raise InputError("calendars.no-such-day", given=f"{year}/{month:02d}/{day:02d}") from error
    _check(found)
    return found


def nowruz(year: int) -> date:
    """The first day of a Solar Hijri year."""
    return from_solar(year, 1, 1)


def ramadan(year: int) -> tuple[date, date]:
    """First day and exclusive end of Ramadan in an Islamic year (1343 to 1499).

    Raises:
        InputError: `calendars.out-of-range`.
    """
    try:
        month = Hijri(year, RAMADAN, 1)
        first = date.fromordinal(month.to_gregorian().toordinal())
        return first, first + timedelta(days=month.month_length())
    except OverflowError as error:
        raise InputError("calendars.out-of-range", given=year, first=FIRST, last=LAST) from error


def is_nowruz(days: Days) -> npt.NDArray[np.bool_]:
    """Whether each day is one of the thirteen of Nowruz. Shape as `days`."""
    return _within(days, [(first, first + timedelta(days=NOWRUZ_DAYS)) for first in _years(days)])


def is_ramadan(days: Days) -> npt.NDArray[np.bool_]:
    """Whether each day lies in Ramadan. Shape as `days`."""
    if days.size == 0:
        return np.zeros(days.shape, dtype=bool)
    first, last = _ends(days)
    years = range(_islamic_year(first), _islamic_year(last) + 1)
    return _within(days, [ramadan(year) for year in years])


def is_school(days: Days) -> npt.NDArray[np.bool_]:
    """Whether each day lies in the school year: 1 Mehr to the end of Khordad, but for Nowruz.

    Weekly days off count as school days: this is of weeks and months, not of single days.
    """
    terms = []
    for first in _years(days):
        year, _, _ = to_solar(first)
        opens = from_solar(year - 1, MEHR, 1)
        terms.append((opens, from_solar(year, KHORDAD + 1, 1)))
    if terms:
        year, _, _ = to_solar(_ends(days)[1])
        terms.append((from_solar(year, MEHR, 1), from_solar(year + 1, KHORDAD + 1, 1)))
    return _within(days, terms) & ~is_nowruz(days)


def solar_phase(days: Days) -> npt.NDArray[np.float64]:
    """How much of its Solar Hijri year has passed at the start of each day, in [0, 1). Shape as `days`."""
    firsts = _years(days)
    if not firsts:
        return np.zeros(days.shape)
    year, _, _ = to_solar(firsts[-1])
    starts = np.array([*firsts, nowruz(year + 1)], dtype="datetime64[D]").astype(np.int64)
    ordinal = days.astype("datetime64[D]").astype(np.int64)
    at = np.searchsorted(starts, ordinal, side="right") - 1
    phase: npt.NDArray[np.float64] = (ordinal - starts[at]) / (starts[at + 1] - starts[at])
    return phase


def _years(days: Days) -> list[date]:
    """The first days of the Solar Hijri years that the days lie in."""
    if days.size == 0:
        return []
    first, last = _ends(days)
    return [nowruz(year) for year in range(to_solar(first)[0], to_solar(last)[0] + 1)]


def _ends(days: Days) -> tuple[date, date]:
    whole = days.astype("datetime64[D]")
    return whole.min().item(), whole.max().item()


def _islamic_year(day: date) -> int:
    _check(day)
    return int(Gregorian(day.year, day.month, day.day).to_hijri().year)


def _within(days: Days, spans: list[tuple[date, date]]) -> npt.NDArray[np.bool_]:
    whole = days.astype("datetime64[D]")
    inside = np.zeros(days.shape, dtype=bool)
    for first, end in spans:
        inside |= (whole >= np.datetime64(first)) & (whole < np.datetime64(end))
    return inside


def _check(day: date) -> None:
    if not FIRST <= day <= LAST:
        raise InputError("calendars.out-of-range", given=day, first=FIRST, last=LAST)
