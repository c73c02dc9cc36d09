"""`mahalleh init`: a city from boundaries, whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mahalleh import cli
from mahalleh_site.city import read_city
from mahalleh_site.commands import checks, workshop
from tests.city import folder_state, middle, squares
from tests.rights import as_others

WRITTEN = ["--id", "code", "--name", "title"]


@pytest.fixture
def target(tmp_path, monkeypatch):
    """Where the city would stand; its parent is compared before and after."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("MAHALLEH_VAR", str(tmp_path / "home" / "var"))
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "en")
    return tmp_path / "home" / "var"


def boundaries(folder: Path, *, edit=lambda features: features, name="areas.geojson") -> Path:
    """The four squares as an outside file with column names of its own."""
    frame = squares()
    features = [
        {
            "type": "Feature",
            "properties": {"code": area, "title": row.name_en, "people": row.population, "zone": row.parent},
            "geometry": row.geometry.__geo_interface__,
        }
        for area, row in zip(frame.index, frame.itertuples(), strict=True)
    ]
    features = json.loads(json.dumps(features).replace("NaN", "null"))
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": edit(features)}), encoding="utf-8")
    return path


def same_id(features):
    features[1]["properties"]["code"] = "a"
    return features


def swapped(features):
    for feature in features:
        rings = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[[y, x + 70] for x, y in ring] for ring in rings]  # 121 east
    return features


def swapped_in_iran(features):
    for feature in features:
        rings = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[[y, x] for x, y in ring] for ring in rings]  # in Ukraine
    return features


def out_of_range(features):
    features[2]["geometry"]["coordinates"][0][0] = [551.4, 95.7]
    features[2]["geometry"]["coordinates"][0][-1] = [551.4, 95.7]
    return features


def bad_id(features):
    features[0]["properties"]["code"] = "a/b c"
    return features


def long_name(features):
    features[0]["properties"]["title"] = "x" * 200
    return features


@pytest.mark.parametrize("edit", [same_id, swapped, swapped_in_iran, out_of_range], ids=lambda e: e.__name__)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_init__refuses_boundaries_that_cannot_be_trusted(
    target, tmp_path, capsys, monkeypatch, edit, language
):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    path = boundaries(tmp_path, edit=edit)
    refused(target, ["init", str(path), *WRITTEN], capsys, status=3, language=language)


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize(
    "content",
    [b"", b"not boundaries at all", b"\xff\xfe\x00broken", b'{"type": "FeatureCollection", "features": []}'],
    ids=["empty", "text", "encoding", "no-area"],
)
def test_init__refuses_files_that_hold_no_boundaries(
    target, tmp_path, capsys, monkeypatch, content, language
):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    path = tmp_path / "areas.geojson"
    path.write_bytes(content)
    refused(target, ["init", str(path), *WRITTEN], capsys, status=3, language=language)


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize(
    ("options", "status", "named"),
    [
        (["missing.geojson", *WRITTEN], 3, "missing.geojson"),
        (["FILE"], 3, "--id"),
        (["FILE", "FILE", *WRITTEN], 3, "--from-points"),
        (["FILE", "--id", "code", "--name", "colour"], 3, "colour"),
        (["FILE", *WRITTEN, "--population", "colour"], 3, "colour"),
        (["FILE", *WRITTEN, "--calendar", "mayan"], 5, "mayan"),
        (["FILE", *WRITTEN, "--timezone", "Mars/Olympus"], 5, "Mars/Olympus"),
        (["FILE", *WRITTEN, "--admin", "nobody"], 3, "nobody"),
        (["FILE", "--from-points", "kml"], 3, "kml"),
        (["FILE", "--from-points", "table", "--id", "code"], 3, "--lon"),
        (["FILE", "--from-points", "police_uk"], 3, "LSOA"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_init__refuses_options_that_cannot_be_used(
    target, tmp_path, capsys, monkeypatch, options, status, named, language
):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    path = boundaries(tmp_path)
    line = ["init", *(str(path) if option == "FILE" else option for option in options)]
    assert named in refused(target, line, capsys, status=status, language=language)


def test_init__refuses_a_folder_that_holds_a_city_or_anything_else(target, tmp_path, capsys):
    path = boundaries(tmp_path)
    target.mkdir()
    (target / "notes.txt").write_text("mine", encoding="utf-8")
    assert "is not empty" in refused(target, ["init", str(path), *WRITTEN], capsys, status=5, language="en")
    (target / "city.toml").write_text("", encoding="utf-8")
    assert "already a city" in refused(target, ["init", str(path), *WRITTEN], capsys, status=5, language="en")


def refused(target: Path, line: list[str], capsys, *, status: int, language: str) -> str:
    """Run in this process; what was told. Nothing may have changed around the city's folder."""
    before = folder_state(target.parent)
    assert cli.run(line) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    persian = any("\u0600" <= letter <= "\u06ff" for letter in told.err)
    assert persian == (language == "fa")
    assert folder_state(target.parent) == before
    return told.err


def environment_of(target: Path) -> dict[str, str]:
    """A clean environment for the command, with the site's real settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MAHALLEH_")}
    own = {"MAHALLEH_VAR": str(target), "MAHALLEH_LANGUAGE": "en"}
    return kept | own | {"DJANGO_SETTINGS_MODULE": "mahalleh_site.settings"}


def run(target: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, where files are made for everybody to write."""
    return subprocess.run(
        [sys.executable, "-m", "mahalleh.cli", *line],
        env=environment_of(target), capture_output=True, text=True, check=False, timeout=240, umask=0,
    )  # fmt: skip


@pytest.mark.slow("starts the command three times, as an operator does")
def test_init__founds_a_city_that_the_other_commands_find(target, tmp_path):
    path = boundaries(tmp_path)
    done = run(
        target, "init", str(path), *WRITTEN, "--population", "people", "--parent", "zone",
        "--city-name-en", "Squares", "--city-name-fa", "چهارگوش", "--contact", "a@b.org",
        "--admin", "first@example.org", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["areas"], told["districts"]) == (4, 2)
    assert told["admin_link"]
    city = read_city(target)
    assert (city.names, city.mode, city.contact) == ({"en": "Squares", "fa": "چهارگوش"}, "live", "a@b.org")
    assert [child.name for child in target.parent.iterdir()] == ["var"]  # no workshop is left
    assert {path.name for path in target.iterdir()} >= {"secret-key", "audit-key", "mahalleh.sqlite3"}
    assert list(checks.others_read(target)) == []
    with sqlite3.connect(target / "mahalleh.sqlite3") as database:
        areas = database.execute("SELECT id, name_en, population, district_id FROM places_area").fetchall()
    database.close()
    assert areas == [
        ("a", "Alef", 1000.0, "west"), ("b", "Be", 2000.0, "west"),
        ("c", "Jim", None, "east"), ("d", "Dal", 4000.0, "east"),
    ]  # fmt: skip
    again = run(target, "init", str(path), *WRITTEN)
    assert again.returncode == 5
    assert "already a city" in again.stderr
    idle = run(target, "loop")
    assert (idle.returncode, "no events yet" in idle.stderr) == (3, True)
    assert run(target, "daily").returncode == 0
    held = run(target, "audit", "verify", "--json")
    assert (held.returncode, json.loads(held.stdout)["broken_at"]) == (0, None)
    assert list(checks.others_read(target)) == []


def test_init__closes_a_folder_that_stood_open(tmp_path):
    target = tmp_path / "city"
    target.mkdir(mode=0o755)
    with workshop.workshop(target) as path:
        (path / "city.toml").write_text("", encoding="utf-8")
        (path / "static").mkdir()
        workshop.move_in(path, target)
    assert list(checks.others_read(target)) == []


@pytest.mark.parametrize(("edit", "named"), [(bad_id, "a/b c"), (long_name, "xxx")], ids=["id", "name"])
def test_init__leaves_nothing_when_the_last_step_refuses(target, tmp_path, edit, named):
    before = folder_state(target.parent)
    done = run(target, "init", str(boundaries(tmp_path, edit=edit)), *WRITTEN)
    assert done.returncode == 3
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert folder_state(target.parent) == before


@pytest.mark.parametrize("language", ["en", "fa"])
def test_init__says_that_it_may_not_write(target, tmp_path, capsys, monkeypatch, language):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    path = boundaries(tmp_path)
    target.parent.chmod(0o555)
    with as_others():
        told = refused(target, ["init", str(path), *WRITTEN], capsys, status=5, language=language)
    assert str(target) in told


def test_init__leaves_nothing_when_it_is_stopped(target, tmp_path):
    path = boundaries(tmp_path)
    before = folder_state(target.parent)
    process = subprocess.Popen(
        [sys.executable, "-m", "mahalleh.cli", "init", str(path), *WRITTEN],
        env=environment_of(target), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not list(target.parent.glob(".founding-*/mahalleh.sqlite3")) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert process.returncode == cli.STOPPED
    assert "Nothing was left half done" in told
    assert folder_state(target.parent) == before


def test_init__makes_areas_of_points_where_no_boundaries_are_at_hand(target, tmp_path):
    rows = [(area, *middle(area)) for area in "ab" for _ in range(3)]
    text = "code,title,x,y\n" + "".join(f"{area},Area {area},{lon},{lat}\n" for area, lon, lat in rows)
    path = tmp_path / "points.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    done = run(
        target, "init", str(path), "--from-points", "table", *WRITTEN, "--lon", "x", "--lat", "y", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["areas"] == 2
