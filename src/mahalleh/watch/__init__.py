"""The watch: what is getting worse, where, and is it real?

    expected = expected_counts(counts, places, calendar="iran")
    result = scan(counts.sel(topic="noise"), places=places, model="negative-binomial",
                  expected=expected.of("noise"), seed=1)
    result.clusters

Method pages: docs/analysts/scan.md, expected.md, alarms.md.
"""

from mahalleh.watch.expected import expected_counts
from mahalleh.watch.results import Baseline, Cluster, Expected, ScanResult
from mahalleh.watch.scan import scan, sliding_maxima

__all__ = ["Baseline", "Cluster", "Expected", "ScanResult", "expected_counts", "scan", "sliding_maxima"]
