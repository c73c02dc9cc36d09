"""Small panels to publish."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from tests.days import WEEK

AREAS = ("a1", "a2", "a3", "b1", "b2", "c1")
PARENTS = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B", "c1": None}
SENSITIVITY = {"noise": "open", "litter": "open", "family": "careful", "harm": "sealed"}


def weeks_from(start: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    first = np.datetime64(start) + WEEK * np.arange(count)
    return first.astype("datetime64[ns]"), (first + WEEK).astype("datetime64[ns]")


def months_from(start: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    months = np.datetime64(start, "M") + np.timedelta64(1, "M") * np.arange(count + 1)
    days = months.astype("datetime64[D]").astype("datetime64[ns]")
    return days[:-1], days[1:]


def make_panel(
    values: np.ndarray,
    *,
    topics: tuple[str, ...] = ("noise",),
    areas: tuple[str, ...] = AREAS,
    freq: str = "W",
    start: str | None = None,
    kind: str = "need",
) -> xr.DataArray:
    """A panel as `mahalleh.panel.panel` gives: values (topic, area, period)."""
    begin, end = (
        weeks_from(start or "2024-01-06", values.shape[2])
        if freq == "W"
        else months_from(start or "2024-01", values.shape[2])
    )
    return xr.DataArray(
        values,
        dims=("topic", "area", "period"),
        coords={
            "topic": list(topics),
            "area": list(areas),
            "period": begin,
            "period_end": ("period", end),
        },
        attrs={"freq": freq, "kind": kind},
    )


@pytest.fixture(scope="session")
def weekly() -> xr.DataArray:
    """Poisson(9) counts of noise and litter in six areas and 20 weeks."""
    values = np.random.default_rng(1).poisson(9, (2, 6, 20)).astype(np.int64)
    return make_panel(values, topics=("noise", "litter"))


@pytest.fixture(scope="session")
def monthly() -> xr.DataArray:
    """Poisson(20) counts of all four topics by month."""
    values = np.random.default_rng(2).poisson(20, (4, 6, 6)).astype(np.int64)
    return make_panel(values, topics=("noise", "litter", "family", "harm"), freq="M")


@pytest.fixture(scope="session")
def settings() -> dict[str, object]:
    return {"epsilon": 1.0, "threshold": 5, "sensitivity": SENSITIVITY, "parents": PARENTS}


Maker = Callable[..., xr.DataArray]
