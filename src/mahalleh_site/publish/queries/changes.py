"""What changed lately in the whole city."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.conf import settings

from mahalleh.disclose import NOTHING, YEAR, Amount, Change, amounts, bursts, compare
from mahalleh_site.places.models import Topic
from mahalleh_site.releases.queries.tables import current_table, release_table

LATELY = {"W": 4, "M": 1}  # periods that 'lately' means
CHANGE_SENTENCES = 4


@dataclass(frozen=True, slots=True)
class Lately:
    """A topic's last weeks (or month) in the whole city against the same time a year before."""

    topic: Topic
    now: Amount
    change: Change


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed lately. `latest`: all that residents told in the last period, `start`...`end`.

    `periods`: how many weeks or months `clear` looks at. `clear`: topics with a clear change, largest first;
    `steady`: how many others there are.
    """

    latest: Amount
    start: date
    end: date
    since: date
    periods: int
    freq: str
    clear: tuple[Lately, ...]
    steady: int
    compared: bool


def changes() -> Changes | None:
    """What changed lately in the whole city; None before the first release."""
    current = current_table()
    if current is None or not current.starts:
        return None
    topics = list(Topic.objects.filter(sensitivity=Topic.Sensitivity.OPEN, kind=Topic.Kind.NEED))
    latest, now, before, spread = _lately(current.folder, current.number, tuple(topic.pk for topic in topics))
    size = LATELY[current.freq]
    found = [
        Lately(
            topic,
            now[topic.pk],
            compare(
                now[topic.pk],
                before.get(topic.pk, NOTHING),
                direction=topic.direction,
                bursts=spread.get(topic.pk, 1.0),
            ),
        )
        for topic in topics
        if topic.pk in now
    ]
    clear = sorted(
        (item for item in found if item.change.kind in ("more", "fewer")),
        key=lambda item: -(item.change.share or 0),
    )
    return Changes(
        latest=latest,
        start=current.starts[-1],
        end=current.end,
        since=current.starts[-min(size, len(current.starts))],
        periods=size,
        freq=current.freq,
        clear=tuple(clear[:CHANGE_SENTENCES]),
        steady=len(found) - len(clear[:CHANGE_SENTENCES]),
        compared=bool(before),
    )


@lru_cache(maxsize=8)
def _lately(
    folder: Path, number: int, topics: tuple[str, ...]
) -> tuple[Amount, Mapping[Hashable, Amount], Mapping[Hashable, Amount], Mapping[Hashable, float]]:
    current = release_table(folder, number)
    frame = current.open_topics(topics)
    year, size = YEAR[current.freq], LATELY[current.freq]
    recent = current.starts[-size:]
    past = current.starts[-year - size : -year] if len(current.starts) >= year + size else ()
    threshold = settings.CITY.threshold
    newest = frame.filter(pl.col("start") == current.starts[-1])
    return (
        amounts(newest, by=["level"], threshold=threshold).get("area", NOTHING),
        amounts(frame.filter(pl.col("start").is_in(recent)), by=["topic"], threshold=threshold),
        amounts(frame.filter(pl.col("start").is_in(past)), by=["topic"], threshold=threshold),
        bursts(frame, current.open_window, by="topic"),
    )
