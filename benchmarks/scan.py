"""The scan's speed: seconds in process, compilation excluded, against SaTScan 10.3.2 on such a machine.

Two cores, 999 replicates, windows of 1 to 8 weeks of 104. SaTScan (-O3, two threads), wall seconds: 2,000
areas at 10% of the population 25.8 (Poisson) and 24.3 (permutation); 10,000 areas at 10% 282. Within the
radius that holds 50 areas on average, up to half of the population: 2,000 areas 18.2, 10,000 areas 117
(Poisson) and 115 (permutation). `python -m benchmarks scan` writes docs/pictures/scan-linear.svg as well.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from benchmarks._timing import RUNS, row, seconds

PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "scan-linear.svg"
WEEKS = 104
RATE = 0.001  # cases a resident and week, as in the data that SaTScan was timed on
PEER = {"2,000 poisson": 25.8, "2,000 permutation": 24.3, "10,000": 282.0, "10,000 near": 117.0}
NEAR = 50  # areas within the radius, the centre among them, on average
BY_RADIUS = (  # areas, model, SaTScan's seconds, at least so many times as fast
    (2_000, "poisson", 18.2, 60),
    (2_000, "permutation", 18.2, 60),
    (10_000, "poisson", 117.0, 90),
    (10_000, "permutation", 115.0, 90),
)


def city(areas: int) -> dict[str, Any]:
    """Places, populations and weekly counts without any rise."""
    rng = np.random.default_rng(areas)
    people = rng.lognormal(np.log(1600), 0.5, areas).round()
    return {
        "coordinates": rng.random((areas, 2)) * np.sqrt(areas),
        "population": people,
        "cases": rng.poisson(RATE * people[:, None], (areas, WEEKS)),
    }


def radius(coordinates: Any) -> float:
    """The radius within which so many areas lie on average, the city's edge counted in."""
    tree = cKDTree(coordinates)
    short, long = 0.0, float(np.ptp(coordinates))
    for _ in range(50):
        middle = (short + long) / 2
        enough = tree.count_neighbors(tree, middle) >= NEAR * len(coordinates)
        short, long = (short, middle) if enough else (middle, long)
    return long


def look(data: dict[str, Any], **settings: Any) -> Any:
    """One scan of a made-up city."""
    from mahalleh.watch import scan

    with_people = settings.get("model", "poisson") == "poisson"
    given = {"model": "poisson", "seed": 1, "replicates": 999, **settings}
    people = data["population"] if with_people else None
    return scan(data["cases"], coordinates=data["coordinates"], population=people, **given)


def median(work: Any, runs: int = RUNS) -> float:
    """Median seconds, after one run that compiles or loads the kernels."""
    work()
    return statistics.median(seconds(work) for _ in range(runs))


def run() -> list[dict[str, Any]]:
    """Every target of the issue, and the figure of linear growth."""
    rows = []
    two, ten = city(2_000), city(10_000)
    poisson = median(lambda: look(two))
    rows.append(_against("2,000 areas, 10% of population, Poisson", poisson, 0.5, PEER["2,000 poisson"]))
    permuted = median(lambda: look(two, model="permutation"))
    rows.append(_against("the same, permutation", permuted, 0.5, PEER["2,000 permutation"]))
    rows.append(
        row(
            "permutation against Poisson",
            f"{permuted / poisson:.2f} times",
            "at most 1.1 (noise)",
            holds=permuted / poisson <= 1.1,
        )
    )
    wide = median(lambda: look(ten), runs=3)
    rows.append(_against("10,000 areas, 10% of population (median of 3)", wide, 6.0, PEER["10,000"]))
    near = median(lambda: look(ten, max_areas=50, max_population=0.5))
    rows.append(_against("10,000 areas, 50 nearest", near, 1.2, PEER["10,000 near"]))
    rows += _by_radius({2_000: two, 10_000: ten})
    rows += _whole_process(two, poisson)
    rows.append(_largest())
    rows.append(_linear())
    return rows


def _against(claim: str, found: float, limit: float, peer: float) -> dict[str, Any]:
    figure = f"{found:.2f} s, {peer / found:.0f} times less than SaTScan's {peer} s"
    return row(f"scan of {claim}", figure, f"{limit} s", holds=found <= limit)


def _by_radius(cities: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for areas, model, peer, least in BY_RADIUS:
        data = cities[areas]
        reach = {"max_radius": radius(data["coordinates"]), "max_population": 0.5}
        found = median(lambda d=data, m=model, r=reach: look(d, model=m, **r))
        times = peer / found
        rows.append(
            row(
                f"scan of {areas:,} areas, radius with {NEAR} areas, {model}",
                f"{found:.2f} s, {times:.0f} times less than SaTScan's {peer} s",
                f"at least {least} times",
                holds=times >= least,
            )
        )
    return rows


def _whole_process(data: dict[str, Any], inside: float) -> list[dict[str, Any]]:
    """From the command line, kernels cached: start, reading 200,000 rows, scan, printing."""
    import polars as pl

    with tempfile.TemporaryDirectory() as folder:
        names = [f"a{i}" for i in range(len(data["cases"]))]
        areas, cases = Path(folder) / "areas.csv", Path(folder) / "cases.csv"
        xy = data["coordinates"]
        pl.DataFrame(
            {"area": names, "x": xy[:, 0], "y": xy[:, 1], "population": data["population"]}
        ).write_csv(areas)
        where, when = np.nonzero(data["cases"])
        pl.DataFrame(
            {
                "area": [names[i] for i in where],
                "period": [f"{w:03d}" for w in when],
                "n": data["cases"][where, when],
            }
        ).write_csv(cases)
        command = [str(Path(sys.executable).parent / "mahalleh"), "scan", str(cases), str(areas), "--json"]

        def whole() -> None:
            subprocess.run(command, check=True, capture_output=True)

        more = median(whole) - inside
    return [
        row(
            "the same as a whole process (`mahalleh scan`, 170,000 rows read), more than in process",
            f"{more:.2f} s",
            "1.5 s",
            holds=more <= 1.5,
        )
    ]


def _largest() -> dict[str, Any]:
    """In a process of its own, so that its memory is its own."""
    program = (
        "import json, resource, time; from benchmarks.scan import city, look; d = city(35_000); "
        "look(city(100)); t = time.perf_counter(); look(d, max_areas=100, max_population=0.5); "
        "memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024; "
        "print(json.dumps([time.perf_counter() - t, memory]))"
    )
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    took, memory = json.loads(out)
    return row(
        "scan of 35,000 areas, 100 nearest: seconds and memory",
        f"{took:.1f} s, {memory / 1024:.2f} GB",
        "60 s, 4 GB",
        holds=took <= 60 and memory <= 4096,
    )


def _linear() -> dict[str, Any]:
    """Time by areas, neighbours, windows and replicates: slopes on doubled logarithmic axes."""
    series: dict[str, list[tuple[int, float]]] = {
        "areas": [],
        "neighbours": [],
        "windows": [],
        "replicates": [],
    }
    for areas in (1_000, 2_000, 4_000, 8_000, 16_000):
        data = city(areas)
        series["areas"].append((areas, median(lambda d=data: look(d, max_areas=100, max_population=0.5), 3)))
    base = city(4_000)
    for near in (50, 100, 200, 400, 800):
        series["neighbours"].append(
            (near, median(lambda k=near: look(base, max_areas=k, max_population=0.9), 3))
        )
    for windows in (4, 8, 16, 32):
        series["windows"].append(
            (
                windows,
                median(lambda w=windows: look(base, max_areas=100, max_population=0.5, max_periods=w), 3),
            )
        )
    for replicates in (999, 1_999, 3_999, 7_999):
        series["replicates"].append(
            (
                replicates,
                median(lambda r=replicates: look(base, max_areas=100, max_population=0.5, replicates=r), 3),
            )
        )
    slopes = {name: float(np.polyfit(*np.log(np.array(points)).T, 1)[0]) for name, points in series.items()}
    _draw(series)
    return row(
        "time grows with areas, neighbours, windows and replicates by a power of at most",
        ", ".join(f"{name} {slope:.2f}" for name, slope in slopes.items()),
        "1.15 each",
        holds=max(slopes.values()) <= 1.15,
    )


def _draw(series: dict[str, list[tuple[int, float]]]) -> None:
    import altair as alt
    import polars as pl

    table = pl.DataFrame(
        [{"what": name, "size": n, "seconds": s} for name, points in series.items() for n, s in points]
    )
    chart = (
        alt.Chart(table)
        .mark_line(point=True, color="#0f766e")
        .encode(
            x=alt.X("size:Q", scale=alt.Scale(type="log", nice=False), title=None),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds, 2 cores"),
        )
        .properties(width=220, height=180)
        .facet(facet=alt.Facet("what:N", title=None), columns=2)
        .resolve_scale(x="independent")
    )
    PICTURE.parent.mkdir(exist_ok=True)
    chart.save(str(PICTURE))
