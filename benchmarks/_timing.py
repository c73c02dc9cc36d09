"""What benchmarks share: medians of alternating runs, and the row that a claim becomes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

RUNS = 5


def seconds(work: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratio(
    ours: Callable[[], Any], peer: Callable[[], Any], *, runs: int = RUNS
) -> tuple[float, float, float]:
    """Median of ours over the peer's, pair by pair and in turn, and the median seconds of each."""
    ours(), peer()  # caches warm on both sides
    pairs = [(seconds(ours), seconds(peer)) for _ in range(runs)]
    return (
        statistics.median(a / b for a, b in pairs),
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
    )


def row(claim: str, figure: str, limit: str, *, holds: bool) -> dict[str, Any]:
    """A claim with its figure and limit, also printed as a line."""
    print(f"| {claim} | {figure} | {limit} | {'yes' if holds else 'no'} |", flush=True)
    return {"claim": claim, "figure": figure, "limit": limit, "holds": bool(holds)}  # NumPy's is no TOML
