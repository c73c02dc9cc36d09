"""Calendars against days that anyone can look up."""

from datetime import date, datetime, timedelta

import jdatetime
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mahalleh import calendars
from mahalleh.errors import InputError
from tests.days import DAY

# Iran's official calendar: Nowruz of these Solar Hijri years
NOWRUZ = {
    1399: date(2020, 3, 20),
    1400: date(2021, 3, 21),
    1402: date(2023, 3, 21),
    1403: date(2024, 3, 20),
    1404: date(2025, 3, 21),
}
# Umm al-Qura: first days of Ramadan
RAMADAN = {1444: date(2023, 3, 23), 1445: date(2024, 3, 11), 1446: date(2025, 3, 1)}


def span(first: date, days: int) -> np.ndarray:
    return np.datetime64(first) + DAY * np.arange(days)


@pytest.mark.parametrize(("year", "day"), NOWRUZ.items())
def test_nowruz__is_the_official_day(year: int, day: date) -> None:
    assert calendars.nowruz(year) == day
    assert calendars.to_solar(day) == (year, 1, 1)


def test_nowruz__is_the_day_whose_noon_in_tehran_follows_the_equinox() -> None:
    """By astronomy: the mean March equinox (Meeus 1998, Astronomical Algorithms, table 27.B).

    The true equinox is up to 16 minutes off, and the clocks 69 seconds: years so near noon cannot be told.
    """
    told = 0
    for year in range(1304, 1457):
        y = (year + 621 - 2000) / 1000
        julian = 2451623.80984 + 365242.37404 * y + 0.05169 * y**2 - 0.00411 * y**3 - 0.00057 * y**4
        equinox = datetime(2000, 1, 1, 12) + timedelta(days=julian - 2451545, hours=3.5)  # Tehran
        noon = equinox.replace(hour=12, minute=0, second=0, microsecond=0)
        if abs(equinox - noon) > timedelta(minutes=20):
            told += 1
            assert calendars.nowruz(year) == equinox.date() + timedelta(days=equinox > noon), year
    assert told > 145


@pytest.mark.parametrize(("year", "day"), RAMADAN.items())
def test_ramadan__begins_on_the_known_day_and_lasts_29_or_30(year: int, day: date) -> None:
    first, end = calendars.ramadan(year)
    assert first == day
    assert (end - first).days in (29, 30)


@given(st.dates(calendars.FIRST, calendars.LAST))
def test_solar__goes_there_and_back(day: date) -> None:
    assert calendars.from_solar(*calendars.to_solar(day)) == day


@given(st.dates(calendars.FIRST, calendars.LAST), st.integers(1, 800))
@example(calendars.FIRST, 1)
@example(calendars.LAST, 1)
def test_flags__agree_with_the_day_by_day_rules(first: date, count: int) -> None:
    count = min(count, (calendars.LAST - first).days + 1)
    days = span(first, count)
    nowruz, school, phase = (
        calendars.is_nowruz(days),
        calendars.is_school(days),
        calendars.solar_phase(days),
    )
    for at in {0, count // 2, count - 1}:
        year, month, day = calendars.to_solar(first + timedelta(days=at))
        assert nowruz[at] == (month == 1 and day <= 13)
        assert school[at] == ((month >= 7 or month <= 3) and not nowruz[at])
        passed = 31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1
        assert phase[at] == passed / (366 if jdatetime.date(year, 1, 1).isleap() else 365)


def test_is_ramadan__marks_the_month_and_no_day_more() -> None:
    days = span(date(2025, 1, 1), 365)
    marked = days[calendars.is_ramadan(days)]
    assert marked[0] == np.datetime64("2025-03-01")
    assert len(marked) == 29
    assert (np.diff(marked).astype(int) == 1).all()


def test_flags__of_no_days_are_empty() -> None:
    none = np.array([], dtype="datetime64[D]")
    assert calendars.is_nowruz(none).size == calendars.is_ramadan(none).size == 0
    assert calendars.is_school(none).size == calendars.solar_phase(none).size == 0


@pytest.mark.parametrize("given", [(1403, 13, 1), (1404, 12, 30), (1403, 7, 31), (1403, 1, 0)])
def test_from_solar__refuses_days_that_are_not(given: tuple[int, int, int]) -> None:
    with pytest.raises(InputError) as caught:
        calendars.from_solar(*given)
    assert caught.value.faults[0].code == "calendars.no-such-day"
    assert "هجری" in caught.value.text("fa")


@pytest.mark.parametrize(
    "flag", [calendars.is_nowruz, calendars.is_ramadan, calendars.is_school, calendars.solar_phase]
)
@pytest.mark.parametrize(
    ("days", "code"),
    [
        (["2025-03-21", "NaT"], "calendars.no-day"),
        (["2025-03-21", "1924-12-31"], "calendars.out-of-range"),
        (["2025-03-21", "2077-10-02"], "calendars.out-of-range"),
        (["12000-01-01"], "calendars.out-of-range"),
    ],
)
def test_flags__refuse_days_that_the_calendars_do_not_know(flag, days: list[str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        flag(np.array(days, dtype="datetime64[D]"))
    assert [fault.code for fault in caught.value.faults] == [code]
    assert caught.value.text("fa")


def test_calendars__refuse_years_that_the_tables_do_not_know() -> None:
    with pytest.raises(InputError, match="1850"):
        calendars.to_solar(date(1850, 1, 1))
    with pytest.raises(InputError):
        calendars.ramadan(1200)


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_month_start__is_the_first_day_of_the_same_month(value):
    start = calendars.month_start(value, "persian")
    solar, first = jdatetime.date.fromgregorian(date=value), jdatetime.date.fromgregorian(date=start)
    assert (first.year, first.month, first.day) == (solar.year, solar.month, 1)
    assert calendars.month_start(value, "gregorian") == value.replace(day=1)


@given(st.dates(date(1950, 1, 1), date(2070, 1, 1)), st.sampled_from(["persian", "gregorian"]))
def test_next_month__begins_where_the_month_ends(value, calendar):
    start = calendars.month_start(value, calendar)
    following = calendars.next_month(start, calendar)
    days = [start + timedelta(days=i) for i in range((following - start).days)]
    assert 28 <= len(days) <= 31
    assert {calendars.month_start(day, calendar) for day in days} == {start}
    assert calendars.month_start(following, calendar) == following
