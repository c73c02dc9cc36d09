"""An axis's labels."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.releases import rules


@given(st.floats(0, 1e7))
def test_ticks__begin_at_nought_cover_the_highest_and_are_few(highest):
    ticks = rules.ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 6
    assert len({b - a for a, b in pairwise(ticks)}) == 1
