"""Two years beside each other, and changes that are more than chance."""

from __future__ import annotations

import math
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahalleh.disclose import NOTHING, Amount, Change, Window, bursts, compare, window, years

HIDDEN = Amount(None, 3.0, "small")


@pytest.mark.parametrize(
    ("now", "before", "kind"),
    [
        (NOTHING, Amount(100), "unknown"),
        (HIDDEN, Amount(100), "unknown"),
        (Amount(100), HIDDEN, "unknown"),
        (Amount(100), Amount(0), "unknown"),
        (Amount(100), Amount(-2), "unknown"),
        (Amount(100), Amount(100), "same"),
        (Amount(128), Amount(100), "same"),  # 28 <= 1.96 * sqrt(228) = 29.6
        (Amount(130), Amount(100), "more"),  # 30 > 1.96 * sqrt(230) = 29.7
        (Amount(72), Amount(100), "fewer"),  # 28 > 1.96 * sqrt(172) = 25.7
        (Amount(130, 10.0), Amount(100, 10.0), "same"),  # noise widens the range
        (Amount(132, 20.0), Amount(100), "same"),  # ... of either: 32 <= sqrt(20**2 + 1.96**2 * 232) = 36
        (Amount(132), Amount(100, 20.0), "same"),
    ],
)
def test_compare__is_clear_only_beyond_chance_and_noise(now, before, kind):
    assert compare(now, before).kind == kind


def test_compare__asks_more_of_what_comes_in_bursts():
    assert compare(Amount(130), Amount(100)).kind == "more"
    assert compare(Amount(130), Amount(100), bursts=2.0).kind == "same"  # 30 <= 1.96 * sqrt(2 * 230) = 42
    assert compare(Amount(130), Amount(100), bursts=0.1).kind == "more"  # never less than chance itself


def test_compare__says_how_much_and_whether_it_is_better():
    assert compare(Amount(50), Amount(200)) == Change("fewer", 150 / 200, "better")
    assert compare(Amount(50), Amount(200), direction="more").judged == "worse"
    assert compare(Amount(400), Amount(200), direction="none") == Change("more", 1.0, "")


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.floats(0, 100), st.floats(0, 100))
def test_compare__is_fair_to_both_directions(one, other, wide, narrow):
    there = compare(Amount(one, wide), Amount(other, narrow)).kind
    back = compare(Amount(other, narrow), Amount(one, wide)).kind
    assert back == {"more": "fewer", "fewer": "more", "same": "same"}[there]


def _weeks(count):
    return [date(2020, 1, 4) + timedelta(weeks=i) for i in range(count)]


def test_window__is_the_last_year_and_the_one_before():
    starts = _weeks(110)
    end = starts[-1] + timedelta(weeks=1)
    assert window(starts, end, "W") == Window(end - timedelta(weeks=52), end, 52, end - timedelta(weeks=104))


def test_window__of_a_young_release_is_what_there_is():
    starts = _weeks(30)
    assert window(starts, starts[-1], "W") == Window(starts[0], starts[-1], 30, None)
    assert window([], date(2020, 1, 1), "W").periods == 0


def test_years__of_a_young_release_have_no_year_before():
    starts = _weeks(3)
    cells = pl.DataFrame(
        {"place": "a", "start": starts, "value": [4, 5, 6], "epsilon": 1.0, "draws": 1, "hidden": None}
    )
    now, before = years(cells, window(starts, starts[-1] + timedelta(weeks=1), "W"), by="place", threshold=5)
    assert now["a"].value == 15
    assert before == {}


def cells_of(values, epsilon):
    starts = [date(2024, 1, 6) + timedelta(weeks=i) for i in range(len(values))]
    return pl.DataFrame(
        {"place": "a", "start": starts, "value": values, "epsilon": epsilon, "draws": 1},
        schema_overrides={"epsilon": pl.Float64},
    ), Window(starts[52], starts[-1] + timedelta(weeks=1), 52, starts[0])


def test_bursts__is_variance_over_mean_within_each_year():
    frame, span = cells_of([0, 20] * 26 + [40, 60] * 26, epsilon=10.0)
    # each year's weeks are 10 off its mean: a sample variance of 100 * 52 / 51; the means are 10 and 50
    assert bursts(frame, span, by="place")["a"] == pytest.approx(100 * 52 / 51 / ((10 + 50) / 2), rel=1e-3)


def test_bursts__takes_the_privacy_noise_off_and_is_never_below_one():
    q = math.exp(-0.5)
    noise = 2 * q / (1 - q) ** 2
    frame, span = cells_of([0, 20] * 52, epsilon=0.5)
    assert bursts(frame, span, by="place")["a"] == pytest.approx((100 * 52 / 51 - noise) / 10)
    steady, span = cells_of([10] * 104, epsilon=0.5)
    assert bursts(steady, span, by="place") == {"a": 1.0}
