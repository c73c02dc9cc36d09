"""Survey answers of the invented city, as counts by item and option: nobody's own answers exist."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

# Invented, of the size of municipal surveys; they move how sure survey estimates can be.
EVERY_WEEKS: Final = 26  # twice a year
ASKED: Final = 60  # people a wave and area, on average
# share of residents and of answers: older women answer more often than they are many, young men less
STRATA: Final = (
    ("women-18-34", 0.19, 0.15),
    ("women-35-up", 0.31, 0.37),
    ("men-18-34", 0.20, 0.13),
    ("men-35-up", 0.30, 0.35),
)
# item, what moves it, shift of its mean
ITEMS: Final = (
    ("safe-after-dark", "safety", 0.0),
    ("safe-in-park", "safety", 0.2),
    ("police-treat-fairly", "trust", 0.0),
    ("police-understand", "trust", -0.2),
    ("would-report", "trust", 0.3),
)
OPTIONS: Final = 5  # of the standard items
WOMEN_AFTER_DARK: Final = -0.35  # how much less safe women feel, on the answer's scale
CUTS: Final = np.array([1.5, 2.5, 3.5, 4.5])  # between options 1 to 5
SD: Final = 1.0  # of a person's answer round the area's mean

Floats = npt.NDArray[np.float64]


def waves(weeks: int) -> list[int]:
    """Choose the weeks in whose midst a wave is asked; a short city has one, at its end.

    Parameters
    ----------
    weeks : int
        How many there are.

    Returns
    -------
    list of int
        Positions of weeks.

    Examples
    --------
    >>> waves(60), waves(12)
    ([25, 51], [11])
    """
    return list(range(min(EVERY_WEEKS, weeks) - 1, weeks, EVERY_WEEKS))


def feelings(street: Floats, told: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw the mean safety and trust of each area and wave.

    Fewer events and more telling go with better answers, with noise.

    Parameters
    ----------
    street : (A, V) float64
        Events a resident in the half year before, of the topics that people fear outdoors.
    told : (A, V) float64
        Report propensity.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    safety, trust : (A, V) float64
        On the answer's scale, 1 to 5.
    """
    fear = (np.log(street) - np.log(street).mean()) / max(float(np.log(street).std()), 1e-9)
    logit = np.log(told / (1.0 - told))
    faith = (logit - logit.mean()) / max(float(logit.std()), 1e-9)
    safety = 3.1 - 0.35 * fear + rng.normal(0.0, 0.12, street.shape)
    trust = 3.0 + 0.35 * faith + rng.normal(0.0, 0.12, told.shape)
    return safety, trust


def ask(
    safety: Floats,
    trust: Floats,
    *,
    areas: list[str],
    population: Floats,
    days: list[date],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Ask people of every area and wave.

    Parameters
    ----------
    safety, trust : (A, V) float64
        Means, on the answer's scale.
    areas : (A,) list of str
        Ids.
    population : (A,) float64
        Residents.
    days : (V,) list of datetime.date
        When each wave was asked.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    polars.DataFrame
        As `City.survey`.
    """
    count, wave_count = safety.shape
    names = [name for name, _, _ in STRATA]
    people = np.array([share for _, share, _ in STRATA])
    answering = np.array([share for _, _, share in STRATA])
    women = np.array([name.startswith("women") for name in names])
    asked = np.maximum(rng.poisson(ASKED * answering, (wave_count, count, len(names))), 1)
    weight = population[None, :, None] * people / asked
    tables = []
    for item, moved_by, shift in ITEMS:
        mean = (safety if moved_by == "safety" else trust).T[:, :, None] + shift
        mean = mean + np.where(women & (moved_by == "safety"), WOMEN_AFTER_DARK, 0.0)
        answers = rng.multinomial(asked, _chances(mean))
        wave, area, stratum, option = (axis.ravel() for axis in np.indices(answers.shape))
        tables.append(
            pl.DataFrame(
                {
                    "wave": (wave + 1).astype(np.int32),
                    "month": pl.Series([day.replace(day=1) for day in days], dtype=pl.Date).gather(wave),
                    "area": pl.Series(areas, dtype=pl.String).gather(area),
                    "stratum": pl.Series(names, dtype=pl.String).gather(stratum),
                    "item": item,
                    "option": (option + 1).astype(np.int8),
                    "n": answers.ravel().astype(np.int32),
                    "weight": np.repeat(weight.ravel(), OPTIONS),
                }
            )
        )
    return pl.concat(tables)


def wave_days(start: date, weeks: int) -> list[date]:
    """Tell the first day of each wave's week.

    Parameters
    ----------
    start : datetime.date
        The city's first day.
    weeks : int
        How many there are.

    Returns
    -------
    list of datetime.date
        One a wave.
    """
    return [start + timedelta(weeks=week) for week in waves(weeks)]


def _chances(mean: Floats) -> Floats:
    """Chance of each option (..., 5): a logistic answer round the mean, cut to whole options."""
    below = 1.0 / (1.0 + np.exp(-(CUTS - mean[..., None]) * np.pi / np.sqrt(3.0) / SD))
    edges = np.concatenate([np.zeros_like(below[..., :1]), below, np.ones_like(below[..., :1])], axis=-1)
    return np.asarray(np.diff(edges, axis=-1))
