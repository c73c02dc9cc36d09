"""How published numbers are drawn, and places found by name."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.places import rules


@given(st.lists(st.floats(0, 1e6), max_size=60))
def test_breaks__rise_and_give_every_value_a_class(values):
    limits = rules.breaks(values)
    assert limits == sorted(set(limits))
    assert len(limits) <= 4
    steps = [rules.step(value, limits) for value in sorted(values)]
    assert steps == sorted(steps)
    assert all(1 <= step <= 5 for step in steps)


def test_breaks__are_quantiles_to_two_digits():
    assert rules.breaks(range(1, 101)) == [21.0, 41.0, 61.0, 81.0]
    assert rules.breaks([7.0] * 9) == []
    assert rules.step(7.0, []) == 3


@given(st.floats(1e-6, 1e9))
def test_two_digits__is_within_half_a_step(value):
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    assert abs(rules.two_digits(value) - value) <= step * 0.5 * (1 + 1e-6) + 1e-12


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
