"""The one schema of everything that is counted, and the door that keeps to it."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from mahalleh.errors import EventsError, Faults
from mahalleh.topics import KINDS

CELL_RESOLUTION: Final = 9  # hexagons of a tenth of a square kilometre: a few streets, hundreds of homes
RESOLUTIONS: Final = ("minute", "day", "month")  # finest first

SCHEMA: Final = pl.Schema(
    {
        "time": pl.Datetime("us"),  # local wall time; the start of its day or month where that is all we know
        "resolution": pl.Enum(RESOLUTIONS),
        "recorded": pl.Date(),  # the day by which it was known; of a month its last day
        "area": pl.String(),
        "cell": pl.UInt64(),  # H3 at CELL_RESOLUTION; null where only the area is known
        "topic": pl.String(),
        "source": pl.String(),
        "kind": pl.Enum(KINDS),
        "n": pl.Int32(),  # negative: a correction of what was counted before
    }
)


def check_events(frame: pl.DataFrame) -> pl.DataFrame:
    """Check a frame, and bring it into the schema's order and types.

    Parameters
    ----------
    frame : polars.DataFrame
        The columns of `SCHEMA`, in any order, of types that can be cast without loss.

    Returns
    -------
    polars.DataFrame
        The same rows in `SCHEMA`.

    Raises
    ------
    EventsError
        With every fault: extra or missing columns, wrong types, empty values, n = 0, recorded before it
        happened, cells finer or coarser than allowed.
    """
    faults = Faults(EventsError)
    allowed = list(SCHEMA)
    if extra := [column for column in frame.columns if column not in SCHEMA]:
        faults.add("events.extra-column", given=extra, allowed=allowed)
    if missing := [column for column in SCHEMA if column not in frame.columns]:
        faults.add("events.no-column", given=missing, allowed=allowed)
    faults.raise_if_any()
    for column, wanted in SCHEMA.items():
        given = frame.schema[column]
        if given != wanted and not _castable(given, wanted):
            faults.add("events.bad-type", column=column, given=given, allowed=wanted)
    faults.raise_if_any()
    try:
        frame = frame.select(allowed).cast(SCHEMA)
    except pl.exceptions.PolarsError as error:
        raise EventsError(
            "events.bad-type", column="*", given=str(error).split("\n")[0], allowed="SCHEMA"
        ) from error
    nulls = frame.null_count().row(0, named=True)
    for column in allowed:
        if column != "cell" and nulls[column]:
            faults.add("events.empty-value", column=column, count=nulls[column])
    cell = pl.col("cell")
    mode, resolution = (cell // 2**59) % 16, (cell // 2**52) % 16  # bit fields of an H3 index
    wrong = frame.select(
        zero=(pl.col("n") == 0).sum(),
        early=(pl.col("recorded") < pl.col("time").dt.date()).sum(),
        cell=((mode != 1) | (resolution != CELL_RESOLUTION)).sum(),
        area=(pl.col("area") == "").sum(),
    ).row(0, named=True)
    if wrong["area"]:
        faults.add("events.empty-value", column="area", count=wrong["area"])
    if wrong["zero"]:
        faults.add("events.zero", count=wrong["zero"])
    if wrong["early"]:
        faults.add("events.known-too-early", count=wrong["early"])
    if wrong["cell"]:
        faults.add("events.bad-cell", count=wrong["cell"], allowed=CELL_RESOLUTION)
    faults.raise_if_any()
    return frame


def _castable(given: Any, wanted: Any) -> bool:
    texts = (pl.String, pl.Categorical, pl.Enum)
    if wanted.is_integer():
        return bool(given.is_integer())
    if isinstance(wanted, texts):
        return isinstance(given, texts)
    return isinstance(wanted, pl.Datetime) and isinstance(given, pl.Datetime) and given.time_zone is None
