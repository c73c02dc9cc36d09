"""Which zones become clusters, and what is said of them: by plain searches and exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mahalleh.watch import reference, scan
from tests.watch.towns import CONDITIONAL_MODELS, MODELS, town_for

PERIODS = 9
LONGEST = 3


def ties(zones, table):
    """Whether a centre has two strongest zones or windows: the last bit of a sum may choose then."""
    best = {}
    for zone, row in zip(zones, table, strict=True):
        best.setdefault(zone[0], []).extend(row.tolist())
    tops = [sorted(values)[-2:] for values in best.values() if len(values) > 1]
    return any(last > 0 and last - before < 1e-9 for before, last in tops)


@given(
    st.sampled_from(MODELS),
    st.integers(0, 10_000),
    st.integers(1, 16),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from([0.5, 4.0]),
)
@settings(max_examples=60)
def test_clusters__are_the_strongest_of_each_centre_that_share_no_area(
    model, seed, areas, min_cases, prospective, level
):
    """All of them, by value, areas in order, periods and counts; `none` leaves the first."""
    xy, counts, people, expected = town_for(model, seed, areas, PERIODS, level=level)
    people = people[:, None] * np.random.default_rng(seed).uniform(0.5, 1.5, (areas, PERIODS))
    options = {
        "model": model,
        "coordinates": xy,
        "population": people,
        "expected": expected,
        "max_periods": LONGEST,
        "max_population": 0.4,
        "min_cases": min_cases,
        "prospective": prospective,
        "replicates": 9,
        "seed": 1,
    }
    found = scan(counts, **options).clusters

    total, share = float(counts.sum()), None
    if model == "poisson":
        mean = people / people.sum() * total
    elif model == "permutation":
        mean = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(total, 1)
    else:
        mean = expected if model == "expectation" else expected.mean
    first = PERIODS - LONGEST if prospective else 0
    if model == "negative-binomial":  # the scan rounds weights to whole parts
        parts = 2.0 ** max(np.floor(np.log2(32_768 / (8 * (mean[:, first:].sum() + 10)))), 4)
        share = np.maximum(np.round(parts / expected.dispersion[:, first:]), 1) / parts
    weight = counts.sum(axis=1) if model == "permutation" else people.mean(axis=1)
    zones = reference.circles(xy, weight, max_weight=0.4)
    spans = reference.windows(PERIODS - first, LONGEST, prospective=prospective)
    table = reference.table(
        counts[:, first:], mean[:, first:], zones, spans,
        statistic="conditional" if model in CONDITIONAL_MODELS else "expectation",
        total=total, share=share, min_cases=min_cases,
    )  # fmt: skip
    assume(not ties(zones, table))
    wanted = reference.chosen(zones, table)
    assert len(found) == len(wanted)
    for ours, (zone, span, value) in zip(found, wanted, strict=True):
        assert ours.areas == zone
        assert ours.index.tolist() == list(zone)
        assert (ours.start, ours.end) == (first + spans[span].start, first + spans[span].stop - 1)
        inside = np.ix_(zone, range(ours.start, ours.end + 1))
        assert ours.observed == counts[inside].sum()
        assert ours.expected == pytest.approx(mean[inside].sum())
        assert ours.ratio == pytest.approx(value, abs=1e-8)
    alone = scan(counts, **options, secondary="none").clusters
    assert [one.areas for one in alone] == [zone for zone, _, _ in wanted[:1]]


def test_cluster__found_from_several_centres_is_named_by_the_lowest_position():
    """The same four areas from four centres, whose sums differ in their last bits."""
    rng = np.random.default_rng(0)
    square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    for _ in range(40):
        order = rng.permutation(4)
        xy = np.concatenate([square[order], square + 50])
        mean = rng.uniform(0.1, 0.9, (8, 1)) * np.ones((1, 4))
        counts = np.zeros((8, 4), dtype=int)
        counts[:4, 3] = 5
        found = scan(
            counts, model="expectation", coordinates=xy, expected=mean, max_population=1.0, max_areas=4,
            max_periods=1, replicates=1, seed=1,
        ).clusters[0]  # fmt: skip
        assert set(found.areas) == {0, 1, 2, 3}
        assert found.areas[0] == 0


def risen(model, **settings):
    """Areas of 2, 1 and 1 people, four weeks; the first has 8 cases in the last week, 20 come in all."""
    counts = np.array([[2, 2, 2, 8], [1, 1, 1, 0], [1, 1, 1, 0]])
    given = {"coordinates": [[0, 0], [5, 0], [9, 0]], "population": [2, 1, 1], "max_population": 0.5}
    return scan(counts, model=model, **given, max_periods=2, replicates=9, seed=1, **settings).clusters[0]


def test_relative_risk__is_the_rate_inside_over_the_rate_outside():
    """Expected: half the people, a quarter of the time, of 20: 5/2. Outside: 12 where 35/2 were expected."""
    found = risen("poisson")
    assert (found.areas, found.start, found.end, found.observed) == ((0,), 3, 3, 8)
    assert found.expected == float(Fraction(20, 8))
    assert found.relative_risk == pytest.approx(float(Fraction(8 * 2, 5) / Fraction(12 * 2, 35)))


def test_relative_risk__of_a_model_without_an_outside_is_observed_over_expected():
    found = risen("expectation", expected=np.full((3, 4), 2.5))
    assert (found.observed, found.expected, found.relative_risk) == (8, 2.5, 8 / 2.5)


def test_relative_risk__where_all_cases_lie_inside_is_observed_over_expected():
    counts = np.zeros((2, 4), dtype=int)
    counts[0, 3] = 3
    given = {"coordinates": [[0, 0], [5, 0]], "population": [1, 1], "max_population": 0.5}
    found = scan(counts, model="poisson", **given, max_periods=1, replicates=9, seed=1).clusters[0]
    assert found.relative_risk == pytest.approx(3 / (3 / 8))
