"""Counts that leave beside the releases: small tables of the rooms, week by week, with noise drawn once.

A room states a table in its manifest (`published`, `weekly`): a name, and a function that counts a week
exactly, by place and by what is counted, noughts included. This module alone calls it, adds to each cell one
draw of the same noise as a release's and freezes what comes out. What is registered in no manifest is
published by nobody.

The function counts each happening in one cell of one week, by a day that never changes afterwards: so each is
under one draw, of the city's epsilon, in each table in which it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import polars as pl
from django.conf import settings
from django.db.models import Max

from mahalleh import disclose
from mahalleh.disclose import noise
from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Cells
from mahalleh_site.people.audit import By
from mahalleh_site.places import files
from mahalleh_site.places.rules import last_week_end
from mahalleh_site.releases import account, actions
from mahalleh_site.releases.models import Tally
from mahalleh_site.releases.queries import tallies as queries
from mahalleh_site.releases.queries.tallies import WEEK, WEEKS


def draw(*, by: By, today: date) -> int:
    """Draw the noise of every whole week that has none yet; how many weeks of tables were drawn.

    Raises:
        BusyError: where another process draws.
        DisclosureError: where it would cost an event more than the city has stated.
    """
    drawn = 0
    with files.alone(settings.VAR, name="tallies"):
        for table, count in rooms.tables().items():
            weeks = list(_weeks(table, today))
            found = [tally for start in weeks for tally in _tallies(table, count, start)]
            if found:
                account.keep(account.admit(table, _with(table, found)))
                actions.record_tallies(by=by, table=table, tallies=found)
                drawn += len(weeks)
    return drawn


def _with(table: str, more: Iterable[Tally]) -> pl.DataFrame:
    """The table's ledger, and the draws that are about to be frozen."""
    new = ((each.what, each.place, each.start, each.end, each.epsilon) for each in more)
    return pl.concat([queries.draws(table), queries.ledger(new)])


def _weeks(table: str, today: date) -> Iterator[date]:
    past = last_week_end(today, settings.CITY.week_start)
    newest = Tally.objects.filter(table=table).aggregate(end=Max("end"))["end"]
    start = newest or past - WEEKS * WEEK
    while start + WEEK <= past:
        yield start
        start += WEEK


def _tallies(table: str, count: Cells, start: date) -> list[Tally]:
    """A week of a table, with noise."""
    exact, epsilon = count(start, start + WEEK), settings.CITY.epsilon
    counts = np.fromiter(exact.values(), dtype=np.int64, count=len(exact))
    noisy = noise.draw(counts, epsilon=epsilon)
    disclose.check_noise(pl.DataFrame({"epsilon": epsilon, "counted": counts, "noisy": noisy}))
    return [
        Tally(
            table=table, place=place, what=what, start=start, end=start + WEEK, value=value, epsilon=epsilon
        )
        for (place, what), value in zip(exact, noisy.tolist(), strict=True)
    ]
