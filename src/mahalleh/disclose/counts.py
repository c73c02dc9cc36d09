"""From panels to the exact counts of the cells that may be published at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from mahalleh.errors import DisclosureError, Faults
from mahalleh.topics import SENSITIVITIES

if TYPE_CHECKING:  # pages that only read totals need not pay for its import
    import xarray as xr

DIMS: Final = ("topic", "area", "period")
DAYS: Final = {"W": (7, 7), "M": (28, 31)}  # fewest and most days of a period


def check(
    panels: Mapping[str, xr.DataArray], *, sensitivity: Mapping[str, str], parents: Mapping[str, str | None]
) -> None:
    """Refuse panels that are no whole counts by topic, area and week or month, or that nobody classed.

    Parameters
    ----------
    panels : mapping of str to xarray.DataArray
        Panels (topic, area, period) by the name of the argument that they were given as.
    sensitivity : mapping of str to str
        How carefully each topic is treated: `open`, `careful` or `sealed`.
    parents : mapping of str to (str or None)
        The district of each area, None where it has none.

    Raises
    ------
    DisclosureError
        With every fault found.
    """
    faults = Faults(DisclosureError)
    for value in sorted({v for v in sensitivity.values() if v not in SENSITIVITIES}):
        faults.add("disclose.bad-sensitivity", given=value, allowed=SENSITIVITIES)
    if not panels:
        faults.add("disclose.no-counts")
    kinds = {str(panel.attrs.get("kind", "need")) for panel in panels.values()}
    if len(kinds) > 1:
        faults.add("disclose.mixed-kinds", given=sorted(kinds))
    for name, panel in panels.items():
        if panel.dims != DIMS:
            faults.add("disclose.bad-dims", name=name, given=panel.dims, allowed=DIMS)
            continue
        if panel.dtype.kind not in "iu":
            faults.add("disclose.bad-dtype", name=name, given=panel.dtype)
        if twice := [dim for dim in DIMS if not panel.indexes[dim].is_unique]:
            faults.add("disclose.label-twice", name=name, given=twice)
        if unclassed := sorted(set(map(str, panel["topic"].values)) - set(sensitivity)):
            faults.add("disclose.no-sensitivity", topics=unclassed)
        if homeless := sorted(set(map(str, panel["area"].values)) - set(parents)):
            faults.add("disclose.unknown-areas", areas=homeless)
        _check_periods(faults, name, panel)
    if (monthly := panels.get("monthly")) is not None and monthly.attrs.get("freq") != "M":
        faults.add("disclose.not-monthly", given=monthly.attrs.get("freq"))
    faults.raise_if_any()


def _check_periods(faults: Faults, name: str, panel: xr.DataArray) -> None:
    freq = panel.attrs.get("freq")
    if freq not in DAYS or "period_end" not in panel.coords:
        faults.add("disclose.bad-freq", name=name, given=freq, allowed=tuple(DAYS))
        return
    start, end = _days(panel, "period"), _days(panel, "period_end")
    length = (end - start).astype(np.int64)
    fewest, most = DAYS[freq]
    wrong = (length < fewest) | (length > most)
    if wrong.any() or (start[1:] < end[:-1]).any():
        faults.add("disclose.bad-periods", name=name, freq=freq, days=sorted(set(length[wrong].tolist())))


def open_counts(panel: xr.DataArray, *, topics: list[str]) -> pl.DataFrame:
    """Lay out the counts of open topics, by area and the panel's period.

    Parameters
    ----------
    panel : xarray.DataArray
        Counts (topic, area, period).
    topics : list of str
        Those to take.

    Returns
    -------
    polars.DataFrame
        Columns as `district_counts`, level `area`.
    """
    return _long(panel, topics=topics, places=[str(a) for a in panel["area"].values], level="area")


def district_counts(
    panel: xr.DataArray, *, topics: list[str], parents: Mapping[str, str | None]
) -> pl.DataFrame:
    """Add the counts of careful topics up by district, period by period.

    Parameters
    ----------
    panel : xarray.DataArray
        Counts (topic, area, period), by month.
    topics : list of str
        Those to take.
    parents : mapping of str to (str or None)
        The district of each area; areas of none are left out.

    Returns
    -------
    polars.DataFrame
        Columns topic, level (`district`), place, start, end (the day after the last), freq, kind, exact
        (Int64).
    """
    import xarray as xr

    homes = [parents[str(area)] for area in panel["area"].values]
    districts = sorted({home for home in homes if home is not None})
    belongs = np.array([[home == district for home in homes] for district in districts], dtype=np.int64)
    values = np.asarray(panel.sel(topic=topics).values, dtype=np.int64)
    summed = np.einsum("da,tap->tdp", belongs.reshape(len(districts), len(homes)), values)
    by_district = xr.DataArray(
        summed,
        dims=DIMS,
        coords={
            "topic": topics,
            "area": districts,
            "period": panel["period"].values,
            "period_end": ("period", panel["period_end"].values),
        },
        attrs=dict(panel.attrs),
    )
    return _long(by_district, topics=topics, places=districts, level="district")


def _long(panel: xr.DataArray, *, topics: list[str], places: list[str], level: str) -> pl.DataFrame:
    values = np.asarray(panel.sel(topic=topics).values, dtype=np.int64)
    periods = panel.sizes["period"]
    start, end = _days(panel, "period"), _days(panel, "period_end")
    cells = len(topics) * len(places)
    columns = [
        pl.Series("topic", topics, dtype=pl.String).gather(
            np.repeat(np.arange(len(topics)), len(places) * periods)
        ),
        pl.Series("place", places, dtype=pl.String).gather(
            np.tile(np.repeat(np.arange(len(places)), periods), len(topics))
        ),
        pl.Series("start", np.tile(start, cells)).cast(pl.Date),
        pl.Series("end", np.tile(end, cells)).cast(pl.Date),
        pl.Series("exact", values.reshape(-1), dtype=pl.Int64),
    ]
    fixed = {"level": level, "freq": panel.attrs["freq"], "kind": str(panel.attrs.get("kind", "need"))}
    return pl.DataFrame(columns).select(
        "topic",
        pl.lit(fixed["level"]).alias("level"),
        "place",
        "start",
        "end",
        pl.lit(fixed["freq"]).alias("freq"),
        pl.lit(fixed["kind"]).alias("kind"),
        "exact",
    )


def _days(panel: xr.DataArray, coordinate: str) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    days: np.ndarray[tuple[int], np.dtype[np.datetime64]] = panel[coordinate].values.astype("datetime64[D]")
    return days
