"""Loading data.police.uk files into the event store, against DuckDB's copy.

DuckDB does nothing else with them; we place each row, drop its columns, check and partition it. Memory is the
peak of a process that loads and does nothing else, at one and at three times the rows in one file.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import polars as pl
import shapely

from benchmarks._timing import ratio, row
from benchmarks.locate import voronoi_places
from mahalleh.events import EventStore
from mahalleh.sources import READERS
from mahalleh.sources.police_uk import default_topics

ROWS, MONTHS, AREAS, POINTS_AN_AREA = 2_000_000, 36, 1_000, 30
LIMIT, MEGABYTES = 1.2, 1000


def write_files(folder: Path, places: gpd.GeoDataFrame, *, rows: int, months: int, seed: int) -> list[Path]:
    """Street files as published: snapped points, 7% without coordinates, texts of the usual lengths."""
    rng = np.random.default_rng(seed)
    inner = shapely.point_on_surface(places.geometry.values)
    x, y = shapely.get_x(inner), shapely.get_y(inner)
    spread = rng.uniform(-0.002, 0.002, (2, len(places), POINTS_AN_AREA))
    lon, lat = (x[:, None] + spread[0]).ravel(), (y[:, None] + spread[1]).ravel()
    kinds = np.array([topic.categories[0] for topic in default_topics() if topic.id != "stop-and-search"])
    kinds = np.array([kind.capitalize() for kind in kinds])
    files = []
    for number in range(months):
        month = f"{2021 + number // 12}-{number % 12 + 1:02d}"
        size = rows // months
        which = rng.integers(0, lon.size, size)
        known = rng.random(size) > 0.07
        table = pl.DataFrame(
            {
                "Crime ID": [f"{value:016x}" * 4 for value in rng.integers(0, 2**62, size).tolist()],
                "Month": month,
                "Reported by": "Sample Police",
                "Falls within": "Sample Police",
                "Longitude": pl.Series(np.char.mod("%.6f", lon[which])).set(pl.Series(~known), None),
                "Latitude": pl.Series(np.char.mod("%.6f", lat[which])).set(pl.Series(~known), None),
                "Location": np.char.add("On or near Street ", which.astype(str)),
                "LSOA code": np.char.add("E0", (which // POINTS_AN_AREA).astype(str)),
                "LSOA name": np.char.add("Sample ", (which // POINTS_AN_AREA).astype(str)),
                "Crime type": kinds[rng.integers(0, kinds.size, size)],
                "Last outcome category": "Investigation complete; no suspect identified",
                "Context": pl.Series([None] * size, dtype=pl.String),
            }
        )
        files.append(folder / f"{month}-sample-street.csv")
        table.write_csv(files[-1])
    return files


def run() -> list[dict]:
    """The ratio of times, and the peak memory."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        places = voronoi_places(AREAS, seed=1)
        source = folder / "csv"
        source.mkdir()
        write_files(source, places, rows=ROWS, months=MONTHS, seed=3)

        def ours() -> None:
            shutil.rmtree(folder / "store", ignore_errors=True)
            EventStore(folder / "store").append_all(READERS["police_uk"]([source], places=places).batches())

        duckdb.sql("SET enable_progress_bar = false")

        def peer() -> None:
            target = folder / "copy.parquet"
            duckdb.sql(f"COPY (SELECT * FROM read_csv('{source}/*.csv')) TO '{target}' (FORMAT parquet)")

        share, a, b = ratio(ours, peer)
        claim = (
            f"load: {ROWS:,} rows of data.police.uk, against DuckDB's copy to Parquet ({a:.2f} s, {b:.2f} s)"
        )
        rows = [row(claim, f"{share:.2f} times", f"at most {LIMIT}", holds=share <= LIMIT)]
        places.to_file(folder / "places.geojson")
        for million in (2, 6):
            big = folder / "big"
            shutil.rmtree(big, ignore_errors=True)
            big.mkdir()
            write_files(big, places, rows=million * 1_000_000, months=1, seed=4)
            peak = _peak(big, folder)
            claim = f"load: peak memory of a process that loads {million} million rows in one file"
            rows.append(row(claim, f"{peak:.0f} MB", f"under {MEGABYTES} MB", holds=peak < MEGABYTES))
    return rows


def _peak(source: Path, folder: Path) -> float:
    script = (
        "import re, sys, tempfile\n"
        "from mahalleh.events import EventStore\n"
        "from mahalleh.places import read_places\n"
        "from mahalleh.sources import READERS\n"
        "places = read_places(sys.argv[2], id='area', name='name')\n"
        "with tempfile.TemporaryDirectory() as store:\n"
        "    EventStore(store).append_all(READERS['police_uk']([sys.argv[1]], places=places).batches())\n"
        # not ru_maxrss: that of a child begins with what its parent held when it forked
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1000)\n"
    )
    arguments = [sys.executable, "-c", script, str(source), str(folder / "places.geojson")]
    return float(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
