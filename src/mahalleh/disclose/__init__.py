"""What the public may see of exact counts.

    release(counts, monthly=..., epsilon=1.0, threshold=5, sensitivity=..., parents=..., ledger=...)
    total(cells, by=["topic", "place"])

`release` draws noise once an event and freezes it in a ledger; `total` adds up what is frozen. Method,
limits and checks: docs/analysts/disclosure.md.
"""

from mahalleh.disclose.noise import half_width, pmf
from mahalleh.disclose.release import release
from mahalleh.disclose.tables import Release, empty_ledger
from mahalleh.disclose.totals import shown, total

__all__ = ["Release", "empty_ledger", "half_width", "pmf", "release", "shown", "total"]
