"""What the constants of expected counts move: each halved and doubled, on data whose truth is known.

Data sets without a rise: the five kinds of `calibration` (100 areas, 104 weeks), a city that falls to four
tenths in its last six weeks, areas beside a rise, half-length histories, and the invented city (48 areas, 156
weeks), whose events set off others and whose past holds rises. `error`: root mean square of the log of an
area's expected over its true mean, summed over the newest eight weeks. `tail`: share of areas whose count of
these weeks lies above the predictive's 95% quantile; nominal 5%.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from unittest import mock

import numpy as np

from benchmarks import calibration
from benchmarks._kept import kept
from benchmarks._timing import row

GUARD: Final = 8
SETS: Final = 8  # of each kind
CITIES: Final = 3
TOPICS: Final = ("noise", "burglary", "litter", "public-drug-use")
FALL: Final = (6, 0.4)  # weeks, and what is left
RISE: Final = (15, 6, 2.5)  # areas, weeks, times; the others are measured
SHORT: Final = 52  # weeks of a half-length history
BEATEN: Final = 0.95  # times the error as it is: a value with so little were the better one ...
FAR: Final = 0.005  # ... unless its tail lay so much farther from 5%

HISTORIES: Final = (52, 104, 156, 208, 261, 364)  # weeks before the guard
WANDER: Final = 0.02  # of an area's level, a week

# constant -> values instead
INSTEAD: Final[dict[str, tuple[Any, ...]]] = {
    "LEAST_PERIODS": (6, 24),
    "SEASON_YEARS": (0.75, 3.0),
    "CITY_LEVEL": (5.0, 20.0),
    "CITY_TREND": (0.15, 0.6),
    "CITY_SEASON": (0.35, 1.4),
    "CITY_FEAST": (0.2, 0.8),
    "AREA_LEVEL": (0.25, 1.0),
    "AREA_REST": (0.075, 0.3),
    "LEAST_LEVEL": (0.025, 0.1),
    "LEAST_REST": (0.005, 0.02),
    "CITY_DRIFT": (0.05, 0.2),
    "CITY_WEEK": (0.025, 0.1),
    "PAST_RISE": (1e-3, 1e-6),
    "SUSPECT": (1.0, 3.0),
    "RISE_LENGTHS": ((1,), (1, 2, 4, 8, 16)),
    "SHORT_RUN": (2, 8),
    "LONG_RUN": (13, 52),
    "TRIMMED": (1.0, 4.0),
    "ROUNDS": (2, 6),
    "LEAST": (1e-9, 1e-4),
}


def data() -> Iterator[tuple[str, Any, Any, Any, str | None]]:
    """Kind, panel of one topic, places or None, true means (A, GUARD) of the newest weeks, calendar."""
    from mahalleh.simulate import simulate_city

    _, people = calibration.ground()
    flat = calibration.RATE * people[:, None] * np.ones((1, calibration.WEEKS))
    for number in range(SETS):
        for kind in calibration.KINDS:
            seed = [number, list(calibration.KINDS).index(kind)]  # that of `calibration.counts`
            truth = calibration.means(kind, np.random.default_rng(seed))[:, -GUARD:]
            yield kind, calibration.panel(calibration.counts(kind, number)), None, truth, None
        rng = np.random.default_rng([number, 99])
        fallen = flat * np.where(np.arange(calibration.WEEKS) >= calibration.WEEKS - FALL[0], FALL[1], 1.0)
        yield "a city that falls", calibration.panel(rng.poisson(fallen)), None, fallen[:, -GUARD:], None
        risen = flat.copy()
        risen[: RISE[0], -RISE[1] :] *= RISE[2]
        others = flat[:, -GUARD:].copy()
        others[: RISE[0]] = np.nan
        yield "beside a rise", calibration.panel(rng.poisson(risen)), None, others, None
        short = calibration.panel(rng.poisson(flat)).isel(period=slice(-SHORT, None))
        yield "half a history", short, None, flat[:, -GUARD:], None
    for seed in range(CITIES):
        city = simulate_city(seed, areas=48, weeks=156)
        for topic in TOPICS:
            rising = [rise for rise in city.truth.rises if rise.topic == topic and rise.end > 156 - GUARD]
            done = [one for one in city.truth.interventions if one.topic == topic or one.trust != 1.0]
            hit = {area for one in [*rising, *done] for area in (*one.areas, *getattr(one, "next_areas", ()))}
            truth = city.truth.expected.sel(topic=topic) * city.truth.propensity.sel(topic=topic)
            truth = truth.to_numpy()[:, -GUARD:].copy()
            truth[[area in hit for area in city.places.index]] = np.nan
            yield "the invented city", city.truth.reported.sel(topic=[topic]), city.places, truth, "iran"


def measured(name: str, value: Any) -> dict[str, list[float]]:
    """Error and tail by kind with one constant changed; of the whole, under `all`."""
    from mahalleh.watch import expected, usual

    found: dict[str, list[list[float]]] = {}
    patch = {"LEAST": expected.LEAST} if name == "as it is" else {name: value}
    with mock.patch.multiple(expected, **patch), mock.patch.object(usual, "DRAWS", 400):
        for kind, panel, places, truth, calendar in data():
            base = expected.expected_counts(panel, places, calendar=calendar, guard=GUARD).of(
                panel["topic"].to_numpy()[0]
            )
            known = np.isfinite(truth).all(axis=1)
            mean = base.mean[:, -GUARD:].sum(axis=1)
            rows = np.arange(len(mean))
            drawn = usual.usual_counts(base, rows, GUARD, seed=1).sum(axis=2)
            seen = panel.to_numpy()[0, :, -GUARD:].sum(axis=1)
            above = (drawn >= seen).mean(axis=0)
            equal = (drawn == seen).mean(axis=0)
            tail = np.clip((0.05 - (above - equal)) / np.maximum(equal, 1e-9), 0, 1)  # a count is a step
            error = np.log(mean[known] / truth.sum(axis=1)[known]) ** 2
            for part in (kind, "all"):
                found.setdefault(part, []).append([float(error.mean()), float(tail[known].mean())])
    return {
        kind: [float(np.sqrt(np.mean([e for e, _ in each]))), float(np.mean([t for _, t in each]))]
        for kind, each in found.items()
    }


def history(weeks: int, *, wander: float) -> float:
    """The error where areas have seasons of their own and levels that `wander`, by weeks of history."""
    from mahalleh.watch import expected_counts

    _, people = calibration.ground()
    length = HISTORIES[-1] + GUARD
    errors = []
    for number in range(SETS):
        rng = np.random.default_rng([number, weeks])
        phase, height = rng.uniform(0, 2 * np.pi, (len(people), 1)), rng.uniform(0.1, 0.5, (len(people), 1))
        level = np.cumsum(rng.normal(0, wander, (len(people), length)), axis=1)
        season = height * np.sin(2 * np.pi * np.arange(length) / calibration.YEAR + phase)
        mean = (calibration.RATE * people[:, None] * np.exp(level + season))[:, -weeks - GUARD :]
        counts = calibration.panel(rng.poisson(rng.gamma(mean / 0.5, 0.5)))
        found = expected_counts(counts, guard=GUARD).of("x").mean
        errors.append(np.log(found[:, -GUARD:].sum(axis=1) / mean[:, -GUARD:].sum(axis=1)) ** 2)
    return float(np.sqrt(np.mean(errors)))


def run() -> list[dict[str, Any]]:
    """Each constant against what is, on the same data."""
    as_it_is = kept("constants-as-it-is", partial(measured, "as it is", None))
    error, tail = as_it_is["all"]
    rows = []
    for wander, name in ((0.0, "levels that stay"), (WANDER, "levels that wander")):
        told = [
            kept(f"constants-history-{weeks}-{wander}", partial(history, weeks, wander=wander))
            for weeks in HISTORIES
        ]
        five = told[HISTORIES.index(261)]
        figure = ", ".join(f"{weeks}: {error:.3f}" for weeks, error in zip(HISTORIES, told, strict=True))
        rows.append(
            row(
                f"error by weeks of history, {name}",
                figure,
                "261 within a tenth of 364, or better than 156",
                holds=five < 1.1 * told[-1] or five < told[2],
            )
        )
    for name, values in INSTEAD.items():
        told, beaten = [], False
        for value in values:
            got = kept(f"constants-{name}-{value}", partial(measured, name, value))
            told.append(f"{value}: error {got['all'][0] / error:.3f} times, tail {got['all'][1]:.2%}")
            beaten |= got["all"][0] < BEATEN * error and abs(got["all"][1] - 0.05) < abs(tail - 0.05) + FAR
        rows.append(
            row(
                f"{name} instead of its value",
                "; ".join(told),
                f"as it is: error {error:.3f}, tail {tail:.2%}; not beaten",
                holds=not beaten,
            )
        )
    return rows
