"""Whether what was drawn is what the ledger says, and what is published is what was drawn."""

from __future__ import annotations

import math
from typing import Final

import polars as pl

from mahalleh.disclose.tables import KEY
from mahalleh.errors import DisclosureError

# The chance at which noise that is right is refused: one release in a thousand million. 27 draws of epsilon 1
# without a single error are rarer, so a ledger of the smallest city shows noise that is missing.
FALSE_ALARM: Final = 1e-9


def check_noise(draws: pl.DataFrame) -> None:
    """Refuse draws whose noise is smaller than their epsilon says.

    Of discrete Laplace noise a share (1 - q) / (1 + q) is nought, q = e^-epsilon. Where so many more are that
    right noise would give them with a chance below `FALSE_ALARM`, the noise is not what the ledger states.
    The chance is bounded by Chernoff's inequality (Hoeffding 1963, theorem 1).

    Parameters
    ----------
    draws : polars.DataFrame
        Rows of a ledger that were drawn together: epsilon, counted, noisy.

    Raises
    ------
    DisclosureError
        `disclose.noise-too-small`.
    """
    nought = (pl.col("noisy") == pl.col("counted")).sum().alias("nought")
    for epsilon, count, noughts in draws.group_by("epsilon").agg(pl.len(), nought).iter_rows():
        expected = math.tanh(epsilon / 2.0)
        if count * _divergence(noughts / count, expected) > -math.log(FALSE_ALARM):
            raise DisclosureError(
                "disclose.noise-too-small",
                epsilon=f"{epsilon:g}",
                share=f"{noughts / count:.0%}",
                expected=f"{expected:.0%}",
            )


def _divergence(share: float, expected: float) -> float:
    """Kullback and Leibler's divergence of two coins; 0 where `share` is no larger than expected."""
    if share <= expected:
        return 0.0
    rest = 0.0 if share >= 1.0 else (1.0 - share) * math.log((1.0 - share) / (1.0 - expected))
    return share * math.log(share / expected) + rest


def check_cells(cells: pl.DataFrame, ledger: pl.DataFrame) -> None:
    """Refuse cells that are not the sum of their draws: what the ledger does not know has cost something too.

    Parameters
    ----------
    cells : polars.DataFrame
        Cells about to be published (`Release.cells`).
    ledger : polars.DataFrame
        The ledger that they are said to come from.

    Raises
    ------
    DisclosureError
        `disclose.unaccounted`.
    """
    sums = ledger.group_by(KEY).agg(pl.col("noisy").sum().alias("drawn"))
    both = cells.filter(pl.col("value").is_not_null()).join(
        sums, on=KEY, how="left"
    )  # unknown ones have none
    wrong = both.filter(pl.col("drawn").is_null() | (pl.col("drawn") != pl.col("value")))
    if wrong.height:
        raise DisclosureError(
            "disclose.unaccounted", count=wrong.height, topics=wrong["topic"].unique().sort().to_list()
        )
