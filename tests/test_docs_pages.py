"""The examples on the analysts' pages run as they stand."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mahalleh.sources._mapping import read_mapping
from tests.test_events import events
from tests.test_places import GRID, square, written

PAGES = Path(__file__).resolve().parent.parent / "docs" / "analysts"


def example(page, language="python"):
    return re.search(
        rf"```{language}\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL
    ).group(1)


def test_places_page__example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, [({"no": n, "title": f"T{n}", "people": 9}, square(n, 0)) for n in range(2)])
    names = {}
    exec(example("places.md"), names)  # noqa: S102  (our own page)
    assert names["locate"](names["places"], [51.005, 50.0], [35.005, 35.0]).tolist() == [0, -1]
    assert np.array_equal(names["adjacency"](names["places"]), [[0, 1]])


def test_events_and_panel_pages__examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"frame": events("2024-01-06", area=pl.lit("a0"))}
    exec(example("events.md"), names)  # noqa: S102  (our own page)
    assert names["store"].bounds() == (date(2024, 1, 6),) * 3
    names["places"] = GRID
    exec(example("panel.md"), names)  # noqa: S102  (our own page)
    assert int(names["counts"].sum()) == 1


def test_sources_page__example_is_a_mapping(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(example("sources.md", "toml"), encoding="utf-8")
    mapping = read_mapping(path)
    assert (mapping.calendar, mapping.separator, mapping.topics[0].names["fa"]) == ("persian", ";", "سروصدا")


@pytest.mark.parametrize(
    "page", ["places.md", "events.md", "panel.md", "sources.md", "disclosure.md", "simulate.md"]
)
def test_pages__say_what_they_must_not_be_used_for(page):
    text = (PAGES / page).read_text(encoding="utf-8").lower()
    assert "not for" in text or "must not be used" in text
    assert "checked against" in text
