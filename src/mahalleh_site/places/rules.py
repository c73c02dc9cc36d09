"""How places are found by name, and where weeks end.

Pure functions: no Django, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from mahalleh.text import folded


def ranked(query: str, names: Sequence[tuple[str, ...]]) -> list[int]:
    """Positions of the entries whose names fit a query, the closest first.

    Closest is the whole name, then its start, the start of one of its words, anywhere in it. Spaces do not
    count against a fit, since half-spaces come and go.
    """
    wanted = folded(query)
    if not wanted:
        return []
    tight = wanted.replace(" ", "")
    found: list[tuple[int, int]] = []
    for position, entry in enumerate(names):
        best = min((_fit(wanted, tight, folded(name)) for name in entry), default=4)
        if best < 4:
            found.append((best, position))
    return [position for _rank, position in sorted(found)]


def _fit(wanted: str, tight: str, name: str) -> int:
    joined = name.replace(" ", "")
    if joined == tight:
        return 0
    if joined.startswith(tight):
        return 1
    if f" {wanted}" in f" {name}":
        return 2
    return 3 if tight in joined else 4


def last_week_end(today: date, week_start: str) -> date:
    """The first day of the week that `today` stands in: where whole weeks end."""
    first = {"monday": 0, "saturday": 5, "sunday": 6}[week_start]
    return today - timedelta(days=(today.weekday() - first) % 7)
