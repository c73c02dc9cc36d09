"""The classes of a map."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.publish import rules


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
