"""Calendars of a city's year: Solar Hijri dates, Nowruz, Ramadan and school terms.

Solar Hijri dates by jdatetime (33-year leap rule, equal to Iran's official calendar from 1206 to 1498 SH);
Islamic months by hijridate's Umm al-Qura table, which Iran's own sighting may differ from by a day.
Days are `datetime.date`; arrays of days are numpy `datetime64[D]`. Every function raises InputError
`calendars.out-of-range` for a day before FIRST or after LAST, and functions of arrays `calendars.no-day` for
NaT.
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
RAMADAN: Final = 9  # the month of the Islamic year
MEHR: Final = 7  # the school year opens on its first day
KHORDAD: Final = 3  # ... and closes on this month's last

LONGEST_MONTH: Final = 31  # days, in either calendar: so long after a first day lies in the next month
NOWRUZ_DAYS: Final = 13  # from 1 to 13 Farvardin, Nature Day included

Days = npt.NDArray[np.datetime64]


def to_solar(day: date) -> tuple[int, int, int]:
    """Tell a day by the Solar Hijri calendar.

    Parameters
    ----------
    day : datetime.date
        A Gregorian day from `FIRST` to `LAST`.

    Returns
    -------
    year, month, day : int
        The Solar Hijri date.

    Raises
    ------
    InputError
        `calendars.out-of-range`.

    Examples
    --------
    >>> to_solar(date(2024, 3, 20))
    (1403, 1, 1)
    """
    _check(day)
    solar = jdatetime.date.fromgregorian(date=day)
    return solar.year, solar.month, solar.day


def from_solar(year: int, month: int, day: int) -> date:
    """Find the day of a Solar Hijri date.

    Parameters
    ----------
    year, month, day : int
        The Solar Hijri date.

    Returns
    -------
    datetime.date
        The Gregorian day.

    Raises
    ------
    InputError
        `calendars.no-such-day`, `calendars.out-of-range`.

    Examples
    --------
    >>> from_solar(1403, 12, 30)  # 1403 is a leap year
    datetime.date(2025, 3, 20)
    """
    try:
        found = _gregorian(year, month, day)
    except ValueError as error:
        raise InputError("calendars.no-such-day", given=f"{year}/{month:02d}/{day:02d}") from error
    _check(found)
    return found


def nowruz(year: int) -> date:
    """Find the first day of a Solar Hijri year.

    Parameters
    ----------
    year : int
        A Solar Hijri year.

    Returns
    -------
    datetime.date
        1 Farvardin.

    Raises
    ------
    InputError
        `calendars.out-of-range`.
    """
    return from_solar(year, 1, 1)


def month_start(day: date, calendar: str) -> date:
    """Find the first day of the month in which a day lies.

    Parameters
    ----------
    day : datetime.date
        Any day.
    calendar : str
        `persian` (Solar Hijri) or `gregorian`.

    Returns
    -------
    datetime.date
        The month's first day.

    Examples
    --------
    >>> month_start(date(2026, 11, 28), "persian")  # 7 Azar 1405
    datetime.date(2026, 11, 22)
    """
    if calendar == "persian":
        solar = jdatetime.date.fromgregorian(date=day)
        return day - timedelta(days=solar.day - 1)
    return day.replace(day=1)


def next_month(start: date, calendar: str) -> date:
    """Find the first day of the month after the one that begins on `start`.

    Parameters
    ----------
    start : datetime.date
        The first day of a month.
    calendar : str
        `persian` (Solar Hijri) or `gregorian`.

    Returns
    -------
    datetime.date
        The next month's first day.

    Examples
    --------
    >>> next_month(date(2026, 12, 1), "gregorian")
    datetime.date(2027, 1, 1)
    """
    return month_start(start + timedelta(days=LONGEST_MONTH), calendar)


def ramadan(year: int) -> tuple[date, date]:
    """Find when Ramadan begins and ends in an Islamic year.

    Parameters
    ----------
    year : int
        An Islamic year, 1343 to 1500.

    Returns
    -------
    first, end : datetime.date
        Its first day, and the day after its last.

    Raises
    ------
    InputError
        `calendars.out-of-range`.

    Examples
    --------
    >>> ramadan(1445)
    (datetime.date(2024, 3, 11), datetime.date(2024, 4, 10))
    """
    try:
        month = Hijri(year, RAMADAN, 1)
        first = date.fromordinal(month.to_gregorian().toordinal())
        return first, first + timedelta(days=month.month_length())
    except OverflowError as error:
        raise InputError("calendars.out-of-range", given=year, first=FIRST, last=LAST) from error


def is_nowruz(days: Days) -> npt.NDArray[np.bool_]:
    """Whether each day is one of the thirteen of Nowruz.

    Parameters
    ----------
    days : (...) datetime64[D]
        Gregorian days.

    Returns
    -------
    (...) bool
        Of the shape of `days`.

    Raises
    ------
    InputError
        `calendars.no-day`, `calendars.out-of-range`.
    """
    firsts = [_new_year(year) for year in _solar_years(days)]
    return _within(days, [(first, first + timedelta(days=NOWRUZ_DAYS)) for first in firsts])


def is_ramadan(days: Days) -> npt.NDArray[np.bool_]:
    """Whether each day lies in Ramadan.

    Parameters
    ----------
    days : (...) datetime64[D]
        Gregorian days.

    Returns
    -------
    (...) bool
        Of the shape of `days`.

    Raises
    ------
    InputError
        `calendars.no-day`, `calendars.out-of-range`.
    """
    if days.size == 0:
        return np.zeros(days.shape, dtype=bool)
    first, last = _ends(days)
    years = range(_islamic_year(first), _islamic_year(last) + 1)
    return _within(days, [ramadan(year) for year in years])


def is_school(days: Days) -> npt.NDArray[np.bool_]:
    """Whether each day lies in the school year: 1 Mehr to the end of Khordad, but for Nowruz.

    Weekly days off count as school days: this is of weeks and months, not of single days.

    Parameters
    ----------
    days : (...) datetime64[D]
        Gregorian days.

    Returns
    -------
    (...) bool
        Of the shape of `days`.

    Raises
    ------
    InputError
        `calendars.no-day`, `calendars.out-of-range`.
    """
    years = _solar_years(days)
    opened = range(years.start - 1, years.stop) if years else years  # a term that began in the year before
    terms = [(_gregorian(year, MEHR, 1), _gregorian(year + 1, KHORDAD + 1, 1)) for year in opened]
    return _within(days, terms) & ~is_nowruz(days)


def solar_phase(days: Days) -> npt.NDArray[np.float64]:
    """Tell how much of its Solar Hijri year has passed at the start of each day.

    Parameters
    ----------
    days : (...) datetime64[D]
        Gregorian days.

    Returns
    -------
    (...) float64
        In [0, 1), of the shape of `days`; 0 on the first day of Nowruz.

    Raises
    ------
    InputError
        `calendars.no-day`, `calendars.out-of-range`.
    """
    years = _solar_years(days)
    if not years:
        return np.zeros(days.shape)
    firsts = [_new_year(year) for year in range(years.start, years.stop + 1)]
    starts = np.array(firsts, dtype="datetime64[D]").astype(np.int64)
    ordinal = days.astype("datetime64[D]").astype(np.int64)
    at = np.searchsorted(starts, ordinal, side="right") - 1
    phase: npt.NDArray[np.float64] = (ordinal - starts[at]) / (starts[at + 1] - starts[at])
    return phase


def _solar_years(days: Days) -> range:
    """The Solar Hijri years that the days lie in."""
    if days.size == 0:
        return range(0)
    first, last = _ends(days)
    return range(to_solar(first)[0], to_solar(last)[0] + 1)


def _new_year(year: int) -> date:
    return _gregorian(year, 1, 1)


def _gregorian(year: int, month: int, day: int) -> date:
    """As `from_solar`, of days that stand and may lie a year outside: a term or year that reaches over."""
    found: date = jdatetime.date(year, month, day).togregorian()
    return found


def _ends(days: Days) -> tuple[date, date]:
    """The first and the last of some days, at least one.

    Raises:
        InputError: `calendars.no-day`, `calendars.out-of-range`.
    """
    whole = days.astype("datetime64[D]")
    if missing := int(np.isnat(whole).sum()):
        raise InputError("calendars.no-day", count=missing)
    first, last = whole.min().item(), whole.max().item()
    _check(first)
    _check(last)
    return first, last


def _islamic_year(day: date) -> int:
    return int(Gregorian(day.year, day.month, day.day).to_hijri().year)


def _within(days: Days, spans: list[tuple[date, date]]) -> npt.NDArray[np.bool_]:
    whole = days.astype("datetime64[D]")
    inside = np.zeros(days.shape, dtype=bool)
    for first, end in spans:
        inside |= (whole >= np.datetime64(first)) & (whole < np.datetime64(end))
    return inside


def _check(day: date) -> None:
    if not isinstance(day, date) or not FIRST <= day <= LAST:  # numpy gives years past 9999 as numbers
        raise InputError("calendars.out-of-range", given=day, first=FIRST, last=LAST)
