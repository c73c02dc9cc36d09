"""An axis's labels."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.releases import rules


@pytest.mark.parametrize(
    ("highest", "labels"),
    [(0, [0, 1]), (5, [0, 1, 2, 3, 4, 5]), (6, [0, 2, 4, 6]), (31, [0, 10, 20, 30, 40])],
)
def test_ticks__go_by_the_smallest_round_step_that_needs_five_at_most(highest, labels):
    assert rules.ticks(highest) == labels


@given(st.floats(0, 1e7))
def test_ticks__begin_at_nought_cover_the_highest_and_are_few(highest):
    ticks = rules.ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 6
    assert len({b - a for a, b in pairwise(ticks)}) == 1
