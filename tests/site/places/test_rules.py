"""An axis's labels, and places found by name."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.places import rules


@given(st.floats(0, 1e7))
def test_ticks__begin_at_nought_cover_the_highest_and_are_few(highest):
    ticks = rules.ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 6
    assert len({b - a for a, b in pairwise(ticks)}) == 1


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


def test_ranked__finds_nothing_for_nothing():
    assert rules.ranked(" ‌ ", [("Bagh",)]) == []
