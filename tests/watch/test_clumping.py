"""How false rises clump over weeks, against processes of which it is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mahalleh.errors import WatchError
from mahalleh.watch.clumping import clumping, extremal_index, passes
from mahalleh.watch.results import Baseline


def moving_maxima(rng, courses, weeks, lasting):
    fresh = rng.random((courses, weeks + lasting - 1))
    return np.lib.stride_tricks.sliding_window_view(fresh, lasting, axis=1).max(axis=2)


def by_hand(passed, memory):
    """Looks that passed, and of these the ones without another in the `memory` looks before."""
    total = first = 0
    for course in passed:
        for week in range(memory, len(course)):
            if course[week]:
                total += 1
                first += not any(course[week - back] for back in range(1, memory + 1))
    return total, first


@given(arrays(bool, st.tuples(st.integers(2, 5), st.integers(6, 20))), st.integers(1, 5))
def test_extremal_index__counts_as_by_hand(passed, memory):
    total, first = by_hand(passed, memory)
    if not first:
        with pytest.raises(WatchError, match="clump"):
            extremal_index(passed, memory, 0.01)
        return
    found = extremal_index(passed, memory, 0.01)
    assert (found.exceedances, found.clusters, found.level) == (total, first, 0.01)
    assert float(found) == found.index == first / total


@pytest.mark.parametrize("lasting", [1, 2, 4])
def test_extremal_index__of_moving_maxima_is_one_over_their_length(lasting):
    largest = moving_maxima(np.random.default_rng(lasting), 400, 504, lasting)
    found = extremal_index(largest > np.quantile(largest, 0.995), 4, 0.005)
    # within 4 looks another false rise begins with a chance of 4 * 0.005 / lasting and is taken for the same
    biased = (1 - 4 * 0.005 / lasting) / lasting
    assert found.index == pytest.approx(biased, abs=3 * found.standard_error)
    assert found.standard_error < 0.03


def test_extremal_index__standard_error_is_the_spread_between_repetitions():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(200):
        largest = moving_maxima(rng, 50, 104, 3)
        found.append(extremal_index(largest > 0.99 ** (1 / 3), 4, 0.01))
    spread = np.std([one.index for one in found], ddof=1)
    stated = np.sqrt(np.mean([one.standard_error**2 for one in found]))
    assert stated == pytest.approx(spread, rel=0.2)  # of 200 standard deviations: 5%; the rest is the ratio's


def test_passes__as_often_as_the_level_says_whatever_the_replicates():
    largest = np.random.default_rng(0).gumbel(size=(400, 104))
    for replicates in (99, 999, 9999):
        passed = passes(largest, level=0.02, replicates=replicates, seed=1)
        assert passed.mean() == pytest.approx(0.02, rel=0.1)  # of 832, a standard error of 3.5%


def test_passes__with_few_replicates_rises_flicker_more():
    largest = moving_maxima(np.random.default_rng(7), 400, 504, 4)
    index = {
        replicates: extremal_index(passes(largest, level=0.01, replicates=replicates, seed=1), 4, 0.01).index
        for replicates in (99, 99_999)
    }
    assert index[99] > index[99_999] + 0.05


def town(areas=12, level=6.0):
    xy = np.random.default_rng(1).random((areas, 2))
    mean = np.full((areas, 8), level)
    sure = Baseline(mean, np.ones_like(mean), np.zeros((areas, 8, 1)), np.zeros((8, 1)))
    return sure, {"coordinates": xy, "population": np.full(areas, 1000.0), "max_population": 0.3}


def test_clumping__weeks_that_share_nothing_do_not_clump():
    sure, where = town()
    found = clumping(sure, seed=1, level=0.02, courses=20, weeks=260, max_periods=1, **where)
    # another false rise within 4 weeks: 4 * 0.02
    assert found.index == pytest.approx(1 - 4 * 0.02, abs=3 * found.standard_error)


def test_clumping__windows_of_eight_weeks_do_and_the_seed_settles_it():
    sure, where = town()
    options = {"level": 0.02, "courses": 20, "weeks": 260, "max_periods": 8, **where}
    found = clumping(sure, seed=1, **options)
    assert found.index < 0.7
    assert found == clumping(sure, seed=1, **options)
    assert found != clumping(sure, seed=2, **options)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"level": 0.0005}, "watch.bad-setting"),  # below one in a thousand
        ({"level": 0.5}, "watch.bad-setting"),
        ({"memory": 0}, "watch.bad-setting"),
        ({"courses": 1}, "watch.bad-setting"),
        ({"weeks": 4}, "watch.bad-setting"),
        ({"courses": 10, "weeks": 104}, "watch.clumping-too-short"),
    ],
)
def test_clumping__settings_without_meaning_are_refused(wrong, code):
    sure, where = town()
    with pytest.raises(WatchError) as caught:
        clumping(sure, seed=1, **where, **wrong)
    assert [fault.code for fault in caught.value.faults] == [code]
