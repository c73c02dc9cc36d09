"""What publishing costs a unit, and what an attacker can make of it.

Two ways to count: pure epsilon, which adds up; and zero-concentrated differential privacy (zCDP; Bun and
Steinke 2016), whose rho adds up too and gives a smaller epsilon where many small draws meet, for a chance
delta that it does not hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from mahalleh.errors import DisclosureError

DELTA: Final = 1e-6  # the chance that a bound of zCDP does not hold: one in a million. A choice
HALVINGS: Final = 200  # of the search for the best order: far beyond the precision of a float


@dataclass(frozen=True, slots=True)
class Cost:
    """What one unit has cost at most.

    Attributes
    ----------
    epsilon : float
        Pure: what is published is at most e^epsilon times likelier with the unit than without it.
    rho : float
        The same in zCDP: epsilon^2 / 2 of each draw, added up (Bun and Steinke 2016, proposition 1.4).
    """

    epsilon: float = 0.0
    rho: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        """Add the cost of other draws on the same unit."""
        return Cost(self.epsilon + other.epsilon, self.rho + other.rho)

    def times(self, units: int) -> Cost:
        """Tell what several units cost that may all stand in one cell (group privacy).

        Parameters
        ----------
        units : int
            How many: 1 or more.

        Returns
        -------
        Cost
            Epsilon grows with their number, rho with its square (Bun and Steinke 2016, proposition 1.9).

        Raises
        ------
        DisclosureError
            `disclose.bad-units`.
        """
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise DisclosureError("disclose.bad-units", given=units)
        return Cost(self.epsilon * units, self.rho * units**2)

    @property
    def least(self) -> tuple[float, float]:
        """The smaller epsilon of the two ways, and its delta: 0 where the pure one is the smaller."""
        by_rho = epsilon_of(self.rho)
        return (by_rho, DELTA) if by_rho < self.epsilon else (self.epsilon, 0.0)

    @property
    def guess(self) -> float:
        """How often somebody is right, at most, who guesses whether the unit exists: 0.5 is a coin."""
        return best_guess(self.epsilon)


def best_guess(epsilon: float, prior: float = 0.5) -> float:
    """Tell how often the best guess is right at most: whether a unit was counted.

    Parameters
    ----------
    epsilon : float
        What the unit has cost, pure.
    prior : float
        How likely it was before anything was published.

    Returns
    -------
    float
        Share of guesses. A test that says “yes” to a share `a` of tables without the unit says it to at most
        e^epsilon a of those with it, and the same holds for “no” (Wasserman and Zhou 2010, "A statistical
        framework for differential privacy", theorem 2.4): so e^epsilon / (1 + e^epsilon), which discrete
        Laplace noise reaches, or what the likelier answer alone would give.

    Raises
    ------
    DisclosureError
        `disclose.bad-level`.

    Examples
    --------
    >>> round(best_guess(1.0), 3), best_guess(0.0), best_guess(1.0, prior=0.9)
    (0.731, 0.5, 0.9)
    """
    if not 0.0 < prior < 1.0:
        raise DisclosureError("disclose.bad-level", given=prior)
    return max(1.0 / (1.0 + math.exp(-epsilon)), prior, 1.0 - prior)


def epsilon_of(rho: float, delta: float = DELTA) -> float:
    """Tell the epsilon that a cost in zCDP comes to.

    Parameters
    ----------
    rho : float
        Of zCDP, 0 or more.
    delta : float
        The chance that the bound does not hold, between 0 and 1.

    Returns
    -------
    float
        The smallest epsilon with delta(epsilon) <= `delta`, by the sharpest conversion known (Canonne, Kamath
        and Steinke 2020, "The discrete Gaussian for differential privacy", proposition 12 and corollary 13),
        which OpenDP uses too.

    Raises
    ------
    DisclosureError
        `disclose.bad-level`.

    Examples
    --------
    >>> round(epsilon_of(0.5), 3)
    5.222
    """
    if not 0.0 < delta < 1.0:
        raise DisclosureError("disclose.bad-level", given=delta)
    if rho <= 0.0:
        return 0.0
    low, high = 0.0, rho + 2.0 * math.sqrt(rho * math.log(1.0 / delta))  # the simpler bound, never smaller
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if _log_delta(rho, middle) <= math.log(delta) else (middle, high)
    return high


def _log_delta(rho: float, epsilon: float) -> float:
    """The logarithm of the smallest delta at an epsilon: the best order `a` > 1, found by its derivative."""
    low, high = 1.0 + 1e-9, (epsilon + 1.0) / (2.0 * rho) + 2.0
    for _ in range(HALVINGS):
        a = (low + high) / 2.0
        slope = (2.0 * a - 1.0) * rho - epsilon + math.log1p(-1.0 / a)
        low, high = (a, high) if slope < 0.0 else (low, a)
    return (high - 1.0) * (high * rho - epsilon) + high * math.log1p(-1.0 / high) - math.log(high - 1.0)
