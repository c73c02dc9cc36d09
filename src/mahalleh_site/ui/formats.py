"""Numbers and days as people read them: Persian digits and Solar Hijri days where the page is Persian.

Pure functions of their arguments; the template filters in `templatetags/mahalleh.py` give them the page's
language and the city's calendar.
"""

from __future__ import annotations

from datetime import date, timedelta

import jdatetime

from mahalleh.calendars import month_start, next_month
from mahalleh.text import persian_digits

SOLAR_FA = tuple(
    "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split()  # noqa: SIM905
)
SOLAR_EN = tuple(
    "Farvardin Ordibehesht Khordad Tir Mordad Shahrivar Mehr Aban Azar Dey Bahman Esfand".split()  # noqa: SIM905
)
GREGORIAN_FA = tuple(
    "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر".split()  # noqa: SIM905
)
GREGORIAN_EN = tuple(
    "January February March April May June July"  # noqa: SIM905
    " August September October November December".split()
)


def digits(text: object, language: str) -> str:
    """The digits of a text in the language's own script."""
    return persian_digits(str(text)) if language == "fa" else str(text)


def number(value: float | int | None, language: str, places: int = 0) -> str:
    """A number with its separators; nothing for None. A minus is a true minus, left of its number."""
    if value is None:
        return ""
    text = f"{abs(value):,.{places}f}"
    negative = value < 0 and any(digit in text for digit in "123456789")
    if language == "fa":
        text = persian_digits(text.replace(",", "٬").replace(".", "٫"))
        return f"\u200e\u2212{text}" if negative else text
    return f"\u2212{text}" if negative else text


def percent(value: float | None, language: str) -> str:
    """A share or a change of 0.12 as 12%."""
    if value is None:
        return ""
    return number(value * 100, language) + ("٪" if language == "fa" else "%")


def day(value: date, language: str, calendar: str) -> str:
    """A day: `۲ آذر ۱۴۰۵` on a Persian page of a Persian city; English pages are Gregorian."""
    if language == "fa" and calendar == "persian":
        solar = jdatetime.date.fromgregorian(date=value)
        return digits(f"{solar.day} {SOLAR_FA[solar.month - 1]} {solar.year}", "fa")
    if language == "fa":
        return digits(f"{value.day} {GREGORIAN_FA[value.month - 1]} {value.year}", "fa")
    return f"{value.day} {GREGORIAN_EN[value.month - 1]} {value.year}"


def month(start: date, language: str, calendar: str) -> str:
    """The month that begins on `start`, by name: in English a Solar Hijri month also says when it began."""
    if calendar == "persian":
        solar = jdatetime.date.fromgregorian(date=start)
        if language == "fa":
            return digits(f"{SOLAR_FA[solar.month - 1]} {solar.year}", "fa")
        if solar.day == 1:
            began = f"{start.day} {GREGORIAN_EN[start.month - 1][:3]} {start.year}"
            return f"{SOLAR_EN[solar.month - 1]} {solar.year} (from {began})"
    names = GREGORIAN_FA if language == "fa" else GREGORIAN_EN
    return digits(f"{names[start.month - 1]} {start.year}", language)


def short_month(value: date, language: str, calendar: str) -> str:
    """The month in which a day lies, as short as an axis wants it."""
    if language == "fa":
        return month(value, language, calendar)
    return f"{GREGORIAN_EN[value.month - 1][:3]} {value.year}"


def period(start: date, end: date, language: str, calendar: str) -> str:
    """A period from `start` up to but without `end`: a month by its name, else its first and last day."""
    if start == month_start(start, calendar) and end == next_month(start, calendar):
        return month(start, language, calendar)
    last = end - timedelta(days=1)
    if last <= start:
        return day(start, language, calendar)
    to = "تا" if language == "fa" else "to"
    return f"{day(start, language, calendar)} {to} {day(last, language, calendar)}"
