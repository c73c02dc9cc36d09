"""The scan against SaTScan 10.3.2 on the same input: clusters to the printed digit, p-values within chance.

Which runs, and under which settings: README.md of the reference folder. Where they may differ and why:
docs/analysts/scan.md.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy import stats

from mahalleh.watch import scan
from mahalleh.watch.significance import gumbel_p_value, rank_p_value

pytestmark = pytest.mark.shared

RUNS = [
    *[(data, run) for data in ("n100", "n500") for run in ("poisson_pop10", "stp_pop10")],
    *[(data, run) for data in ("n100", "n500") for run in ("poisson_rad50", "stp_rad50")],
    ("n2000", "poisson_pop10"),
    ("n2000", "stp_pop10"),
]
REPLICATES = 999


def rows(shared, name):
    with (shared / "reference" / "satscan" / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=RUNS, ids="-".join)
def both(request, shared):
    """Our result and SaTScan's rows of one run."""
    data, run = request.param
    study = np.load(shared / "reference" / "satscan" / f"{data}.npz")
    radius = {"max_population": 0.5, "max_radius": float(study["radius50"])}
    result = scan(
        study["counts"],
        model="poisson" if run.startswith("poisson") else "permutation",
        coordinates=study["xy"],
        population=study["pop"] if run.startswith("poisson") else None,
        max_periods=8,
        replicates=REPLICATES,
        seed=20_261_123,
        **({"max_population": 0.1} if run.endswith("pop10") else radius),
    )

    def own(table):
        return [row for row in table if (row["data"], row["run"]) == (data, run)]

    weeks = [str(week).replace("/0", "/") for week in study["weeks"]]
    return (
        result,
        weeks,
        own(rows(shared, "clusters.csv")),
        own(rows(shared, "most_likely_cluster_areas.csv")),
        np.array([float(row["llr"]) for row in own(rows(shared, "simulated_maxima.csv"))]),
    )


def test_clusters__are_satscans_to_the_printed_digit(both):
    result, weeks, theirs, _, _ = both
    assert len(result.clusters) >= len(theirs)  # SaTScan stops printing where p-values near 1
    for ours, their in zip(result.clusters, theirs, strict=False):
        assert f"{ours.ratio:.6f}" == their["statistic"]
        assert ours.observed == float(their["observed"])
        assert len(ours.areas) == int(their["areas"])
        assert weeks[ours.start] == their["start"]
        assert ours.end == len(weeks) - 1
        assert ours.expected == pytest.approx(float(their["expected"]), abs=0.00501)
        assert ours.observed / ours.expected == pytest.approx(
            float(their["observed_over_expected"]), abs=0.00501
        )
        if their["relative_risk"]:
            assert ours.relative_risk == pytest.approx(float(their["relative_risk"]), abs=0.00501)


def test_most_likely_cluster__has_the_same_areas(both):
    result, _, _, theirs, _ = both
    wanted = {int(label[1:]) for label in theirs[0]["areas"].split()}
    assert set(result.clusters[0].areas) == wanted


def test_simulated_maxima__come_from_the_same_distribution(both):
    """Two samples of 999 by Kolmogorov and Smirnov; ten runs, so each at a level of one in a thousand."""
    result, _, _, _, theirs = both
    assert len(result.maxima) == len(theirs) == REPLICATES
    assert stats.ks_2samp(result.maxima, theirs).pvalue > 0.001


def test_p_values__agree_within_monte_carlo_error(both):
    """A difference of two ranks, each binomial; over all clusters of all runs, four standard errors."""
    result, _, theirs, _, _ = both
    for ours, their in zip(result.clusters, theirs, strict=False):
        p = float(their["p_value"])
        error = np.sqrt(2 * max(p * (1 - p), 1 / REPLICATES) / REPLICATES)
        assert abs(ours.p_value - p) < 4 * error
        assert ours.recurrence * ours.p_value == pytest.approx(1)


@pytest.fixture(scope="module")
def printed(shared):
    """SaTScan's own maxima of every run, and each of its clusters with them."""
    maxima = {}
    for row in rows(shared, "simulated_maxima.csv"):
        maxima.setdefault((row["data"], row["run"]), []).append(float(row["llr"]))
    return [(row, np.array(maxima[row["data"], row["run"]])) for row in rows(shared, "clusters.csv")]


def test_p_values__of_satscans_own_maxima_are_those_it_printed(printed):
    """Each of its clusters ranked among its own replicates: equal in all three decimals."""
    assert len(printed) > 50
    for row, maxima in printed:
        assert rank_p_value(float(row["statistic"]), maxima) == pytest.approx(float(row["p_value"]), abs=5e-4)
    assert min(float(row["p_value"]) for row, _ in printed) == 1 / 1000  # the finding itself is counted


def test_gumbel_p_value__of_satscans_own_maxima_is_the_one_it_printed(printed):
    """To both printed digits. Its variance divides by the number of replicates, ours by one less, as a sample
    variance does: far from the mean the tail then differs by up to a hundredth of its value, and one of its
    clusters' would be printed otherwise."""
    otherwise = 0
    for row, maxima in printed:
        value, theirs = float(row["statistic"]), row["gumbel_p_value"]
        mean, deviation = maxima.mean(), np.std(maxima)
        scale = deviation / stats.gumbel_r.std()
        by_n = stats.gumbel_r.sf(value, mean - stats.gumbel_r.mean() * scale, scale)
        assert f"{by_n:.2g}" == f"{float(theirs):.2g}"
        ours = gumbel_p_value(value, maxima)
        assert ours == pytest.approx(by_n, rel=0.011)
        otherwise += f"{ours:.2g}" != f"{float(theirs):.2g}"
    assert otherwise == 1


def test_gumbel_p_value__agrees_within_the_error_of_a_fitted_tail(both):
    """A tail far beyond the sample: within the error that fits to resampled maxima show."""
    result, _, theirs, _, maxima = both
    ours, their = result.clusters[0], float(theirs[0]["gumbel_p_value"])
    rng = np.random.default_rng(0)
    again = [np.log10(gumbel_p_value(ours.ratio, rng.choice(maxima, REPLICATES))) for _ in range(200)]
    spread = float(np.std(again))
    assert abs(np.log10(ours.gumbel_p_value) - np.log10(their)) < 4 * np.sqrt(2) * spread + 0.02
