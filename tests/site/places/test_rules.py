"""How published numbers are read."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.places import rules
from mahalleh_site.places.rules import Amount, compare

HIDDEN = Amount(None, 3.0, "small")


@pytest.mark.parametrize(
    ("now", "before", "kind"),
    [
        (rules.NOTHING, Amount(100), "unknown"),
        (HIDDEN, Amount(100), "unknown"),
        (Amount(100), HIDDEN, "unknown"),
        (Amount(100), Amount(0), "unknown"),
        (Amount(100), Amount(-2), "unknown"),
        (Amount(100), Amount(100), "same"),
        (Amount(128), Amount(100), "same"),  # 28 <= 1.96 * sqrt(228) = 29.6
        (Amount(130), Amount(100), "more"),  # 30 > 1.96 * sqrt(230) = 29.7
        (Amount(72), Amount(100), "fewer"),  # 28 > 1.96 * sqrt(172) = 25.7
        (Amount(130, 10.0), Amount(100, 10.0), "same"),  # noise widens the range
    ],
)
def test_compare__is_clear_only_beyond_chance_and_noise(now, before, kind):
    assert compare(now, before).kind == kind


def test_compare__asks_more_of_what_comes_in_bursts():
    assert compare(Amount(130), Amount(100)).kind == "more"
    assert compare(Amount(130), Amount(100), bursts=2.0).kind == "same"  # 30 <= 1.96 * sqrt(2 * 230) = 42
    assert compare(Amount(130), Amount(100), bursts=0.1).kind == "more"  # never less than chance itself


def test_compare__says_how_much_and_whether_it_is_better():
    assert compare(Amount(50), Amount(200)) == rules.Change("fewer", 150 / 200, "better")
    assert compare(Amount(50), Amount(200), direction="more").judged == "worse"
    assert compare(Amount(400), Amount(200), direction="none") == rules.Change("more", 1.0, "")


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.floats(0, 100), st.floats(0, 100))
def test_compare__is_fair_to_both_directions(one, other, wide, narrow):
    there = compare(Amount(one, wide), Amount(other, narrow)).kind
    back = compare(Amount(other, narrow), Amount(one, wide)).kind
    assert back == {"more": "fewer", "fewer": "more", "same": "same"}[there]


def test_amount__never_shows_less_than_nought_nor_more_certainty_than_there_is():
    assert Amount(-3, 2.2).shown == 0
    assert Amount(-3, 2.2).give_or_take == 3
    assert HIDDEN.shown is None
    assert HIDDEN.give_or_take is None
    assert HIDDEN.exists
    assert not rules.NOTHING.exists


def test_amount__is_unsure_when_its_error_exceeds_half_of_it():
    assert Amount(10, 5.1).unsure
    assert not Amount(10, 5.0).unsure


def _weeks(count):
    return [date(2020, 1, 4) + timedelta(weeks=i) for i in range(count)]


def test_window__is_the_last_year_and_the_one_before():
    starts = _weeks(110)
    end = starts[-1] + timedelta(weeks=1)
    assert rules.window(starts, end, "W") == rules.Window(
        end - timedelta(weeks=52), end, 52, end - timedelta(weeks=104)
    )


def test_window__of_a_young_release_is_what_there_is():
    starts = _weeks(30)
    assert rules.window(starts, starts[-1], "W") == rules.Window(starts[0], starts[-1], 30, None)
    assert rules.window([], date(2020, 1, 1), "W").periods == 0


def test_coarsest_needed__adds_up_periods_only_where_many_are_hidden():
    shown = Amount(100, 3.0)
    assert rules.coarsest_needed([shown] * 52, "W") == 1
    assert rules.coarsest_needed([HIDDEN] * 10 + [shown] * 42, "W") == 1  # 10 / 52 < 0.2
    assert rules.coarsest_needed([HIDDEN] * 11 + [shown] * 41, "W") == 4  # 11 / 52 > 0.2
    assert rules.coarsest_needed([HIDDEN] * 52, "W") == 13
    assert rules.coarsest_needed([HIDDEN] * 12, "M") == 12
    assert rules.coarsest_needed([], "M") == 1


def test_coarsest_needed__adds_up_periods_that_noise_blurs():
    assert rules.coarsest_needed([Amount(10, 3.0)] * 52, "W") == 1  # 0.3, not more
    assert rules.coarsest_needed([Amount(9, 3.0)] * 52, "W") == 4
    assert rules.coarsest_needed([Amount(8, 3.0)] * 12, "M") == 3


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
