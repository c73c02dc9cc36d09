"""Calendars against days that anyone can look up."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh import calendars
from mahalleh.errors import InputError

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
    return np.datetime64(first) + np.arange(days)


@pytest.mark.parametrize(("year", "day"), NOWRUZ.items())
def test_nowruz__is_the_official_day(year: int, day: date) -> None:
    assert calendars.nowruz(year) == day
    assert calendars.to_solar(day) == (year, 1, 1)


@pytest.mark.parametrize(("year", "day"), RAMADAN.items())
def test_ramadan__begins_on_the_known_day_and_lasts_29_or_30(year: int, day: date) -> None:
    first, end = calendars.ramadan(year)
    assert first == day
    assert (end - first).days in (29, 30)


@given(st.dates(date(1926, 1, 1), date(2077, 1, 1)))
def test_solar__goes_there_and_back(day: date) -> None:
    assert calendars.from_solar(*calendars.to_solar(day)) == day


@given(st.dates(date(1930, 1, 1), date(2070, 1, 1)), st.integers(1, 800))
def test_flags__agree_with_the_day_by_day_rules(first: date, count: int) -> None:
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
        passed = (first + timedelta(days=at) - calendars.nowruz(year)).days
        assert phase[at] == pytest.approx(passed / (calendars.nowruz(year + 1) - calendars.nowruz(year)).days)


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


def test_calendars__refuse_years_that_the_tables_do_not_know() -> None:
    with pytest.raises(InputError, match="1850"):
        calendars.to_solar(date(1850, 1, 1))
    with pytest.raises(InputError):
        calendars.ramadan(1200)
