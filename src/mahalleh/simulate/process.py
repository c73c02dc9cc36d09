"""The process that events come from.

Fresh events have a mean by topic, area and week; each event sets off `branching` further ones over the next
weeks, near by (a discrete Hawkes process; Mohler, Short, Brantingham, Schoenberg and Tita 2011,
"Self-exciting point process modeling of crime"). Given the weeks before, a week's count is Poisson with a
gamma factor of mean 1 and shape k, that is negative binomial with variance m + m^2 / k. A part is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from mahalleh import calendars
from mahalleh.simulate.topics import Rhythm

# Invented: what follows comes within weeks and mostly near by. Known, not right.
LAGS: Final = np.array([0.45, 0.30, 0.15, 0.10])  # when follow-on events happen: weeks 1 to 4
NEAR: Final = 0.3  # share of them in bordering areas
BURN_IN: Final = 16  # weeks before the first that is kept: four generations, of 0.35 each at most, leave 1.5%
RESIDENTS: Final = 8_500.0  # to which `Rhythm.rate` refers: a mean neighbourhood of the city

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Draw = Callable[[Floats], Floats]


def season(rhythms: list[Rhythm], starts: npt.NDArray[np.datetime64]) -> Floats:
    """Compute the factor of each topic and week: the mean over the days of wave, Nowruz, Ramadan, school.

    Parameters
    ----------
    rhythms : (T,) list of Rhythm
        Of the topics.
    starts : (W,) datetime64
        First days of the weeks.

    Returns
    -------
    (T, W) float64
        1 on a usual day.
    """
    days: calendars.Days = starts.astype("datetime64[D]")[:, None] + np.arange(7).astype("timedelta64[D]")
    nowruz, ramadan = calendars.is_nowruz(days), calendars.is_ramadan(days)
    school, phase = calendars.is_school(days), calendars.solar_phase(days)
    factor = np.empty((len(rhythms), len(starts)))
    for at, rhythm in enumerate(rhythms):
        daily = np.exp(rhythm.swing * np.cos(2.0 * np.pi * (phase - rhythm.peak)))
        for marked, size in ((nowruz, rhythm.nowruz), (ramadan, rhythm.ramadan), (school, rhythm.school)):
            daily = daily * np.where(marked, size, 1.0)
        factor[at] = daily.mean(axis=1)
    return factor


def levels(rhythms: list[Rhythm], population: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw how much happens in each area, and how much of it is told.

    Areas differ by a burden that all topics share and by what is theirs alone, half the log variance each.

    Parameters
    ----------
    rhythms : (T,) list of Rhythm
        Of the topics.
    population : (A,) float64
        Residents.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    level : (T, A) float64
        Mean events a week.
    chance : (T, A) float64
        That one is told.
    """
    burden = rng.normal(size=len(population))
    own = rng.normal(size=(len(rhythms), len(population)))
    spread = np.array([rhythm.spread for rhythm in rhythms])[:, None]
    level = np.exp(spread * (burden + own) / np.sqrt(2.0) - spread**2 / 2.0)
    told = np.array([rhythm.told for rhythm in rhythms])[:, None]
    trust = rng.normal(0.0, 0.35, len(population))
    chance = 1.0 / (1.0 + (1.0 - told) / told * np.exp(-trust))
    rate = np.array([rhythm.rate for rhythm in rhythms])[:, None]
    return rate / told * level * population / RESIDENTS, chance


def spread_matrix(pairs: npt.NDArray[np.int32], areas: int) -> Floats:
    """Tell where follow-on events happen.

    Parameters
    ----------
    pairs : (pairs, 2) int32
        Neighbouring areas.
    areas : int
        How many.

    Returns
    -------
    (A, A) float64
        Row source, column target, rows sum to 1.
    """
    border = np.zeros((areas, areas))
    border[pairs[:, 0], pairs[:, 1]] = border[pairs[:, 1], pairs[:, 0]] = 1.0
    degree = border.sum(axis=1, keepdims=True)
    share = np.where(degree > 0.0, NEAR, 0.0)
    matrix: Floats = np.diag(1.0 - share[:, 0]) + share * border / np.maximum(degree, 1.0)
    return matrix


def expected(fresh: Floats, spread: Floats, branching: Floats) -> Floats:
    """Compute the mean of every count: fresh events and all that follow from them.

    Parameters
    ----------
    fresh : (T, A, W) float64
        Means of fresh events.
    spread : (A, A) float64
        Where follow-on events happen.
    branching : (T,) float64
        Events that one event sets off.

    Returns
    -------
    (T, A, W) float64
        Means.
    """
    return _run(fresh, spread, branching, lambda mean: mean)[0]


def happen(
    fresh: Floats, spread: Floats, branching: Floats, dispersion: Floats, rng: np.random.Generator
) -> tuple[Floats, Ints]:
    """Let the process run.

    Parameters
    ----------
    fresh : (T, A, W) float64
        Means of fresh events.
    spread : (A, A) float64
        Where follow-on events happen.
    branching : (T,) float64
        Events that one event sets off.
    dispersion : (T,) float64
        Shape of the gamma noise.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    intensity : (T, A, W) float64
        Means given the weeks before.
    counts : (T, A, W) int64
        What happened.
    """
    shape = dispersion[:, None]

    def draw(mean: Floats) -> Floats:
        return rng.poisson(mean * rng.gamma(shape, 1.0 / shape, mean.shape)).astype(np.float64)

    intensity, counts = _run(fresh, spread, branching, draw)
    return intensity, counts.astype(np.int64)


def _run(fresh: Floats, spread: Floats, branching: Floats, draw: Draw) -> tuple[Floats, Floats]:
    topics, areas, weeks = fresh.shape
    memory = np.zeros((len(LAGS), topics, areas))  # the weeks before, the last first
    intensity, counts = np.empty_like(fresh), np.empty_like(fresh)
    for week in range(-BURN_IN, weeks):
        echo = np.tensordot(LAGS, memory, axes=1) @ spread * branching[:, None]
        mean = fresh[:, :, max(week, 0)] + echo
        now = draw(mean)
        memory = np.concatenate([now[None], memory[:-1]])
        if week >= 0:
            intensity[:, :, week], counts[:, :, week] = mean, now
    return intensity, counts
