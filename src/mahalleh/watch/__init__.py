"""The watch: what is getting worse, where, and is it real?

    expected = expected_counts(counts, places, calendar="iran")
    result = scan(counts.sel(topic="noise"), places=places, model="negative-binomial",
                  expected=expected.of("noise"), seed=1)
    result.clusters

Method pages: docs/analysts/scan.md, expected.md, alarms.md.
"""

from mahalleh.watch.alarms import Alarms, AlarmState, Look, Sighting, Signal, alarms, look_level
from mahalleh.watch.clumping import Clumping, clumping
from mahalleh.watch.duplicates import Damping, damp
from mahalleh.watch.expected import expected_counts
from mahalleh.watch.influence import Influence, influence
from mahalleh.watch.results import Baseline, Cluster, Expected, ScanResult
from mahalleh.watch.scan import scan, sliding_maxima

__all__ = [
    "AlarmState",
    "Alarms",
    "Baseline",
    "Cluster",
    "Clumping",
    "Damping",
    "Expected",
    "Influence",
    "Look",
    "ScanResult",
    "Sighting",
    "Signal",
    "alarms",
    "clumping",
    "damp",
    "expected_counts",
    "influence",
    "look_level",
    "scan",
    "sliding_maxima",
]
