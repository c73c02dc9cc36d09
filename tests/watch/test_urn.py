"""Guard-rail 3: what is watched stays at the true rates where naive attention runs away from them.

The urn of Ensign et al. (2018, "Runaway feedback loops in predictive policing") and of Lum and Isaac (2016,
"To predict and serve?"): attention goes where events were found, and finds events where it goes. The panel,
the damping, the expected counts, the scan and the alarms are the library's own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from mahalleh.events import SCHEMA
from mahalleh.panel import panel
from mahalleh.watch import expected_counts, scan
from mahalleh.watch.alarms import AlarmState, Look, alarms
from mahalleh.watch.duplicates import damp
from tests.test_places import frame, square

PLACES = frame([square(column, row) for row in range(3) for column in range(4)])
IDS = PLACES.index.to_list()
CORNERS = np.array([[column, row] for row in range(3) for column in range(4)], dtype=float)
AREAS = len(IDS)
RATES = np.linspace(12.0, 24.0, AREAS)[np.random.default_rng(5).permutation(AREAS)]  # true, a week
TRUE = RATES / RATES.sum()
EVEN = np.full(AREAS, 1 / AREAS)
START = date(2023, 1, 2)  # a Monday
CALM = 40  # weeks before attention may move
LOOKBACK = 4
EXTRA = 3.0  # times as much attention again where a signal is new
ATTENDED = np.timedelta64(28, "D")  # after which a signal that nobody decides on expires
FIRST_CELL = 0x892B9BC4003FFFF
NEXT_CELL = 0x40000
CELLS = 12  # of an area


def events(week, counts, kind, rng, cells=CELLS):
    """A week's events by area, on any of its days and in any of the area's cells."""
    area = np.repeat(np.arange(AREAS), counts)
    first = START + timedelta(weeks=week)
    days = rng.integers(0, 7, len(area)) if cells > 1 else np.zeros(len(area), dtype=int)
    cell = FIRST_CELL + NEXT_CELL * (area * CELLS + rng.integers(0, cells, len(area)))
    times = [datetime(first.year, first.month, first.day) + timedelta(days=int(day)) for day in days]
    return pl.DataFrame(
        {
            "time": times,
            "resolution": ["day"] * len(area),
            "recorded": [time.date() for time in times],
            "area": [IDS[a] for a in area],
            "cell": cell.astype(np.uint64),
            "topic": ["noise"] * len(area),
            "source": ["patrol" if kind == "activity" else "phone"] * len(area),
            "kind": [kind] * len(area),
            "n": [1] * len(area),
        },
        schema=SCHEMA,
    )


def counted(store, kind, week, since=0):
    """(area, period) counts of the weeks from `since` to before `week`."""
    return panel(
        pl.concat(store),
        PLACES,
        topics=["noise"],
        kind=kind,
        start=START + timedelta(weeks=since),
        end=START + timedelta(weeks=week),
    )


def by_counts(kind):
    """Naive: next week's attention goes where the last weeks' events were counted."""

    def attend(store, week):
        seen = counted(store, kind, week, week - LOOKBACK).to_numpy()[0].sum(axis=1) + 1.0
        return seen / seen.sum()

    return attend


class Watch:
    """Ours: even, and for some weeks more where residents' reports, damped, are more than is expected there.

    No person decides here, so a signal draws attention until it would expire, and not while it stays open.
    """

    def __init__(self, *, damping=True, attended=ATTENDED):
        self.damping, self.attended = damping, attended
        self.state, self.signals, self.usual = AlarmState(), {}, []

    def attend(self, store, week):
        everything = pl.concat(store)
        counts = counted([damp(everything)[0] if self.damping else everything], "need", week)
        usual = expected_counts(counts, PLACES)
        result = scan(
            counts.sel(topic="noise"),
            coordinates=CORNERS,
            model="negative-binomial",
            expected=usual.of("noise"),
            max_population=0.25,
            replicates=99,
            seed=week,
            threads=1,
        )
        periods = counts["period"].to_numpy()
        found = alarms(
            [Look("noise", periods[-1], result, periods)],
            rate=1,
            looks_a_year=52,
            topics=1,
            state=self.state,
        )
        self.state = found.state
        self.signals |= {signal.id: signal for signal in found.signals}
        mean = usual.mean.to_numpy()[0, :, -1]
        self.usual.append(mean / mean.sum())
        now = np.datetime64(START + timedelta(weeks=week))
        new = [signal for signal in found.state.signals if now - signal.first <= self.attended]
        more = np.array([any(area in signal.newest.areas for signal in new) for area in IDS])
        attention = 1.0 + EXTRA * more
        return attention / attention.sum()


def course(attend, weeks, *, seed, rates=RATES, told_more=0.0, rise=None, brigade=None, calm=CALM):
    """Attention by week (weeks, areas). What is found follows need and attention; residents tell of need,
    and by `told_more` more where there is twice the even attention."""
    rng = np.random.default_rng(seed)
    store, attention, shares = [], EVEN, []
    for week in range(weeks):
        presence = AREAS * attention
        need = np.array(rates) * (1.0 if rise is None or week not in rise[0] else rise[1])
        store.append(events(week, rng.poisson(need * presence), "activity", rng))
        told = need * np.maximum(1.0 + told_more * (presence - 1.0), 0.0)
        store.append(events(week, rng.poisson(told), "need", rng))
        if brigade is not None and week in brigade[0]:
            store.append(events(week, brigade[1], "need", rng, cells=1))
        if week + 1 >= calm:
            attention = attend(store, week + 1)
        shares.append(attention)
    return np.array(shares), store


def away(shares, truth=TRUE):
    """Total variation distance: the share of attention, or of counts, that is in the wrong place."""
    return 0.5 * np.abs(shares - truth).sum(axis=-1)


FLOOR = 0.03  # distance by chance: half the sum of E|n/N - p| for 40 weeks of counts is below 0.02


# Naive attention


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_urn__attention_that_follows_what_was_found_runs_away_from_the_true_rates(seed):
    shares, store = course(by_counts("activity"), 110, seed=seed)
    assert shares[-1].max() > 4 * TRUE.max()
    assert away(shares)[-1] > 0.5
    found = counted(store, "activity", 110, 100).to_numpy()[0].sum(axis=1)
    assert away(found / found.sum()) > 0.5  # and what is found seems to prove it right


def test_urn__from_equal_rates_chance_chooses_who_is_watched():
    ends = [course(by_counts("activity"), 110, seed=s, rates=np.full(AREAS, 18.0))[0][-1] for s in (1, 2, 3)]
    assert all(away(end, EVEN) > 0.15 for end in ends)
    assert len({int(end.argmax()) for end in ends}) > 1


def test_urn__residents_reports_alone_feed_back_where_attention_makes_them_tell_more():
    shares, store = course(by_counts("need"), 110, seed=1, told_more=0.9)
    assert away(shares)[-1] > 0.3
    told = counted(store, "need", 110, 100).to_numpy()[0].sum(axis=1)
    assert away(told / told.sum()) > 0.3


# Ours


@pytest.mark.parametrize("seed", [1, 2])  # the first with a false signal, the second without
def test_watch__stays_even_and_comes_to_know_the_true_rates_by_need(seed):
    watch = Watch()
    shares, store = course(watch.attend, 75, seed=seed, told_more=0.9)
    assert away(shares, EVEN).mean() < FLOOR
    assert away(watch.usual[-1]) < FLOOR
    short = expected_counts(counted(store, "need", 21), PLACES).mean.to_numpy()[0, :, -1]
    assert away(watch.usual[-1]) < away(short / short.sum())  # the more is told, the closer


ROSE = range(50, 58)
RISE = (ROSE, np.where(np.arange(AREAS) == 0, 2.5, 1.0))


def risen(weeks=90, **options):
    """The watch's course past a true rise in one area, whose residents tell more while it is attended."""
    watch = Watch(**options)
    return watch, course(watch.attend, weeks, seed=2, told_more=0.5, rise=RISE)[0]


def test_watch__attends_to_a_true_rise_and_comes_back():
    watch, shares = risen()
    assert shares[ROSE.start : ROSE.stop, 0].max() > 3 / AREAS
    assert IDS[0] in {signal.centre for signal in watch.signals.values()}
    assert all(signal.ended is not None for signal in watch.signals.values())
    assert shares[-1].tolist() == EVEN.tolist()
    assert max(away(usual) for usual in watch.usual) < FLOOR


def test_watch__without_an_end_its_own_attention_would_keep_a_rise_going():
    watch, shares = risen(80, attended=np.timedelta64(10_000, "D"))
    assert any(signal.ended is None for signal in watch.signals.values())  # 22 weeks after the rise
    assert shares[-1, 0] > 2 / AREAS


# Brigades

BRIGADE = range(60, 62)  # weeks in which 150 reports come from one cell on one day
LOUD = np.where(np.arange(AREAS) == 0, 150, 0)


def brigaded(**options):
    watch = Watch(**options)
    shares, store = course(watch.attend, 70, seed=2, brigade=(BRIGADE, LOUD), calm=56)
    return watch, shares, store


def test_watch__a_brigade_draws_no_attention():
    watch, shares, store = brigaded()
    assert not watch.signals
    assert shares.tolist() == [EVEN.tolist()] * 70
    counts = counted([damp(pl.concat(store))[0]], "need", BRIGADE.stop, BRIGADE.start).to_numpy()[0, 0]
    raw = counted(store, "need", BRIGADE.stop, BRIGADE.start).to_numpy()[0, 0]
    assert (raw - counts >= 150 - (3 + 8)).all()  # of a hundred and fifty, eleven at most are counted


def test_watch__without_damping_the_same_brigade_would_draw_it():
    watch, shares, _ = brigaded(damping=False)
    assert [signal.centre for signal in watch.signals.values()] == [IDS[0]]
    assert shares[:, 0].max() > 3 / AREAS
