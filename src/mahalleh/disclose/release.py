"""One release: exact counts in, frozen noisy cells out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from mahalleh.disclose import counts as exact_counts
from mahalleh.disclose.noise import check_epsilon, draw
from mahalleh.disclose.tables import HIDDEN, KEY, LEDGER, Release, cells_of, checked_ledger, empty_ledger
from mahalleh.disclose.totals import check_threshold
from mahalleh.errors import DisclosureError, Faults

if TYPE_CHECKING:
    import xarray as xr


def release(
    counts: xr.DataArray | None,
    *,
    epsilon: float,
    threshold: int,
    sensitivity: Mapping[str, str],
    parents: Mapping[str, str | None],
    monthly: xr.DataArray | None = None,
    ledger: pl.DataFrame | None = None,
    revise: bool = False,
    unknown: Mapping[str, Collection[date]] | None = None,
) -> Release:
    """Draw what the public may see of exact counts.

    Parameters
    ----------
    counts : xarray.DataArray or None
        Integers (topic, area, period), as `mahalleh.panel.panel` gives, weeks or months: open topics are
        published from it, by area and its period.
    epsilon : float
        How well each event is protected: the smaller the better; above 0, at most 10.
    threshold : int
        Cells whose noisy value is below it are marked `small`: pages say “fewer than”.
    sensitivity : mapping of str to str
        `open`, `careful` or `sealed`, for every topic of the panels.
    parents : mapping of str to (str or None)
        The district of every area, None where it has none.
    monthly : xarray.DataArray, optional
        The same counts by month: careful topics are published from it, added up by district; not needed where
        `counts` is by month itself.
    ledger : polars.DataFrame, optional
        That of the release before; without it every cell is drawn anew, so whoever loses the ledger loses the
        promise.
    revise : bool
        Whether what came since a cell was drawn is published too.
    unknown : mapping of str to collection of datetime.date, optional
        By topic the first days of periods of which a source told nothing (`mahalleh.coverage`): their cells
        have no value, and nothing is drawn for them until their files have come.

    Returns
    -------
    Release
        The cells of these panels alone; its ledger has every draw ever made.

    Raises
    ------
    DisclosureError
        With every fault found; nothing is drawn then.

    Notes
    -----
    Open topics in `monthly` and careful ones in a weekly `counts` are passed over, so the same topics may
    stand in both. Sealed topics are passed over everywhere: they reach neither cells nor ledger.

    A cell in the ledger keeps its noisy value whatever its exact count is now. With `revise`, what came since
    (late events and corrections) is added to every cell of the panels by a draw of its own, so that each
    event is counted under one draw. Cells without news get one too: a revision of changed cells alone would
    tell, by their wider half-widths, where something had changed.
    """
    check_epsilon(epsilon)
    check_threshold(threshold)
    before = empty_ledger() if ledger is None else checked_ledger(ledger)
    panels = {name: panel for name, panel in (("counts", counts), ("monthly", monthly)) if panel is not None}
    exact_counts.check(panels, sensitivity=sensitivity, parents=parents)
    now, withheld = _exact(panels, sensitivity=sensitivity, parents=parents)
    now, untold = _told(now, unknown or {})
    drawn = before.join(now.select(KEY), on=KEY, how="semi")
    _check_once(now, before)
    after = pl.concat([before, _draws(now, drawn, epsilon=float(epsilon), revise=revise)])
    mine = after.join(now.select(KEY), on=KEY, how="semi")
    cells = pl.concat([cells_of(mine, threshold=threshold), untold]).sort(KEY)
    return Release(cells=cells, ledger=after, withheld=withheld, waiting=_waiting(now, mine))


def _waiting(now: pl.DataFrame, mine: pl.DataFrame) -> int:
    """By how many events cells differ from what their draws counted."""
    counted = mine.group_by(KEY).agg(pl.col("counted").sum())
    both = now.join(counted, on=KEY)
    return int((both["exact"] - both["counted"]).abs().sum())


def _told(now: pl.DataFrame, unknown: Mapping[str, Collection[date]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells that may be drawn, and those of periods that nobody told of, as `Release.cells`."""
    pairs = [(topic, start) for topic, starts in unknown.items() for start in starts]
    periods = pl.DataFrame(pairs, schema={"topic": pl.String, "start": pl.Date}, orient="row")
    untold = now.join(periods, on=["topic", "start"], how="semi").select(
        *KEY,
        "end",
        "freq",
        pl.lit(None, dtype=pl.Int64).alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("half_width"),
        pl.lit("unknown").cast(HIDDEN).alias("hidden"),
        pl.lit(None, dtype=pl.Float64).alias("epsilon"),
        pl.lit(0, dtype=pl.Int32).alias("draws"),
    )
    return now.join(periods, on=["topic", "start"], how="anti", maintain_order="left"), untold


def _exact(
    panels: Mapping[str, xr.DataArray], *, sensitivity: Mapping[str, str], parents: Mapping[str, str | None]
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Exact counts of every cell that may be published, and the areas whose careful topics may not."""
    tables: list[pl.DataFrame] = []
    withheld: set[str] = set()
    counts = panels.get("counts")
    if counts is not None:
        tables.append(exact_counts.open_counts(counts, topics=_of(counts, sensitivity, "open")))
    by_month = panels.get("monthly")
    if by_month is None and counts is not None and counts.attrs["freq"] == "M":
        by_month = counts
    careful = [] if by_month is None else _of(by_month, sensitivity, "careful")
    if counts is not None and (lost := set(_of(counts, sensitivity, "careful")) - set(careful)):
        raise DisclosureError("disclose.careful-needs-months", topics=sorted(lost))
    if by_month is not None and careful:
        tables.append(exact_counts.district_counts(by_month, topics=careful, parents=parents))
        withheld = {str(area) for area in by_month["area"].values if parents[str(area)] is None}
    if not tables:
        raise DisclosureError("disclose.nothing-open")
    return pl.concat(tables), tuple(sorted(withheld))


def _of(panel: xr.DataArray, sensitivity: Mapping[str, str], wanted: str) -> list[str]:
    return [str(topic) for topic in panel["topic"].values if sensitivity[str(topic)] == wanted]


def _check_once(now: pl.DataFrame, before: pl.DataFrame) -> None:
    """Refuse cells that would count an event under a second draw.

    An event has one topic, place and moment. A topic that was drawn as another kind, at another level, with
    other period boundaries, or in other places of a period drawn already, would count its events again.
    """
    faults = Faults(DisclosureError)
    known = before.filter(pl.col("topic").is_in(now["topic"].unique().implode()))
    kinds = known.select("topic", "kind").unique().join(now.select("topic", "kind").unique(), on="topic")
    if changed := kinds.filter(pl.col("kind") != pl.col("kind_right"))["topic"].unique().sort().to_list():
        faults.add("disclose.kind-changed", topics=changed)
    spans = known.select("topic", "level", "start", "end").unique()
    fresh = now.select("topic", "level", "start", "end").unique()
    crossing = (
        fresh.join(spans, on="topic", suffix="_old")
        .filter((pl.col("start") < pl.col("end_old")) & (pl.col("start_old") < pl.col("end")))
        .filter(
            (pl.col("level") != pl.col("level_old"))
            | (pl.col("start") != pl.col("start_old"))
            | (pl.col("end") != pl.col("end_old"))
        )
    )
    if crossing.height:
        faults.add(
            "disclose.counted-before",
            topics=crossing["topic"].unique().sort().to_list(),
            until=known["end"].max(),
        )
    moved = now.join(known.select(KEY).unique(), on=KEY, how="anti").join(
        spans.select("topic", "level", "start"), on=["topic", "level", "start"], how="semi"
    )
    if moved.height:
        faults.add(
            "disclose.places-changed",
            places=moved["place"].unique().sort().to_list(),
            until=known["end"].max(),
        )
    faults.raise_if_any()


def _draws(now: pl.DataFrame, drawn: pl.DataFrame, *, epsilon: float, revise: bool) -> pl.DataFrame:
    """Ledger rows of new draws: every cell without one, and with `revise` every cell."""
    counted = drawn.group_by(KEY).agg(
        pl.col("counted").sum().alias("already"),
        pl.col("draw").max().alias("last"),
    )
    state = now.join(counted, on=KEY, how="left", maintain_order="left")
    due = state.filter(pl.col("last").is_null() | pl.lit(revise))
    due = due.with_columns((pl.col("exact") - pl.col("already").fill_null(0)).alias("counted"))
    noisy = draw(due["counted"].to_numpy(), epsilon=epsilon)
    return due.select(
        *KEY,
        "end",
        "freq",
        "kind",
        (pl.col("last").fill_null(0) + 1).cast(pl.Int32).alias("draw"),
        pl.lit(epsilon, dtype=pl.Float64).alias("epsilon"),
        "counted",
        pl.Series("noisy", noisy, dtype=pl.Int64),
    ).select(list(LEDGER))
