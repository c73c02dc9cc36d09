"""Habits of recording: each on its days, and as late as it says."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from mahalleh.calendars import to_solar
from mahalleh.simulate.recording import BETWEEN_DUMPS, HABITS, LONGEST, STOP, recorded
from tests.days import DAY

DAYS = np.repeat(np.datetime64("2023-01-01") + DAY * np.arange(730), 20)


def late(habit, **more):
    return (recorded(habit, DAYS, seed=3, **more) - DAYS).astype(int)


@pytest.mark.parametrize("habit", HABITS)
def test_recorded__is_never_before_and_the_same_for_the_same_seeds(habit):
    when = recorded(habit, DAYS, seed=3)
    assert (when >= DAYS).all()
    np.testing.assert_array_equal(when, recorded(habit, DAYS, seed=3))
    assert (when != recorded(habit, DAYS, seed=4)).any() or habit == "by-month"
    assert len(recorded(habit, DAYS[:0], seed=3)) == 0


def test_daily__is_half_at_once_and_some_much_later():
    found = late("daily")
    assert (found == 0).mean() == pytest.approx(0.576, abs=0.01)  # a half, and what is late by under a day
    assert (found > 30).mean() == pytest.approx(0.2 * np.exp(-31 / 20), abs=0.01)
    assert found.max() <= LONGEST


def test_weeks__are_recorded_on_working_days_or_fridays():
    work, friday = (np.unique(recorded(habit, DAYS, seed=3)) for habit in ("working-days", "weekly"))
    assert {day.weekday() for day in work.tolist()} == {0, 1, 2, 3, 4}
    assert {day.weekday() for day in friday.tolist()} == {4}


def test_months__are_recorded_on_their_last_day():
    for day in np.unique(recorded("month-end", DAYS, seed=3)).tolist():
        assert (day + timedelta(days=1)).day == 1
    for day in np.unique(recorded("solar-month-end", DAYS, seed=3)).tolist():
        assert to_solar(day + timedelta(days=1))[2] == 1


def test_files__come_with_the_end_of_the_next_month():
    whole, most = (
        (recorded(habit, DAYS, seed=3) + DAY).astype("M8[M]") for habit in ("by-month", "by-month-late")
    )
    np.testing.assert_array_equal((whole - DAYS.astype("M8[M]")).astype(int), 2)
    after, share = np.unique((most - DAYS.astype("M8[M]")).astype(int), return_counts=True)
    assert after.tolist() == [2, 3, 4]
    np.testing.assert_allclose(share / share.sum(), [0.85, 0.1, 0.05], atol=0.01)


def test_dumps__are_the_offices_and_not_the_seeds():
    days = np.unique(recorded("dumps", DAYS, seed=3, office=5))
    np.testing.assert_array_equal(
        days[:-4], np.unique(recorded("dumps", DAYS, seed=9, office=5))[: len(days) - 4]
    )
    gaps = np.diff(days[:-4]).astype(int)
    assert gaps.min() >= BETWEEN_DUMPS[0]
    assert gaps.max() <= BETWEEN_DUMPS[1]
    assert days[0] != np.unique(recorded("dumps", DAYS, seed=3, office=6))[0]


def test_strike__is_a_stop_after_which_all_that_waited_is_told():
    when = recorded("strike", DAYS, seed=3, office=2)
    days = np.unique(when)
    gap = np.diff(days).astype(int)
    assert gap.max() == STOP + 1
    stop = days[gap.argmax()], days[gap.argmax() + 1]
    happened = DAYS
    during = (happened > stop[0]) & (happened < stop[1])
    assert (when[during] >= stop[1]).all()
    assert (when[during] == stop[1]).mean() > 0.7
