"""The examples on the analysts' pages run as they stand; every page's links lead to something."""

import re
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import mahalleh
from mahalleh.events import EventStore
from mahalleh.places import read_places
from mahalleh.sources import READERS
from mahalleh.sources._mapping import COLUMN_KEYS, FILE_KEYS, FORMAT_KEYS, read_mapping
from mahalleh.sources.police_uk import default_topics
from mahalleh.sources.reading import REASONS
from tests.test_places import GRID, square, written

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "analysts"
WRITTEN = sorted(
    path for folder in (".", "benchmarks", "docs/**", "examples") for path in ROOT.glob(f"{folder}/*.md")
)
FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!\w+:)([^)\s#]*)#?([^)\s]*)\)")  # not to another site


def examples(page, language="python"):
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def run(page, names):
    """The names that a page's examples leave behind, run one after the other."""
    for code in examples(page):
        exec(compile(code, page, "exec"), names)  # noqa: S102  (our own page)
    return names


def table(head):
    """The rows of the table on the sources page that begins so, by cell, without backticks."""
    lines = (PAGES / "sources.md").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(head)) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return rows


def anchors(path):
    """Where a link can lead on a page: its headings, as GitHub and MkDocs name them."""
    heads = re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages__link_to_what_is_there(page):
    dead = []
    for path, anchor in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(f"{path}#{anchor}" if anchor else path)
    assert dead == []


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder of an example, with two areas in a boundary file."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, [({"no": n, "title": f"T{n}", "people": 9}, square(n, 0)) for n in range(2)])
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_places_page__examples_run():
    names = run("places.md", {})
    assert names["locate"](names["places"], [51.005, 50.0], [35.005, 35.0]).tolist() == [0, -1]
    assert np.array_equal(names["adjacency"](names["places"]), [[0, 1]])
    assert names["made"].index.tolist() == ["east", "west"]


@pytest.mark.usefixtures("folder")
def test_events_and_panel_pages__examples_run():
    names = run("events.md", {})
    assert names["store"].bounds() == (date(2024, 1, 6), date(2024, 1, 6), date(2024, 2, 1))
    names = run("panel.md", names | {"places": GRID})
    assert int(names["counts"].sum()) == 1 - 1
    known_then = names["panel"](names["store"].scan(), GRID, as_of=date(2024, 1, 31))
    assert int(known_then.sum()) == 1


def test_duplicates_page__examples_run():
    run("duplicates.md", {})


def test_sources_page__example_reads_a_table_by_the_pages_own_mapping(folder):
    (folder / "mapping.toml").write_text(examples("sources.md", "toml")[0], encoding="utf-8")
    rows = """day;coded;nhood;x;y;what;count
        1403/01/01;1403/01/05;0;;;Noise;2
        1403/01/02;1403/01/05;;51.015;35.005;loud music;1
        1403/01/02;1403/01/01;0;;;noise;1
        1403/01/02;1403/01/05;9;;;noise;1"""
    lines = "\n".join(line.strip() for line in rows.splitlines())
    (folder / "calls.csv").write_text(lines, encoding="utf-8")
    report = run("sources.md", {})["report"]
    assert {reason: told.first_lines for reason, told in report.refused.items()} == {
        "recorded-early": ("calls.csv:4",),
        "unknown-area": ("calls.csv:5",),
    }
    kept = EventStore("events").scan().select("time", "area", "topic", "n", "source").sort("time").collect()
    assert [(moment.date(), *rest) for moment, *rest in kept.rows()] == [
        (date(2024, 3, 20), "0", "noise", 2, "city-desk"),
        (date(2024, 3, 21), "1", "noise", 1, "city-desk"),
    ]


def test_alarms_and_influence_pages__examples_find_the_newest_rise_of_the_invented_city():
    names = run("alarms.md", {})
    rise = max(names["city"].truth.rises, key=lambda rise: rise.start)
    found = {area for signal in names["state"].signals for area in signal.newest.areas}
    assert set(rise.areas) <= found
    assert names["AlarmState"].from_json(names["state"].to_json()) == names["state"]
    assert {one.source for one in names["rests_on"].sources} == {"line-137", "web", "counter"}
    names = run("influence.md", names)
    assert names["spots"].height == names["damping"].rows.height
    assert set(names["alone"]) == {one.source for one in names["rests_on"].sources if not one.stands}
    assert 0 < names["index"].index <= 1


def test_scan_expected_delay_and_farrington_pages__examples_run():
    names = run("scan.md", {})
    assert set(names["near"].tolist()) & set(names["first"].areas)
    assert names["first"].start >= 104 - 8
    names = run("expected.md", {})
    assert names["usual"].method["noise"] == "regression"
    assert names["result"].maxima.shape == (999,)
    names = run("delay.md", {})
    assert names["share"][-9] == 1
    assert 0 < names["share"][-1] < names["share"][-2] < 1
    assert (names["usual"].completeness.sel(topic="noise").to_numpy() == names["share"]).all()
    assert run("farrington.md", {})["found"].upper.shape == (3, 10)


def test_sources_page__mapping_shows_every_setting():
    shown = tomllib.loads(examples("sources.md", "toml")[0])
    assert set(shown["file"]) == set(FILE_KEYS)
    assert set(shown["columns"]) == {*COLUMN_KEYS, *FORMAT_KEYS}


def test_sources_page__lists_every_reason_in_the_order_of_the_code():
    assert [row[0] for row in table("| reason")] == list(REASONS)


def test_sources_page__lists_every_fault_of_a_file():
    messages = Path(mahalleh.__file__).parent / "messages" / "sources.toml"
    assert sorted(row[0] for row in table("| fault")) == sorted(
        tomllib.loads(messages.read_text(encoding="utf-8"))
    )


def test_sources_page__shows_the_topic_table_of_police_uk_as_it_is():
    shown = [[topic, words.lower(), *rest] for topic, words, *rest in table("| topic | crime")]
    assert shown == [
        [topic.id, "; ".join(topic.categories), topic.kind, topic.sensitivity] for topic in default_topics()
    ]


def test_examples__mapping_is_one():
    mapping = read_mapping(ROOT / "examples" / "st_louis.toml")
    assert (mapping.columns["n"], mapping.columns["recorded"]) == ("count", "coded_month")


@pytest.mark.shared
def test_pages__tell_the_figures_of_st_louis_as_they_are(shared):
    data = shared / "data" / "st_louis"
    places = read_places(data / "neighbourhoods.geojson", id="nhd_num", name="nhd_name")
    mapping = ROOT / "examples" / "st_louis.toml"
    reading = READERS["table"]([data / "incidents_2015_2019.csv.gz"], places=places, mapping=mapping)
    kept = pl.concat([frame for batch in reading.batches() for frame in batch.frames])
    refused = {reason: told.count for reason, told in reading.report.refused.items()}
    readme = " ".join((ROOT / "examples" / "README.md").read_text(encoding="utf-8").split())
    assert f"for {reading.report.rows_read:,} police incident records" in readme
    assert (
        f"{sum(refused.values()):,} rows are refused: {refused['unknown-area']:,} have no known "
        f"neighbourhood, {refused['recorded-early']} were coded before they happened" in readme
    )
    late = (pl.col("recorded") - pl.col("time").dt.date()).dt.total_days() > 365
    page = " ".join((PAGES / "sources.md").read_text(encoding="utf-8").split())
    assert f"{kept.filter(pl.col('n') == -1).height:,} of the rows that are kept are −1" in page
    assert f"a year after it happened for {kept.filter(late).height:,} rows" in page
    assert f"{kept['cell'].null_count():,} rows have no point" in page
    assert f"the first is {kept['time'].min():%Y-%m-%d}" in page


@pytest.mark.parametrize(
    "page",
    [
        "places.md",
        "events.md",
        "panel.md",
        "sources.md",
        "disclosure.md",
        "simulate.md",
        "expected.md",
        "delay.md",
        "duplicates.md",
        "scan.md",
        "farrington.md",
        "detection.md",
        "real-cities.md",
        "alarms.md",
        "influence.md",
    ],
)
def test_pages__say_what_they_must_not_be_used_for(page):
    text = (PAGES / page).read_text(encoding="utf-8").lower()
    assert "not for" in text or "must not be used" in text
    assert "checked against" in text
