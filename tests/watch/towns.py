"""Small towns of all sorts, for the tests of the scan."""

from __future__ import annotations

import numpy as np

from mahalleh.watch import Baseline

CONDITIONAL_MODELS = ("poisson", "permutation")
MODELS = [*CONDITIONAL_MODELS, "expectation", "negative-binomial"]


def town(seed, areas, periods, *, level=2.0):
    """Coordinates, means, counts, and the generator that made them."""
    rng = np.random.default_rng(seed)
    xy = np.round(rng.random((areas, 2)) * 4)  # on a grid, so that distances tie and areas coincide
    mean = level * rng.lognormal(0, 0.7, (areas, 1)) * np.ones((1, periods))
    return xy, mean, rng.poisson(mean), rng


def town_for(model, seed, areas, periods, *, level=2.0):
    """Coordinates, counts, people and what the model wants to be expected."""
    xy, mean, counts, rng = town(seed, areas, periods, level=level)
    people = mean[:, 0] * 100
    expected = None
    if model == "expectation":
        expected = mean
    if model == "negative-binomial":
        shape = (areas, periods)
        dispersion = rng.uniform(1, 3, shape)
        expected = Baseline(
            mean, dispersion, rng.normal(0, 0.2, (*shape, 2)), rng.normal(0, 0.1, (periods, 1))
        )
    return xy, counts, people, expected


def ground(kind, areas, rng):
    """Where areas may lie: at random, on a grid, on few places, crowded far from one that is alone."""
    if kind == "random":
        return rng.normal(size=(areas, 2)) * 1000
    if kind == "grid":
        return np.stack(np.divmod(np.arange(areas), 7), axis=1) * [1.0, 1 / 3] + 4e6
    if kind == "places":
        return np.round(rng.random((areas, 2)) * 4)
    return np.concatenate([rng.random((areas - 1, 2)), [[1e4, -1e4]]])


def grid_pairs(rows, columns):
    """Neighbours on a grid whose positions go row by row."""
    at = np.arange(rows * columns).reshape(rows, columns)
    across = np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()], axis=1)
    down = np.stack([at[:-1].ravel(), at[1:].ravel()], axis=1)
    return np.concatenate([across, down]).astype(np.int32)


def grid_places(rows, columns):
    """Their coordinates."""
    return np.stack(np.divmod(np.arange(rows * columns), columns), axis=1).astype(float)
