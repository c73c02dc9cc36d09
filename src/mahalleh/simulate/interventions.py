"""What goes wrong in the city from a known week on, and what is done about something, with known effect."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mahalleh.simulate.model import Intervention, Rise

Floats = npt.NDArray[np.float64]
RISING: Final = ("burglary", "theft-from-person", "public-drug-use", "noise", "litter", "street-lighting")
LASTING_WEEKS: Final = 6  # the newest rise is this old at the end, so that there is one to find
KINDS: Final[tuple[tuple[str, str, float, float, float], ...]] = (
    # effect, topic, factor, moved, trust
    ("works", "street-lighting", 0.55, 0.0, 1.0),
    ("nothing", "noise", 1.0, 0.0, 1.0),
    ("displaces", "public-drug-use", 0.55, 0.8, 1.0),
    ("harms-trust", "theft-from-person", 1.0, 0.0, 0.7),
)


def plan(
    ids: list[str], neighbours: list[list[int]], weeks: int, rng: np.random.Generator
) -> tuple[tuple[Rise, ...], tuple[Intervention, ...]]:
    """Plan rises and interventions in areas that do not share one, as far as the city is large enough.

    Parameters
    ----------
    ids : (A,) list of str
        Area ids.
    neighbours : (A,) list of list of int
        Of each area the positions of those it borders on.
    weeks : int
        How many.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    rises : tuple of Rise
        The newest first.
    interventions : tuple of Intervention
        One of each effect.
    """
    free = [int(at) for at in rng.permutation(len(ids))]
    treated = int(np.clip(len(ids) // 16, 1, 6))
    interventions = []
    for number, (effect, topic, factor, moved, trust) in enumerate(KINDS):
        chosen = [_take(free, len(ids), rng) for _ in range(treated)]
        beside = _next(chosen, neighbours, rng) if moved else []
        free = [at for at in free if at not in beside]
        interventions.append(
            Intervention(
                id=f"i{number + 1}",
                effect=effect,
                topic=topic,
                areas=tuple(sorted(ids[at] for at in chosen)),
                start=int(rng.integers(weeks // 2, max(weeks // 2 + 1, weeks * 2 // 3))),
                factor=factor,
                moved=moved,
                next_areas=tuple(ids[at] for at in beside),
                trust=trust,
            )
        )
    return _rises(ids, neighbours, weeks, free, rng), tuple(interventions)


def _rises(
    ids: list[str], neighbours: list[list[int]], weeks: int, free: list[int], rng: np.random.Generator
) -> tuple[Rise, ...]:
    count = int(np.clip(len(ids) // 12, 2, 12))
    rises = []
    for number in range(count):
        middle = _take(free, len(ids), rng)
        beside = [at for at in neighbours[middle] if at in free]
        if number == 0:  # the newest: wide and strong enough to be found while it goes on
            around, factor = beside[:3], rng.uniform(2.6, 3.2)
            start, end = weeks - min(LASTING_WEEKS, weeks // 3), weeks
        else:
            around, factor = beside[: int(rng.integers(0, 4))], rng.uniform(2.0, 3.2)
            start = int(rng.integers(weeks // 4, weeks * 3 // 4))
            end = min(weeks, start + int(rng.integers(8, 27)))
        areas = tuple(sorted(ids[at] for at in (middle, *around)))
        rises.append(Rise(RISING[number % len(RISING)], areas, start, end, round(float(factor), 2)))
        free = [at for at in free if at not in around]
    return tuple(rises)


def _next(chosen: list[int], neighbours: list[list[int]], rng: np.random.Generator) -> list[int]:
    """One area next to each chosen one, not itself chosen."""
    found: set[int] = set()
    for at in chosen:
        if others := [n for n in neighbours[at] if n not in chosen and n not in found]:
            found.add(others[int(rng.integers(len(others)))])
    return sorted(found)


def _take(free: list[int], count: int, rng: np.random.Generator) -> int:
    """The next free area; where a small city has none left, any."""
    return free.pop() if free else int(rng.integers(count))


def apply(
    fresh: Floats,
    told: Floats,
    *,
    topics: list[str],
    ids: list[str],
    rises: tuple[Rise, ...],
    interventions: tuple[Intervention, ...],
) -> tuple[Floats, Floats]:
    """Let rises and interventions change what happens and what is told.

    Parameters
    ----------
    fresh, told : (T, A, W) float64
        Means of fresh events, and report propensities, without them.
    topics, ids : list of str
        (T,) topics and (A,) areas.
    rises : tuple of Rise
        What goes wrong.
    interventions : tuple of Intervention
        What is done.

    Returns
    -------
    fresh, told : (T, A, W) float64
        With them.
    """
    fresh, told = fresh.copy(), told.copy()
    at = {area: position for position, area in enumerate(ids)}
    for rise in rises:
        where = [at[area] for area in rise.areas]
        fresh[topics.index(rise.topic), where, rise.start : rise.end] *= rise.factor
    for done in interventions:
        topic, where = topics.index(done.topic), [at[area] for area in done.areas]
        before = fresh[topic, where, done.start :].sum(axis=0)
        fresh[topic, where, done.start :] *= done.factor
        told[:, where, done.start :] *= done.trust
        if done.moved and done.next_areas:
            prevented = before - fresh[topic, where, done.start :].sum(axis=0)
            beside = [at[area] for area in done.next_areas]
            fresh[topic, beside, done.start :] += done.moved * prevented / len(beside)
    return fresh, told
