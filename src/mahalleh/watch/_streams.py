"""What each source tells of each topic, and what is known of how late it tells it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._lateness import BEFORE, Law, law
from mahalleh.watch._recording import Calendar, Floats, Ints, calendar

if TYPE_CHECKING:
    import polars as pl

# days after which a period is taken to be told whole: in St. Louis it takes half a year (decision 14). Less
# takes late reports for missing; more learns from longer ago
HORIZON: Final = 182
# periods that a law is learnt from: half a year of weeks, since ways of recording change
RECENT: Final = 26
FEWEST: Final = 4  # ... and without which nothing is said: a variance of three is no variance. A choice
# of a period's events that were on record by HORIZON: the majority, or it came in afterwards
LIVE: Final = 0.5
# events for which all topics of a source speak beside a topic's own: a choice. A share of a half, learnt from
# 20 events, errs by 0.11 alone; a topic of hundreds is moved by less than that
BORROWED: Final = 10.0
EVERY_DAY: Final = 0.01  # events that each day of the week has at the least, so that none divides by nought


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """What one source tells of one topic, by days or by months, added or taken back.

    `periods` (L,): those that it is learnt from. `on_record` (L, HORIZON + 2): of each its events by days
    after its last day, in the end all; below nought where they are taken back. `laws`: the topic's own, and
    that of all topics of the source. `weekday` (7,): events by day since 1970, modulo 7.
    """

    periods: Ints
    on_record: Floats
    monthly: bool
    weekday: Floats
    laws: tuple[Law, Law]
    calendar: Calendar

    @property
    def weight(self) -> float:
        """Its events in a period."""
        return float(self.on_record[:, -1].mean())

    def share(self, first: Ints, past: Ints, at: Ints) -> Floats:
        """Of periods from day `first` to the day before `past`, (L,): what is on record on days `at`, (L, K).

        Events that are known by their month alone count from its last day.
        """
        days = past[:, None] - 1 - np.arange(1 if self.monthly else int((past - first).max()))
        weight = np.where(days >= first[:, None], self.weekday[days % 7], 0.0)
        weight = weight / weight.sum(axis=1, keepdims=True)
        own, usual = (
            np.einsum("ld,ldk->lk", weight, one.told(days[:, :, None], at[:, None, :], self.calendar))
            for one in self.laws
        )
        events = abs(float(self.on_record[:, -1].sum()))
        return np.asarray((events * own + BORROWED * usual) / (events + BORROWED))


def streams(
    own: pl.DataFrame, edges: Ints, until: int, told: int, topics: Collection[str]
) -> Iterator[tuple[str, Stream]]:
    """Make one source's streams of some topics; none where too little is told whole, or it fell silent.

    `own`: its events of all topics, recorded by day `until`: topic, day (of a month its last), begun (of a
    month its first), monthly, recorded, n. `told`: the day of the store's newest record.
    """
    import polars as pl

    recorded, n = own["recorded"].to_numpy(), own["n"].to_numpy()
    begun = np.arange(len(edges) - 1) >= np.searchsorted(edges, recorded.min())
    periods = np.flatnonzero((edges[1:] <= told - HORIZON) & begun)[-RECENT:]
    if len(periods) < FEWEST:
        return
    soon = recorded - own["day"].to_numpy() <= HORIZON  # not the file of the past, which came in long after
    days = calendar(recorded[soon], n[soon], int(edges[periods[0]]) - BEFORE, until)
    if not len(days.days) or until - days.days[-1] > HORIZON:
        return
    period = np.searchsorted(edges, own["begun"].to_numpy(), side="right") - 1
    row = np.minimum(np.searchsorted(periods, period), len(periods) - 1)
    late = np.clip(recorded - edges[periods[row] + 1] + 1, 0, HORIZON + 1)
    learnt = own.with_columns(row=pl.Series(row), late=pl.Series(late), taken=pl.col("n") < 0).filter(
        periods[row] == period
    )
    alive = {topic: _alive(part, len(periods)) for (topic,), part in learnt.group_by(["topic"])}
    kept = [
        part.filter(alive[topic][part["row"].to_numpy()])
        for (topic,), part in learnt.group_by(["topic"], maintain_order=True)
        if alive[topic].sum() >= FEWEST
    ]
    for (monthly, _taken), same in pl.concat(kept).group_by(["monthly", "taken"]) if kept else ():
        usual = _law(same, days)
        for (topic,), part in same.group_by(["topic"]):
            if topic not in topics:
                continue
            weekday = EVERY_DAY + _by_weekday(part)
            on_record = np.cumsum(_table(part, len(periods))[alive[topic]], axis=1)
            laws = (_law(part, days), usual)
            yield str(topic), Stream(periods[alive[topic]], on_record, bool(monthly), weekday, laws, days)


def _by_weekday(rows: pl.DataFrame) -> Floats:
    day, n = rows["day"].to_numpy(), rows["n"].to_numpy()
    return np.bincount(day % 7, np.abs(n), 7).astype(np.float64)


def _table(rows: pl.DataFrame, periods: int) -> Floats:
    """Events by period and by days from its last day to their record."""
    table = np.zeros((periods, HORIZON + 2))
    np.add.at(table, (rows["row"].to_numpy(), rows["late"].to_numpy()), rows["n"].to_numpy())
    return table


def _alive(rows: pl.DataFrame, periods: int) -> NDArray[np.bool_]:
    """Which periods were not brought in long after, all at once."""
    table = _table(rows.filter(~rows["taken"]), periods)
    return np.asarray(table[:, :-1].sum(axis=1) >= LIVE * table.sum(axis=1))


def _law(rows: pl.DataFrame, days: Calendar) -> Law:
    day, recorded, n = (rows[name].to_numpy() for name in ("day", "recorded", "n"))
    return law(day, recorded, np.abs(n), days, longest=HORIZON + BEFORE, early=bool(rows["monthly"][0]))
