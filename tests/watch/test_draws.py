"""Data by chance alone: against plain loops, SciPy's distributions, and the moments that theory gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mahalleh.watch import Baseline, reference
from mahalleh.watch._draws import (
    AT_ONCE,
    STREAM_CELLS,
    STREAM_TOTAL,
    Predictive,
    Sliding,
    binomial_cells,
    permuted_cells,
    poisson_cells,
)
from mahalleh.watch._philox import philox, uniforms


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # the known answers of Random123, the paper's own library
        ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (
            [0xFFFFFFFF] * 4,
            [0xFFFFFFFF] * 2,
            [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
        ),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox__gives_the_known_answers(counter, key, words):
    assert [int(word) for word in philox(*(np.uint64(v) for v in counter + key))] == words


def numbers(seed, replicate, stream, size, *, first=0):
    out = np.empty(size)
    uniforms(np.uint64(seed), replicate, stream, first, out)
    return out


def in_blocks(seed, replicate, total, *, whole):
    """A replicate's stream as the draws read it: so many at a time, the last block cut short or not."""
    blocks = [
        numbers(seed, replicate, STREAM_CELLS, AT_ONCE if whole else min(AT_ONCE, total - first), first=first)
        for first in range(0, total, AT_ONCE)
    ]
    return np.concatenate(blocks)[:total].tolist() if blocks else []


def test_uniforms__differ_by_seed_replicate_and_stream_and_are_uniform():
    size = 10_001
    streams = [(1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1), (1 << 40, 0, 0)]
    all_five = [numbers(*stream, size) for stream in streams]
    correlation = np.corrcoef(all_five)
    assert abs(correlation - np.eye(5)).max() < 5 / np.sqrt(size)
    for values in all_five:
        assert values.min() >= 0
        assert values.max() < 1
        expected = size / 20
        chi2 = ((np.histogram(values, 20, (0, 1))[0] - expected) ** 2 / expected).sum()
        assert chi2 < 49.2  # 19 degrees of freedom, one in 10,000
    np.testing.assert_array_equal(numbers(1, 0, 0, size), all_five[0])


def test_blocks__of_a_stream_share_no_number():
    stream = in_blocks(1, 0, 3 * AT_ONCE, whole=True)
    assert len(set(stream)) == len(stream)


SIZES = st.sampled_from([(1, 1), (1, 4), (5, 3), (40, 8)])
LEVELS = st.sampled_from([0.05, 2.0, 40.0])


@given(SIZES, LEVELS, st.integers(0, 2**64 - 1), st.integers(0, 10_000))
@settings(max_examples=40)
def test_cells__fall_as_the_twins_do(shape, level, seed, replicate):
    mean = level * np.random.default_rng(seed % 97).lognormal(0, 1, shape)
    for drawn in (poisson_cells(mean), binomial_cells(round(3 * mean.sum()) + 1, mean)):
        cells = drawn.draw(seed, replicate)
        first = numbers(seed, replicate, STREAM_TOTAL, 1)[0]
        total = drawn.lowest + sum(first >= part for part in drawn.cdf.tolist())
        assert cells.sum() == total
        stream = in_blocks(seed, replicate, total, whole=False)
        assert cells.ravel().tolist() == reference.fallen(stream, drawn.alias, mean.size)
        assert (cells.shape, cells.dtype) == (shape, np.int32)


@given(SIZES, LEVELS, st.integers(0, 2**64 - 1), st.integers(0, 10_000))
@settings(max_examples=40)
def test_cases__are_dealt_as_the_twins_are(shape, level, seed, replicate):
    rng = np.random.default_rng(seed % 97)
    counts = rng.poisson(level, shape) * (rng.random(shape[1]) < 0.7)  # some periods without any
    areas, periods = shape
    cells = permuted_cells(counts, slice(periods // 2, periods)).draw(seed, replicate)
    sizes = counts.sum(axis=0)[periods // 2 :].tolist()
    deck = [area for area in range(areas) for _ in range(counts[area].sum())]
    hands = reference.dealt(in_blocks(seed, replicate, sum(sizes), whole=True), deck, sizes)
    wanted = np.stack([np.bincount(np.array(hand, dtype=int), minlength=areas) for hand in hands], axis=1)
    np.testing.assert_array_equal(cells, wanted)
    assert (cells.shape, cells.dtype) == (wanted.shape, np.int32)


def test_cases__of_more_areas_than_two_bytes_tell_are_dealt_too():
    """70,000 areas with a case each: nobody gets two, and the highest positions get theirs."""
    counts = np.ones((70_000, 2), dtype=np.int64)
    cells = permuted_cells(counts, slice(1, 2)).draw(1, 0)
    assert cells.sum() == 70_000
    assert cells.max() <= 2
    assert cells[65_536:].sum() == pytest.approx(70_000 - 65_536, abs=4 * np.sqrt(4464 / 4))


def test_dealing__leaves_the_deck_as_it_was():
    drawn = permuted_cells(np.array([[5, 1, 3, 2], [2, 2, 0, 6]]), slice(2, 4))
    first = drawn.draw(7, 0)
    drawn.draw(7, 1)
    np.testing.assert_array_equal(drawn.draw(7, 0), first)


@pytest.mark.parametrize("mean", [0.2, 7.0, 900.0, 250_000.0])
def test_totals__have_scipys_distributions(mean):
    cells = np.full((2, 2), mean / 4)
    poisson = poisson_cells(cells)
    totals = poisson.lowest + np.arange(len(poisson.cdf))
    np.testing.assert_allclose(poisson.cdf, stats.poisson.cdf(totals, mean), atol=1e-12)
    assert stats.poisson.cdf(poisson.lowest - 1, mean) < 1e-15
    assert poisson.cdf[-1] == 1
    for cases in (int(mean) + 1, int(3 * mean) + 1):
        binomial = binomial_cells(cases, cells)
        totals = binomial.lowest + np.arange(len(binomial.cdf))
        np.testing.assert_allclose(binomial.cdf, stats.binom.cdf(totals, cases, mean / cases), atol=1e-9)
        assert stats.binom.cdf(binomial.lowest - 1, cases, mean / cases) < 1e-15
        assert totals[-1] <= cases


@given(st.lists(st.sampled_from([0.0, 1e-9, 0.3, 1.0, 1.0, 50.0]), min_size=1, max_size=40))
def test_alias__gives_every_cell_its_share(chances):
    """What stays plus what moves in: the table's own chances, added up, to the bits that a fraction keeps."""
    mean = np.array(chances)[:, None]
    if not mean.sum():
        return
    cells = len(chances)
    alias = poisson_cells(mean).alias
    share = np.zeros(cells)
    for cell, entry in enumerate(alias):
        share[cell] += entry % 1 / cells
        share[int(entry)] += (1 - entry % 1) / cells
    np.testing.assert_allclose(share, mean.ravel() / mean.sum(), atol=2**-20)


def test_replicates__have_the_moments_of_their_model():
    """Binomial total and multinomial cells; a permutation's fixed margins and hypergeometric variance."""
    expected = np.array([[4.0, 2.0], [1.0, 3.0]])
    cells = np.stack([binomial_cells(40, expected).draw(1, r) for r in range(4000)])
    share = expected / 40
    error = 4 / np.sqrt(4000)
    np.testing.assert_allclose(cells.mean(axis=0), expected, atol=error * 2)
    np.testing.assert_allclose(cells.var(axis=0), 40 * share * (1 - share), rtol=0.12)
    totals = cells.sum(axis=(1, 2))
    assert totals.var() == pytest.approx(40 * 0.25 * 0.75, rel=0.12)

    counts = np.array([[5, 1, 3, 2], [2, 2, 0, 6], [0, 4, 1, 1]])
    dealt = np.stack([permuted_cells(counts, slice(2, 4)).draw(7, r) for r in range(4000)])
    assert (dealt.sum(axis=1) == counts.sum(axis=0)[2:]).all()
    assert (dealt.sum(axis=2) <= counts.sum(axis=1)).all()
    n, total = counts.sum(axis=0)[2:], counts.sum()
    p = counts.sum(axis=1)[:, None] / total
    np.testing.assert_allclose(dealt.mean(axis=0), p * n, atol=error * 2)
    hypergeometric = n * p * (1 - p) * (total - n) / (total - 1)
    np.testing.assert_allclose(dealt.var(axis=0), hypergeometric, rtol=0.12)


def test_predictive__is_negative_binomial_around_a_log_normal_mean():
    """Given the mean: variance = dispersion x mean. The mean's factor: 1 on average, its log's variances add,
    the own part in common to an area's periods, the shared part to all areas."""
    own, city = 0.3, 0.2
    baseline = Baseline(
        mean=np.array([[40.0, 40.0], [40.0, 0.0]]),
        dispersion=np.array([[1.0, 3.0], [1.0, 1.0]]),
        spread=np.full((2, 2, 1), own),
        shared=np.full((2, 1), city),
    )
    repeats = 20_000
    cells = np.stack([Predictive(baseline).draw(3, number) for number in range(repeats)]).astype(float)
    factor = np.expm1(own**2 + city**2)
    variance = [40 + 1600 * factor, 120 + 1600 * factor]
    assert (cells[:, 1, 1] == 0).all()
    for count, wanted in ((cells[:, 0, 0], variance[0]), (cells[:, 0, 1], variance[1])):
        assert count.mean() == pytest.approx(40, abs=4 * np.sqrt(wanted / repeats))
        assert count.var() == pytest.approx(wanted, rel=0.08)
    across_time = np.cov(cells[:, 0, 0], cells[:, 0, 1])[0, 1]
    across_areas = np.cov(cells[:, 0, 0], cells[:, 1, 0])[0, 1]
    assert across_time == pytest.approx(1600 * factor, rel=0.1)
    assert across_areas == pytest.approx(1600 * np.expm1(city**2), rel=0.2)


def test_sliding__shows_one_course_week_by_week():
    course = np.arange(10, dtype=np.int32).reshape(1, 10)
    sliding = Sliding(course, 3)
    assert [sliding.draw(0, week).tolist() for week in (0, 1, 7)] == [[[0, 1, 2]], [[1, 2, 3]], [[7, 8, 9]]]
