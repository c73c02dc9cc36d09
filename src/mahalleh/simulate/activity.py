"""What the police do in the invented city: it follows their patrols, and patrols follow what they found.

Nothing here reads need. Where patrols were, stops are counted; where stops were counted, patrols go again:
the loop that Lum and Isaac (2016, "To predict and serve?") and Ensign et al. (2018, "Runaway feedback loops
in predictive policing") describe. Whoever watches these counts sees patrols, not need.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mahalleh.simulate.topics import PATROL_HOURS

# Invented, so that the loop closes within a year; no patrol of a real city was measured.
LOOKBACK: Final = 4  # weeks of own counts that the next week's patrols are sent by
FOLLOW: Final = 0.6  # share of patrols sent that way; the rest keep to their old rounds
SHAPE: Final = 10.0  # of the gamma noise of what a patrol finds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def patrol(areas: int, weeks: int, rates: Floats, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Send patrols where they found something, and count what they find.

    Parameters
    ----------
    areas, weeks : int
        How many (A, W).
    rates : (K,) float64
        Events of each topic that an hour of patrol finds.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    hours : (A, W) float64
        Of patrol.
    found : (K, A, W) int64
        Events.
    """
    rounds = rng.dirichlet(np.full(areas, 3.0))  # old rounds: chance, not need
    hours = np.empty((areas, weeks))
    found = np.zeros((len(rates), areas, weeks), dtype=np.int64)
    for week in range(weeks):
        share = rounds
        if week >= LOOKBACK:
            seen = found[:, :, week - LOOKBACK : week].sum(axis=(0, 2)) + 1.0
            share = FOLLOW * seen / seen.sum() + (1.0 - FOLLOW) * rounds
        hours[:, week] = share * areas * PATROL_HOURS
        luck = rng.gamma(SHAPE, 1.0 / SHAPE, (len(rates), areas))
        found[:, :, week] = rng.poisson(rates[:, None] * hours[:, week] * luck)
    return hours, found
