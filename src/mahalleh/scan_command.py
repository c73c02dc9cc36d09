"""`mahalleh scan`: the space-time scan of two files, for analysts without a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mahalleh.cli import put, say
from mahalleh.errors import Faults, WatchError

if TYPE_CHECKING:
    import polars as pl

AREAS = {"area", "x", "y"}
CASES = {"area", "period", "n"}
WIDTH = 132  # columns of text that a row needs


def register(app: typer.Typer) -> None:
    """Hang the command in `mahalleh`.

    Parameters
    ----------
    app : typer.Typer
        The application.
    """
    app.command("scan")(scan)


def scan(
    cases: Annotated[Path, typer.Argument(help="CSV with the columns area, period, n.")],
    areas: Annotated[
        Path, typer.Argument(help="CSV with the columns area, x, y and, for poisson, population.")
    ],
    model: Annotated[str, typer.Option(help="poisson or permutation.")] = "poisson",
    max_periods: Annotated[int, typer.Option(help="Longest window, in periods.")] = 8,
    max_population: Annotated[float, typer.Option(help="Largest zone: share of the population.")] = 0.1,
    max_radius: Annotated[
        float | None, typer.Option(help="Largest zone: radius in the unit of x and y.")
    ] = None,
    max_areas: Annotated[int | None, typer.Option(help="Largest zone: number of areas.")] = None,
    replicates: Annotated[int, typer.Option(help="Monte Carlo replicates.")] = 999,
    seed: Annotated[int, typer.Option(help="The same seed gives the same p-values.")] = 1,
    every_window: Annotated[
        bool, typer.Option("--every-window", help="Windows may end in any period, not only the last.")
    ] = False,
    json: Annotated[bool, typer.Option(help="Print the result as JSON.")] = False,
) -> None:
    """Find where and since when there is more than expected (docs/analysts/scan.md).

    Periods are any labels that sort in time, all of the same length. One without a row in any area is not
    known to the command, so give every period at least one row (n may be 0).
    """
    from mahalleh.watch import scan as look

    counts, periods, table = _read(cases, areas)
    result = look(
        counts,
        model=model,
        coordinates=table.select("x", "y").to_numpy(),
        population=table["population"].to_numpy() if "population" in table.columns else None,
        max_periods=min(max_periods, len(periods)),
        max_population=max_population,
        max_radius=max_radius,
        max_areas=max_areas,
        replicates=replicates,
        seed=seed,
        prospective=not every_window,
    )
    names = table["area"].to_list()
    rows = [
        {
            "areas": [names[i] for i in cluster.index],
            "start": periods[cluster.start],
            "end": periods[cluster.end],
            "observed": int(cluster.observed),
            "expected": cluster.expected,
            "relative_risk": cluster.relative_risk,
            "log_likelihood_ratio": cluster.ratio,
            "p_value": cluster.p_value,
            "gumbel_p_value": cluster.gumbel_p_value,
            "recurrence_periods": cluster.recurrence,
        }
        for cluster in result.clusters
    ]
    if json:
        put({"model": model, "seed": seed, "replicates": replicates, "clusters": rows})
        return
    if not rows:
        say("watch.no-cluster")
        return
    _print(rows)


def _read(cases: Path, areas: Path) -> tuple[Any, list[str], pl.DataFrame]:
    """Counts (A, P), the periods' labels in order, and the table of areas.

    Raises:
        WatchError: columns that are missing, areas that are not known or told twice, numbers that are none.
    """
    import numpy as np
    import polars as pl

    table = _csv(areas, AREAS, {"x": pl.Float64, "y": pl.Float64, "population": pl.Float64})
    told = _csv(cases, CASES, {"n": pl.Int64})
    faults = Faults(WatchError)
    twice = table.filter(pl.col("area").is_duplicated())["area"].unique(maintain_order=True).to_list()
    if twice:
        faults.add("watch.area-twice", areas=twice)
    unknown = told.filter(~pl.col("area").is_in(table["area"].to_list()))["area"].unique().sort().to_list()
    if unknown:
        faults.add("watch.other-areas", areas=unknown)
    faults.raise_if_any()
    periods = told["period"].unique().sort().to_list()
    counts = np.zeros((len(table), len(periods)), dtype=np.int64)
    row = {name: i for i, name in enumerate(table["area"].to_list())}
    column = {name: i for i, name in enumerate(periods)}
    for area, period, n in told.select("area", "period", "n").iter_rows():
        counts[row[area], column[period]] += n
    return counts, periods, table


def _csv(path: Path, wanted: set[str], numbers: dict[str, Any]) -> pl.DataFrame:
    import polars as pl

    data = path.read_bytes()
    try:
        data.decode("utf-8")  # Polars would read over a wrong byte in the header
        table = pl.read_csv(data, infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise WatchError("watch.not-csv", path=path.name) from error
    missing = sorted(wanted - set(table.columns))
    if missing:
        raise WatchError("watch.no-column", path=path.name, missing=missing, columns=table.columns)
    faults = Faults(WatchError)
    for name in sorted(wanted | (set(numbers) & set(table.columns))):
        kind = numbers.get(name)
        read = table[name] if kind is None else table[name].str.strip_chars().cast(kind, strict=False)
        wrong = read.is_null()
        if wrong.any():
            faults.add(
                "watch.bad-cells",
                path=path.name,
                column=name,
                lines=[i + 2 for i in wrong.arg_true().to_list()],
            )
        table = table.with_columns(read.alias(name))
    faults.raise_if_any()
    return table


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("#", "start", "end", "areas", "observed", "expected", "ratio", "p", "once in")
    for number, row in enumerate(rows, 1):
        shown = ", ".join(row["areas"][:5]) + (f" +{len(row['areas']) - 5}" if len(row["areas"]) > 5 else "")
        table.add_row(
            str(number),
            str(row["start"]),
            str(row["end"]),
            shown,
            str(row["observed"]),
            f"{row['expected']:.1f}",
            f"{row['log_likelihood_ratio']:.6f}",
            f"{row['p_value']:.3f}",
            f"{row['recurrence_periods']:.0f}",
        )
    console = Console()
    console.width = max(console.width, WIDTH)  # a file or a pipe has no width: cells would be cut
    console.print(table)
