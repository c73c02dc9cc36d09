"""A panel of 20 million stored events, against a bare Polars group-by count of the same files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks._timing import ratio, row
from benchmarks.locate import voronoi_places
from mahalleh.events import EventStore
from mahalleh.panel import panel

EVENTS, AREAS, TOPICS, YEARS, BATCH = 20_000_000, 2_000, 10, 3, 1_000_000
LIMIT = 1.5


def run() -> list[dict]:
    """Both count by topic, area and week; the panel also fills, orders and labels."""
    places = voronoi_places(AREAS, seed=1)
    with tempfile.TemporaryDirectory() as temporary:
        store = EventStore(Path(temporary) / "events")
        store.append(_frames(places.index.to_numpy()), digest="benchmark", name="benchmark")

        def peer() -> None:
            week = pl.col("time").dt.truncate("1w")
            store.scan().group_by("topic", "area", week).agg(pl.len()).collect(engine="streaming")

        share, a, b = ratio(lambda: panel(store.scan(), places, freq="W"), peer)
    claim = (
        f"panel: {EVENTS:,} events, {AREAS:,} areas, {TOPICS} topics, {YEARS} years ({a:.2f} s, {b:.2f} s)"
    )
    return [row(claim, f"{share:.2f} times a bare group-by count", f"at most {LIMIT}", holds=share <= LIMIT)]


def _frames(areas: np.ndarray) -> Iterator[pl.DataFrame]:
    rng = np.random.default_rng(6)
    topics = np.array([f"topic-{number}" for number in range(TOPICS)])
    start, minutes = np.datetime64("2022-01-03", "us"), YEARS * 52 * 7 * 24 * 60
    for _ in range(EVENTS // BATCH):
        moments = start + np.sort(rng.integers(0, minutes, BATCH)).astype("timedelta64[m]")
        frame = pl.DataFrame(
            {"time": moments, "area": rng.choice(areas, BATCH), "topic": rng.choice(topics, BATCH)}
        )
        yield frame.with_columns(
            resolution=pl.lit("minute"),
            recorded=pl.col("time").dt.date(),
            cell=pl.lit(None, dtype=pl.UInt64),
            source=pl.lit("benchmark"),
            kind=pl.lit("need"),
            n=pl.lit(1, dtype=pl.Int32),
        )
