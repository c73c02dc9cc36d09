"""The noise: its distribution, what it promises, and how far it leads."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahalleh.disclose import half_width, pmf
from mahalleh.disclose.noise import draw, half_width_of, variance
from mahalleh.errors import DisclosureError

DRAWS = 60_000


@pytest.fixture(scope="module", params=[0.3, 1.0, 2.5])
def sample(request: pytest.FixtureRequest) -> tuple[float, np.ndarray]:
    return request.param, draw(np.full(DRAWS, 7, dtype=np.int64), epsilon=request.param) - 7


def test_draw__follows_the_discrete_laplace_distribution(sample: tuple[float, np.ndarray]) -> None:
    """Chi-square at a level of 1e-6, by the Wilson-Hilferty normal approximation (z = 4.75)."""
    epsilon, noise = sample
    edge = int(math.log(DRAWS / 50) / epsilon)  # cells with some 10 draws at least
    values = np.arange(-edge, edge + 1)
    chance = pmf(values, epsilon=epsilon)
    seen = np.array([(noise == value).sum() for value in values])
    outside, outside_chance = DRAWS - seen.sum(), 1.0 - chance.sum()
    expected = np.append(chance, outside_chance) * DRAWS
    chi2 = float(((np.append(seen, outside) - expected) ** 2 / expected).sum())
    df = len(values)
    z = ((chi2 / df) ** (1 / 3) - (1 - 2 / (9 * df))) / math.sqrt(2 / (9 * df))
    assert abs(z) < 4.75


def test_draw__errs_no_further_than_the_half_width_in_95_of_100(sample: tuple[float, np.ndarray]) -> None:
    epsilon, noise = sample
    covered = (np.abs(noise) <= half_width(epsilon)).mean()
    below = (np.abs(noise) <= half_width(epsilon) - 1).mean()
    error = 5 * math.sqrt(0.95 * 0.05 / DRAWS)
    assert covered >= 0.95 - error
    assert below < 0.95 + error  # and no smaller whole number would do


def test_draw__is_unbiased_with_the_stated_variance(sample: tuple[float, np.ndarray]) -> None:
    epsilon, noise = sample
    assert abs(noise.mean()) < 5 * math.sqrt(variance(epsilon) / DRAWS)
    assert noise.var() == pytest.approx(variance(epsilon), rel=0.06)


def test_draw__is_never_the_same_twice() -> None:
    exact = np.full(200, 50, dtype=np.int64)
    assert not np.array_equal(draw(exact, epsilon=0.5), draw(exact, epsilon=0.5))


def test_draw__of_nothing_is_nothing() -> None:
    assert draw(np.array([], dtype=np.int64), epsilon=1.0).size == 0


@given(st.floats(0.01, 10.0), st.integers(-30, 30), st.integers(-30, 30))
def test_pmf__of_neighbouring_tables_differs_by_at_most_e_to_the_epsilon(
    epsilon: float, count: int, result: int
) -> None:
    one, other = pmf(np.array([result - count, result - count - 1]), epsilon=epsilon)
    assert math.exp(-epsilon) * (1 - 1e-9) <= one / other <= math.exp(epsilon) * (1 + 1e-9)


def test_draw__mechanism_promises_epsilon_and_not_a_hair_more() -> None:
    from mahalleh.disclose.noise import _mechanism

    for epsilon in (0.1, 0.3, 0.7, 1.0, 1 / 3, 3.0, 10.0):
        assert epsilon * (1 - 1e-9) <= _mechanism(epsilon).map(d_in=1) <= epsilon


@pytest.mark.parametrize("epsilon", [0.05, 0.5, 1.0, 3.0, 10.0])
def test_half_width__of_one_draw_is_the_least_whole_number_that_covers(epsilon: float) -> None:
    width = int(half_width(epsilon))
    reach = np.arange(-width, width + 1)
    assert pmf(reach, epsilon=epsilon).sum() >= 0.95 - 1e-9
    if width:
        assert pmf(reach[1:-1], epsilon=epsilon).sum() < 0.95


def slow_half_width(parts: list[tuple[float, int]], level: float) -> int:
    """The slow obvious twin: convolve the probabilities draw by draw."""
    total = np.array([1.0])
    for epsilon, draws in parts:
        reach = math.ceil(40.0 / epsilon)
        for _ in range(draws):
            total = np.convolve(total, pmf(np.arange(-reach, reach + 1), epsilon=epsilon))
    middle = len(total) // 2
    width = 0
    while total[middle - width : middle + width + 1].sum() < level - 1e-12:
        width += 1
    return width


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.4, 0.75, 1.0, 2.0, 6.0]), st.integers(1, 6)), min_size=1, max_size=3
    ),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
def test_half_width_of__sums_equals_the_slow_twin(parts: list[tuple[float, int]], level: float) -> None:
    assert half_width_of(parts, level=level) == slow_half_width(parts, level)


def test_half_width__of_two_draws_equals_exact_fractions() -> None:
    """q = 1/2: P(X = x) = 2^-|x| / 3, convolved in whole fractions."""

    def p(x: int) -> Fraction:
        return Fraction(1, 3 * 2 ** abs(x))

    both = {s: sum((p(a) * p(s - a) for a in range(-60, 61)), Fraction(0)) for s in range(-8, 9)}
    width = next(w for w in range(9) if sum(both[s] for s in range(-w, w + 1)) >= Fraction(95, 100))
    assert half_width(math.log(2), 2) == width


def test_half_width__of_very_many_draws_is_the_normal_one() -> None:
    for epsilon, draws in ((1.0, 350_000), (0.01, 5_000), (1e-4, 400)):
        normal = 1.959964 * math.sqrt(draws * variance(epsilon))
        assert half_width(epsilon, draws) == pytest.approx(normal, rel=2e-3, abs=1.0)


def test_half_width__of_no_draw_is_nothing() -> None:
    assert half_width(1.0, 0) == 0.0


@pytest.mark.parametrize("epsilon", [0, -1.0, 10.1, math.nan, math.inf, True, "1", None])
def test_half_width__refuses_an_epsilon_that_protects_nobody(epsilon: object) -> None:
    with pytest.raises(DisclosureError) as caught:
        half_width(epsilon)  # type: ignore[arg-type]
    assert caught.value.faults[0].code == "disclose.bad-epsilon"
    assert "اپسیلون" in caught.value.text("fa")


@pytest.mark.parametrize(
    ("draws", "level", "code"), [(-1, 0.95, "bad-draws"), (1.5, 0.95, "bad-draws"), (1, 1.0, "bad-level")]
)
def test_half_width__refuses_what_has_no_meaning(draws: int, level: float, code: str) -> None:
    with pytest.raises(DisclosureError) as caught:
        half_width(1.0, draws, level)
    assert caught.value.faults[0].code == f"disclose.{code}"
