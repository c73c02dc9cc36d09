"""Numbers and days in words. Days are checked against dates printed on Iranian calendars."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh.text import latin_digits
from mahalleh_site.ui import formats


@pytest.mark.parametrize(
    ("value", "places", "fa", "en"),
    [
        (0, 0, "۰", "0"),
        (1204, 0, "۱٬۲۰۴", "1,204"),
        (1234567, 0, "۱٬۲۳۴٬۵۶۷", "1,234,567"),
        (3.14, 1, "۳٫۱", "3.1"),
        (-5, 0, "\u200e\u2212۵", "\u22125"),
        (-0.2, 0, "۰", "0"),
        (None, 0, "", ""),
    ],
)
def test_number__has_its_scripts_digits_and_separators(value, places, fa, en):
    assert formats.number(value, "fa", places) == fa
    assert formats.number(value, "en", places) == en


def test_percent__is_of_a_share():
    assert formats.percent(0.31, "fa") == "۳۱٪"
    assert formats.percent(0.31, "en") == "31%"


@given(st.integers(0, 10**15))
def test_number__reads_back_the_same(value):
    assert int(latin_digits(formats.number(value, "fa").replace("٬", ""))) == value


@pytest.mark.parametrize(
    ("value", "solar", "gregorian_fa", "english"),
    [
        (date(2026, 11, 23), "۲ آذر ۱۴۰۵", "۲۳ نوامبر ۲۰۲۶", "23 November 2026"),
        (date(2025, 3, 20), "۳۰ اسفند ۱۴۰۳", "۲۰ مارس ۲۰۲۵", "20 March 2025"),  # 1403 is a leap year
        (date(2025, 3, 21), "۱ فروردین ۱۴۰۴", "۲۱ مارس ۲۰۲۵", "21 March 2025"),
    ],
)
def test_day__is_solar_on_a_persian_page_of_a_persian_city_alone(value, solar, gregorian_fa, english):
    assert formats.day(value, "fa", "persian") == solar
    assert formats.day(value, "fa", "gregorian") == gregorian_fa
    assert formats.day(value, "en", "persian") == formats.day(value, "en", "gregorian") == english


def test_month__of_a_solar_month_says_in_english_when_it_began():
    assert formats.month(date(2026, 9, 23), "fa", "persian") == "مهر ۱۴۰۵"
    assert formats.month(date(2026, 9, 23), "en", "persian") == "Mehr 1405 (from 23 Sep 2026)"
    assert formats.month(date(2026, 9, 1), "en", "gregorian") == "September 2026"


def test_period__is_a_month_by_its_name_and_else_its_first_and_last_day():
    mehr, aban = date(2026, 9, 23), date(2026, 10, 23)
    assert formats.period(mehr, aban, "fa", "persian") == "مهر ۱۴۰۵"
    assert formats.period(date(2025, 12, 1), date(2026, 1, 1), "en", "gregorian") == "December 2025"
    assert (
        formats.period(date(2026, 11, 14), date(2026, 11, 21), "en", "persian")
        == "14 November 2026 to 20 November 2026"
    )
    assert formats.period(mehr, date(2026, 9, 24), "fa", "persian") == "۱ مهر ۱۴۰۵"
