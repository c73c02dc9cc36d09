"""The scan once more, slow and obvious: the judge of every kernel.

Plain loops over zones, windows, cases and replicates, with a logarithm each; nothing here is shared with the
fast way but random numbers and the statistics' definitions, which are written out again.
"""

from mahalleh.watch.reference.draws import dealt, fallen
from mahalleh.watch.reference.tables import chosen, conditional, expectation, score, table, windows
from mahalleh.watch.reference.zones import Zone, along_curve, circles, connected_sets, hangs_together, ways

__all__ = [
    "Zone",
    "circles",
    "along_curve",
    "connected_sets",
    "hangs_together",
    "ways",
    "windows",
    "conditional",
    "expectation",
    "score",
    "table",
    "chosen",
    "fallen",
    "dealt",
]
