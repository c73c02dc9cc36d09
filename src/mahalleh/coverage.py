"""Which days the sources told of: what no file tells is unknown, and is no nought.

A reader may say for which days a file speaks (a month of data.police.uk, the days asked of a server). Of
other files we see only the days of their events: a file is then taken to speak for the whole months that
it touches, or, where it is of a week or less and so are most of its source, for the week around it. What
lies between two files of a source and is in neither is missing. Files of one source about other topics do
not stand in for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median_low
from typing import TYPE_CHECKING, Final

import polars as pl

from mahalleh.overlaps import family
from mahalleh.text import folded

if TYPE_CHECKING:
    from mahalleh.events import Batch

STATED, SEEN = "stated", "seen"
WEEK: Final = 7
MONTH: Final = 31  # days of the longest: a file of more is a history, and says nothing about how files come
Days = tuple[date, date]


def seen(events: pl.DataFrame) -> pl.DataFrame:
    """Find what events show of the days that their sources told of.

    Parameters
    ----------
    events : polars.DataFrame
        By the schema of `mahalleh.events`.

    Returns
    -------
    polars.DataFrame
        A row a source: first and last day, and topics.
    """
    day = pl.col("time").dt.date()
    last = pl.when(pl.col("resolution") == "month").then(day.dt.month_end()).otherwise(day)
    return events.group_by("source").agg(
        day.min().alias("first"), last.max().alias("last"), pl.col("topic").unique()
    )


def covers(
    frames: Iterable[pl.DataFrame], stated: tuple[str, date, date] | None
) -> tuple[tuple[str, ...], ...]:
    """Sum up what a batch tells of.

    Parameters
    ----------
    frames : iterable of polars.DataFrame
        As `seen` gives them.
    stated : (str, datetime.date, datetime.date) or None
        The source and the days that its reader states.

    Returns
    -------
    tuple of tuple of str
        As `mahalleh.events.Batch.covers`.
    """
    found: dict[str, tuple[date, date, set[str]]] = {}
    for frame in frames:
        for source, first, last, topics in frame.iter_rows():
            known = found.get(source, (first, last, set()))
            found[source] = (min(known[0], first), max(known[1], last), known[2] | set(topics))
    if stated is not None:
        source, first, last = stated
        topics = set().union(*(topics for _, _, topics in found.values()))
        return ((source, str(first), str(last), STATED, *sorted(topics)),)
    return tuple(
        (source, str(first), str(last), SEEN, *sorted(topics))
        for source, (first, last, topics) in sorted(found.items())
    )


def missing_days(batches: Sequence[Batch], *, always: str = "") -> dict[str, frozenset[date]]:
    """Find the days of each topic that a source of it did not tell of, between those that it did.

    Parameters
    ----------
    batches : sequence of Batch
        Of the event store.
    always : str
        How the names of sources begin that tell of every day between their first and their last.

    Returns
    -------
    dict of str to frozenset of datetime.date
        By topic; topics that lack no day are left out.
    """
    windows: dict[str, list[Days]] = defaultdict(list)  # of a topic, by any source
    missing: dict[str, set[date]] = defaultdict(set)
    for source, told in _by_source(batches).items():
        for topics, spans in _alike(told):
            held = [(span[0], span[1]) for span in spans]
            if not (always and source.startswith(folded(always))):
                held = _windows(spans)
                gaps = _between(held)
                for topic in topics:
                    missing[topic] |= gaps
            else:
                held = [(min(first for first, _ in held), max(last for _, last in held))]
            for topic in topics:
                windows[topic] += held
    for topic, held in windows.items():
        missing[topic] |= _between(held)
    return {topic: frozenset(days) for topic, days in missing.items() if days}


Span = tuple[date, date, bool]


def _by_source(batches: Sequence[Batch]) -> dict[str, list[tuple[Span, frozenset[str]]]]:
    """What each source told; sources that are called after their files are one."""
    told: dict[str, list[tuple[Span, frozenset[str]]]] = defaultdict(list)
    for batch in batches:
        for source, first, last, how, *topics in batch.covers:
            key = family(source, name=batch.name, named=batch.named)
            span = (date.fromisoformat(first), date.fromisoformat(last), how == STATED)
            told[key].append((span, frozenset(topics)))
    return told


def _alike(told: Sequence[tuple[Span, frozenset[str]]]) -> list[tuple[frozenset[str], list[Span]]]:
    """Topics that come in the same files, with the days of these; a file without rows speaks for all."""
    groups: list[frozenset[str]] = []
    for _, topics in told:
        if topics:
            joined = topics.union(*(group for group in groups if group & topics))
            groups = [*(group for group in groups if not group & topics), joined]
    return [(group, [span for span, topics in told if not topics or topics & group]) for group in groups]


def _windows(spans: Sequence[Span]) -> list[Days]:
    """The days that each file speaks for."""
    lengths = [(last - first).days + 1 for first, last, stated in spans if not stated]
    # a month's file that tells of a few days is still a month's: what most files are like decides
    usual = median_low([length for length in lengths if length <= MONTH] or [MONTH])
    found = []
    for first, last, stated in spans:
        if stated:
            found.append((first, last))
        elif max(usual, (last - first).days + 1) > WEEK:
            following = (last.replace(day=1) + timedelta(days=MONTH)).replace(day=1)
            found.append((first.replace(day=1), following - timedelta(days=1)))
        else:
            slack = timedelta(days=max(WEEK - 1 - (last - first).days, 0))
            found.append((first - slack, last + slack))
    return found


def _between(spans: Sequence[Days]) -> set[date]:
    """Days that lie between spans, and in none."""
    gaps: set[date] = set()
    reached: date | None = None
    for first, last in sorted(spans):
        if reached is not None:
            gaps |= {reached + timedelta(days=n) for n in range(1, (first - reached).days)}
        reached = last if reached is None else max(reached, last)
    return gaps
