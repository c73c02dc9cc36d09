"""What the public may see of exact counts.

    release(counts, monthly=..., epsilon=1.0, threshold=5, sensitivity=..., parents=..., ledger=...)
    total(cells, by=["topic", "place"])
    compare(*(sums.get("noise", NOTHING) for sums in years(cells, span, by="topic", threshold=5)))

`release` draws noise once an event and freezes it in a ledger; `total` adds up what is frozen; `amounts`,
`years`, `compare` and `series` read it; `spent` adds up what all of it has cost an event. Method, limits and
checks: docs/analysts/disclosure.md.
"""

from mahalleh.disclose.account import APART, UNITS, Spent, Table, check_cap, spent
from mahalleh.disclose.amounts import NOTHING, Amount, amounts
from mahalleh.disclose.changes import YEAR, Change, Window, bursts, compare, window, years
from mahalleh.disclose.cost import DELTA, Cost, best_guess, epsilon_of
from mahalleh.disclose.curves import Point, Series, series
from mahalleh.disclose.drawn import check_cells, check_noise
from mahalleh.disclose.noise import half_width, pmf
from mahalleh.disclose.release import release
from mahalleh.disclose.tables import Release, empty_ledger
from mahalleh.disclose.totals import shown, total

__all__ = [
    "APART",
    "DELTA",
    "NOTHING",
    "UNITS",
    "YEAR",
    "Amount",
    "Change",
    "Cost",
    "Point",
    "Release",
    "Series",
    "Spent",
    "Table",
    "Window",
    "amounts",
    "best_guess",
    "bursts",
    "check_cap",
    "check_cells",
    "check_noise",
    "compare",
    "empty_ledger",
    "epsilon_of",
    "half_width",
    "pmf",
    "release",
    "series",
    "shown",
    "spent",
    "total",
    "window",
    "years",
]
