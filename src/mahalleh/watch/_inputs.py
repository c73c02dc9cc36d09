"""What a scan is given, checked: every fault found is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mahalleh.errors import Faults, WatchError
from mahalleh.watch.results import Baseline

if TYPE_CHECKING:  # an import of half a second that plain arrays do without
    import geopandas as gpd

Floats: TypeAlias = NDArray[np.float64]

MODELS: Final = ("poisson", "permutation", "expectation", "negative-binomial")
SHAPES: Final = ("circles", "connected")
SECONDARY: Final = ("no-overlap", "none")
STATISTICS: Final = ("ratio", "score")


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Where the areas lie. `coordinates` (A, 2) planar; `pairs` (m, 2) neighbouring positions, or None."""

    coordinates: Floats
    pairs: NDArray[np.int32] | None


def read_counts(cases: Any) -> tuple[NDArray[np.int64], tuple[Any, ...]]:
    """Counts (A, P) as int64 and the areas' labels, of an array or of a DataArray (area, period).

    Raises:
        WatchError: `watch.not-two-dims`, `watch.missing-periods`, `watch.not-counts`, `watch.negative`.
    """
    labels: tuple[Any, ...] | None = None
    if hasattr(cases, "dims"):
        if set(cases.dims) != {"area", "period"}:
            raise WatchError("watch.not-two-dims", given=tuple(cases.dims))
        cases = cases.transpose("area", "period")
        labels = tuple(cases.coords["area"].values.tolist()) if "area" in cases.coords else None
        _check_periods(cases)
        cases = cases.values
    values = np.asarray(cases)
    if values.ndim != 2 or 0 in values.shape:
        raise WatchError("watch.not-two-dims", given=values.shape)
    labels = labels or tuple(range(len(values)))
    if values.dtype.kind not in "iub" and not (
        values.dtype.kind == "f" and np.isfinite(values).all() and (values == np.round(values)).all()
    ):
        raise WatchError("watch.not-counts", areas=_where(~_whole(values), labels))
    if (values < 0).any():
        raise WatchError("watch.negative", areas=_where(values < 0, labels))
    return np.ascontiguousarray(values, dtype=np.int64), labels


def read_ground(
    places: gpd.GeoDataFrame | None, coordinates: ArrayLike | None, labels: tuple[Any, ...], *, zones: str
) -> Ground:
    """Coordinates in the order of the counts, and neighbours where the zones need them.

    Raises:
        WatchError: `watch.where`, `watch.other-areas`, `watch.bad-coordinates`, `watch.no-borders`.
    """
    if (places is None) == (coordinates is None):
        raise WatchError("watch.where")
    pairs = None
    if places is not None:
        import shapely

        from mahalleh.places import adjacency, in_metres

        if labels != tuple(range(len(places))):
            if set(labels) != set(places.index):
                raise WatchError("watch.other-areas", areas=sorted(set(labels) ^ set(places.index), key=str))
            places = places.loc[list(labels)]
        xy = shapely.get_coordinates(shapely.centroid(in_metres(places)))
        pairs = adjacency(places) if zones == "connected" else None
    else:
        xy = np.asarray(coordinates, dtype=np.float64)
        if zones == "connected":
            raise WatchError("watch.no-borders")
    if xy.shape != (len(labels), 2) or not np.isfinite(xy).all():
        raise WatchError("watch.bad-coordinates", given=xy.shape, wanted=(len(labels), 2))
    return Ground(np.ascontiguousarray(xy), pairs)


def read_population(
    population: ArrayLike | None,
    places: gpd.GeoDataFrame | None,
    counts: NDArray[np.int64],
    labels: tuple[Any, ...],
) -> Floats | None:
    """Population (A,) or (A, P); that of the places where none is given; None where there is none at all.

    Raises:
        WatchError: `watch.bad-population`, `watch.cases-without-population`.
    """
    if population is None:
        if places is None or not np.isfinite(places["population"].to_numpy(dtype=np.float64)).all():
            return None
        frame = places if labels == tuple(range(len(places))) else places.loc[list(labels)]
        population = frame["population"].to_numpy(dtype=np.float64)
    values = np.asarray(population, dtype=np.float64)
    if values.shape not in ((len(counts),), counts.shape):
        raise WatchError("watch.bad-population", areas=[], given=values.shape)
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        raise WatchError("watch.bad-population", areas=_where(_rows(wrong), labels), given=values.shape)
    people = values if values.ndim == 2 else np.broadcast_to(values[:, None], counts.shape)
    empty = (people <= 0) & (counts > 0)
    if empty.any():
        raise WatchError("watch.cases-without-population", areas=_where(empty, labels))
    return values


def read_mean(expected: Any, counts: NDArray[np.int64], labels: tuple[Any, ...]) -> Floats:
    """Expected counts (A, P) of an array, a DataArray or a Baseline.

    Raises:
        WatchError: `watch.bad-expected`, `watch.cases-without-expected`.
    """
    if isinstance(expected, Baseline):
        expected = expected.mean
    elif hasattr(expected, "dims"):
        expected = expected.transpose("area", "period").values
    mean = np.asarray(expected, dtype=np.float64)
    if mean.shape != counts.shape or not np.isfinite(mean).all() or (mean < 0).any():
        wrong = ~(np.isfinite(mean) & (mean >= 0)) if mean.shape == counts.shape else np.zeros((0, 1), bool)
        raise WatchError(
            "watch.bad-expected", given=mean.shape, wanted=counts.shape, areas=_where(wrong, labels)
        )
    impossible = (mean <= 0) & (counts > 0)
    if impossible.any():
        raise WatchError("watch.cases-without-expected", areas=_where(impossible, labels))
    return mean


def check_baseline(baseline: Any, shape: tuple[int, int]) -> Baseline:
    """A baseline whose parts fit the counts.

    Raises:
        WatchError: `watch.no-baseline`, `watch.bad-baseline`.
    """
    if not isinstance(baseline, Baseline):
        raise WatchError("watch.no-baseline")
    fits = (
        baseline.mean.shape == shape
        and baseline.dispersion.shape == shape
        and baseline.spread.shape[:2] == shape
        and baseline.shared.shape[:1] == shape[1:]
    )
    parts = (baseline.mean, baseline.dispersion, baseline.spread, baseline.shared)
    if not (fits and all(np.isfinite(part).all() for part in parts) and (baseline.dispersion >= 1).all()):
        raise WatchError("watch.bad-baseline", wanted=shape)
    return baseline


def check_options(
    *,
    model: str,
    zones: str,
    secondary: str,
    statistic: str,
    max_periods: int,
    periods: int,
    max_population: float,
    max_areas: int | None,
    max_radius: float | None,
    replicates: int,
    min_cases: int,
    seed: int,
    threads: int | None,
) -> None:
    """Refuse settings that mean nothing, all at once.

    Raises:
        WatchError: `watch.bad-choice`, `watch.bad-setting`.
    """
    faults = Faults(WatchError)
    choices = (
        ("model", model, MODELS),
        ("zones", zones, SHAPES),
        ("secondary", secondary, SECONDARY),
        ("statistic", statistic, STATISTICS),
    )
    for key, given, allowed in choices:
        if given not in allowed:
            faults.add("watch.bad-choice", key=key, given=given, allowed=allowed)
    if statistic == "score" and model in ("poisson", "permutation"):
        faults.add("watch.bad-choice", key="statistic", given=statistic, allowed=("ratio",))
    limits: tuple[tuple[str, float | None, float, float], ...] = (
        ("max_periods", max_periods, 1, periods),
        ("max_population", max_population, 1e-12, 1),
        ("max_areas", max_areas, 1, np.inf),
        ("max_radius", max_radius, 0, np.inf),
        ("replicates", replicates, 1, 10_000_000),
        ("min_cases", min_cases, 1, np.inf),
        ("seed", seed, 0, 2**64 - 1),
        ("threads", threads, 1, 1024),
    )
    for key, value, low, high in limits:
        if value is not None and not low <= value <= high:  # NaN is outside too
            faults.add("watch.bad-setting", key=key, given=value, low=low, high=high)
    faults.raise_if_any()


def _check_periods(cases: Any) -> None:
    """A week left out would be taken for no time at all."""
    if "period" not in cases.coords or "period_end" not in cases.coords:
        return
    start, end = cases["period"].values, cases["period_end"].values
    gaps = np.flatnonzero(start[1:] != end[:-1])
    if gaps.size:
        raise WatchError("watch.missing-periods", after=[str(end[i])[:10] for i in gaps])


def _whole(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype.kind != "f":
        return np.zeros(values.shape, dtype=bool)
    return np.asarray(np.isfinite(values) & (values == np.round(values)))


def _rows(wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return wrong if wrong.ndim == 2 else wrong[:, None]


def _where(wrong: NDArray[np.bool_], labels: tuple[Any, ...]) -> list[Any]:
    """The labels of areas with anything wrong."""
    return [labels[i] for i in np.flatnonzero(wrong.any(axis=1))]
