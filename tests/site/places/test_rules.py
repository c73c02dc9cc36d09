"""Places found by name; where weeks end."""

from __future__ import annotations

from datetime import date

import pytest

from mahalleh_site.places import rules


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("كوي علي", "کوی علی"),  # Arabic kaf and ye
        ("باغ انار", "باغ‌انار"),  # half-space
        ("باغانار", "باغ‌انار"),
        ("آب‌انبار", "اب انبار"),  # with and without madd
        ("خانۀ ما", "خانه ما"),
        ("مَحَلّه", "محله"),  # vowel marks
        ("منطقه ۱۲", "منطقه 12"),  # digits
        ("منطقه ١٢", "منطقه ۱۲"),
        ("SÃO", "sao"),
        ("kuy-e ostadan", "Kuy e Ostadan"),
    ],
)
def test_ranked__finds_a_name_however_it_is_typed(typed, stored):
    assert rules.ranked(typed, [("چیز دیگر",), (stored,)]) == [1]


def test_ranked__puts_the_closest_first():
    names = [("Old Bagh",), ("Baghestan",), ("Bagh",), ("Sabagh",), ("Else",)]
    assert rules.ranked("bagh", names) == [2, 1, 0, 3]


def test_ranked__puts_the_start_of_a_word_before_its_middle():
    assert rules.ranked("bagh", [("Sabagh",), ("Old Bagh",)]) == [1, 0]


def test_ranked__passes_over_what_has_no_name():
    assert rules.ranked("bagh", [(), ("Bagh",)]) == [1]


def test_ranked__finds_nothing_for_nothing():
    assert rules.ranked(" ‌ ", [("Bagh",)]) == []


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 11, 23), "monday", date(2026, 11, 23)),
        (date(2026, 11, 23), "saturday", date(2026, 11, 21)),
        (date(2026, 11, 21), "saturday", date(2026, 11, 21)),
        (date(2026, 11, 20), "saturday", date(2026, 11, 14)),
        (date(2026, 11, 23), "sunday", date(2026, 11, 22)),
    ],
)
def test_last_week_end__is_where_the_last_whole_week_ended(day, start, end):
    assert rules.last_week_end(day, start) == end
