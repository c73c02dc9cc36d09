"""What the public may see of exact counts.

    release(counts, monthly=..., epsilon=1.0, threshold=5, sensitivity=..., parents=..., ledger=...)
    total(cells, by=["topic", "place"])
    compare(*(sums.get("noise", NOTHING) for sums in years(cells, span, by="topic", threshold=5)))

`release` draws noise once an event and freezes it in a ledger; `total` adds up what is frozen; `amounts`,
`years`, `compare` and `series` read it. Method, limits and checks: docs/analysts/disclosure.md.
"""

from mahalleh.disclose.amounts import NOTHING, Amount, amounts
from mahalleh.disclose.changes import YEAR, Change, Window, bursts, compare, window, years
from mahalleh.disclose.curves import Point, Series, series
from mahalleh.disclose.noise import half_width, pmf
from mahalleh.disclose.release import release
from mahalleh.disclose.tables import Release, empty_ledger
from mahalleh.disclose.totals import shown, total

__all__ = [
    "NOTHING",
    "YEAR",
    "Amount",
    "Change",
    "Point",
    "Release",
    "Series",
    "Window",
    "amounts",
    "bursts",
    "compare",
    "empty_ledger",
    "half_width",
    "pmf",
    "release",
    "series",
    "shown",
    "total",
    "window",
    "years",
]
