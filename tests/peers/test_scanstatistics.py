"""The scan's statistics against R's `scanstatistics` 1.0.2 on New Mexico's brain cancers, zone by zone."""

from __future__ import annotations

import csv
import gzip
import json

import numpy as np
import pytest
from pyproj import Transformer

from mahalleh.watch import reference, scan

pytestmark = pytest.mark.shared

YEARS = ("1986", "1987", "1988", "1989")
THETA = 10.0
SCORED = {  # a floating sum in another order: sixteen digits less the sum's own rounding
    "rel": 1e-9,
    "abs": 1e-9,
}


@pytest.fixture(scope="module")
def mexico(shared):
    """Counts, populations and fitted means (32, 4), and the package's own 415 zones."""
    folder = shared / "reference" / "r" / "scan"
    zones = json.loads((folder / "zones_knn15.json").read_text())
    at = {name: i for i, name in enumerate(zones["locations"])}
    counts = np.zeros((len(at), 4), dtype=np.int64)
    people, mean = np.zeros(counts.shape), np.zeros(counts.shape)
    with (folder / "window_1986_1989_counts_baselines.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            cell = at[row["county"]], YEARS.index(row["year"])
            counts[cell] = int(row["count"])
            people[cell] = float(row["population"])
            mean[cell] = float(row["mu_poisson_glm"])
    with (folder / "nm_geo.csv").open(newline="") as file:
        seats = {
            row["county"]: (float(row["seat_long"]), float(row["seat_lat"])) for row in csv.DictReader(file)
        }
    return folder, counts, people, mean, [tuple(i - 1 for i in zone) for zone in zones["zones"]], at, seats


def scores(folder, name):
    """Their score by (zone, duration)."""
    with gzip.open(folder / f"scores_{name}.csv.gz", "rt", newline="") as file:
        table = list(csv.DictReader(file))
    return {(int(row["zone"]) - 1, int(row["duration"])): float(row["score"]) for row in table}


def ours(counts, mean, zones, **settings):
    """Ours by (zone, duration), whatever the number of cases."""
    spans = reference.windows(4, 4, prospective=True)
    table = reference.table(counts, mean, zones, spans, min_cases=0, **settings)
    return {(z, d + 1): table[z, d] for z in range(len(zones)) for d in range(4)}


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        assert found[key] == pytest.approx(max(value, 0.0), **SCORED), key


def test_expectation__scores_every_zone_as_scan_eb_poisson(mexico):
    folder, counts, _, mean, zones, *_ = mexico
    same(ours(counts, mean, zones, statistic="expectation", total=np.inf), scores(folder, "eb_poisson"))


def test_score_of_negative_binomial__is_that_of_scan_eb_negbin_but_for_the_root(mexico):
    """Each cell divided by its variance over its mean, 1 + mean / theta (Tango et al. 2011, eq. 3).

    The package divides by the expected sum itself, where the paper divides by its root.
    """
    folder, counts, _, mean, zones, *_ = mexico
    share = 1 / (1 + mean / THETA)
    found = ours(counts, mean, zones, statistic="score", total=np.inf, share=share)
    weighed = mean * share
    for zone, duration in found:
        found[zone, duration] /= np.sqrt(weighed[list(zones[zone]), -duration:].sum())
    same(found, scores(folder, "eb_negbin_theta10"))


def test_poisson__scores_every_zone_as_scan_pb_poisson(mexico):
    """Their baseline: each year the same expected total, shared out by population."""
    folder, counts, people, _, zones, *_ = mexico
    mean = people * counts.sum() / (people.sum(axis=0) * 4)
    same(
        ours(counts, mean, zones, statistic="conditional", total=float(counts.sum())),
        scores(folder, "pb_poisson"),
    )


def test_permutation__scores_every_zone_as_scan_permutation(mexico):
    folder, counts, _, _, zones, *_ = mexico
    mean = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    same(
        ours(counts, mean, zones, statistic="conditional", total=float(counts.sum())),
        scores(folder, "permutation"),
    )


@pytest.mark.parametrize(
    ("name", "model"),
    [("eb_poisson", "expectation"), ("pb_poisson", "poisson"), ("permutation", "permutation")],
)
def test_scan__finds_their_most_likely_cluster(mexico, name, model):
    """The fast scan by circles of its own, of up to 15 county seats, as their zones are."""
    folder, counts, people, mean, _, at, seats = mexico
    their = json.loads((folder / f"result_{name}.json").read_text())
    expected = {"expectation": mean, "poisson": people / people.sum(axis=0), "permutation": None}[model]
    lon, lat = np.array([seats[county] for county in at]).T
    plane = Transformer.from_crs(4326, f"+proj=aeqd +lon_0={lon.mean()} +lat_0={lat.mean()}", always_xy=True)
    result = scan(
        counts,
        model=model,
        coordinates=np.stack(plane.transform(lon, lat), axis=1),
        expected=expected,
        max_periods=4,
        max_population=1.0,
        max_areas=15,
        min_cases=1,
        replicates=999,
        seed=1,
    )
    best = result.clusters[0]
    assert set(best.areas) == {i - 1 for i in their["mlc_locations"]}
    assert best.end - best.start + 1 == their["mlc_duration"]
    assert best.ratio == pytest.approx(their["mlc_score"], rel=1e-9)
    p = their["mc_pvalue"]
    assert abs(best.p_value - p) < 4 * np.sqrt(2 * p * (1 - p) / 999) + 1e-3
