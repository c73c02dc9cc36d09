"""The invented city: how fast it is made, as shares of the limits set for it. Medians of five."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from mahalleh.simulate import simulate_city

LIMIT_SECONDS = 3.0  # the city of `make run`: 48 areas, 156 weeks
LARGE_SECONDS = 20.0  # twenty times the areas, a third of the weeks: seven times as much
RUNS = 5


def run() -> list[dict]:
    """The claims of docs/analysts/simulate.md."""
    city = simulate_city(1)
    seconds = _median(lambda: simulate_city(1))
    many = city.events.height + city.truth.late.height
    large = _median(lambda: simulate_city(1, areas=1000, weeks=52))
    rows = [
        _row(
            f"48 areas, 156 weeks, {many:,} events: share of {LIMIT_SECONDS:.0f} s",
            seconds / LIMIT_SECONDS,
            1.0,
        ),
        _row(f"1,000 areas, 52 weeks: share of {LARGE_SECONDS:.0f} s", large / LARGE_SECONDS, 1.0),
    ]
    for row in rows:
        print(f"| {row['claim']} | {row['figure']} | {row['limit']} | {'yes' if row['holds'] else 'no'} |")
    return rows


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _row(claim: str, figure: float, limit: float) -> dict:
    return {"claim": claim, "figure": round(figure, 3), "limit": limit, "holds": figure <= limit}


if __name__ == "__main__":
    run()
