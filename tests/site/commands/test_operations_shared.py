"""Two real cities: every row of their files is kept or refused by reason, and their pages answer."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mahalleh import cli
from mahalleh.places import read_places
from mahalleh_site.city import City
from mahalleh_site.commands.from_points import places_from
from mahalleh_site.places.actions import found_city
from mahalleh_site.places.models import Area, Basemap, District, Topic
from mahalleh_site.releases import tasks, verifying
from mahalleh_site.releases.models import Load, Release
from tests import city as cities

pytestmark = pytest.mark.shared
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def founded(db, tmp_path, settings, monkeypatch):
    """A function that founds a real city in a folder of its own."""

    def found(places, timezone: str) -> Path:
        for model in (
            Area,
            District,
            Basemap,
            Load,
            Release,
            Topic,
        ):  # the sample's: they are back afterwards
            model.objects.all().delete()
        settings.VAR = tmp_path
        settings.CITY = City(calendar="gregorian", week_start="monday", timezone=timezone, contact="a@b.c")
        monkeypatch.setenv("MAHALLEH_VAR", str(tmp_path))
        monkeypatch.setattr(
            tasks, "draw_charts", lambda: 0
        )  # half a minute that tests of charts spend elsewhere
        cities.write_city(tmp_path, settings.CITY)
        found_city(places, by="system:test")
        return tmp_path

    return found


def loaded(capsys, *line: str) -> dict:
    assert cli.run(["load", *line, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["read"] == told["kept"] + sum(reason["count"] for reason in told["refused"].values())
    for load in Load.objects.all():
        assert load.rows_read == load.rows_kept + sum(reason["count"] for reason in load.refused.values())
    return told


def lines(path: Path) -> int:
    """The rows below the header, counted without any reader."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        return sum(1 for _ in file) - 1


def answers(client, *pages: str) -> None:
    for page in pages:
        for language in ("fa", "en"):
            assert client.get(f"/{language}/{page}").status_code == 200, page


@pytest.mark.slow("246,291 records of a real city, every one accounted for")
def test_st_louis__is_read_whole_and_shown(founded, shared, client, capsys):
    data = shared / "data" / "st_louis"
    places = read_places(
        data / "neighbourhoods.geojson", id="nhd_num", name="nhd_name", population="population_2017"
    )
    folder = founded(places, "America/Chicago")
    told = loaded(
        capsys,
        "table",
        str(data / "incidents_2015_2019.csv.gz"),
        "--mapping",
        str(EXAMPLES / "st_louis.toml"),
    )
    assert told["read"] == lines(data / "incidents_2015_2019.csv.gz") == 246_291
    assert (Area.objects.count(), District.objects.count()) == (88, 1)
    assert cli.run(["loop"]) == 0
    release = Release.objects.get()
    # what happened before the first coded month is in the file by chance, and is not published
    assert (release.freq, release.first, release.last) == ("W", date(2015, 1, 1), date(2020, 1, 1))
    assert verifying.verify(1) == []
    counts = pl.read_parquet(folder / "releases/1/counts.parquet")
    careful = set(Topic.objects.filter(sensitivity="careful").values_list("id", flat=True))
    assert set(counts.filter(pl.col("topic").is_in(sorted(careful)))["level"]) == {"district"}
    answers(client, "", "areas/1/", "districts/city/", "topics/", "data/")


@pytest.mark.slow("31,605 records of a real city, every one accounted for")
def test_city_of_london__is_founded_from_points_and_shown_by_month(founded, shared, client, capsys):
    data = shared / "data" / "police_uk"
    founded(places_from("police_uk", [data], columns={}), "Europe/London")
    told = loaded(capsys, "police_uk", str(data))
    files = [*data.rglob("*-street.csv*"), *data.rglob("*-stop-and-search.csv*")]
    assert told["read"] == sum(lines(file) for file in files) == 31_605
    assert cli.run(["loop"]) == 0
    release = Release.objects.get()
    assert (release.freq, release.first, release.last) == ("M", date(2017, 12, 1), date(2020, 12, 1))
    area = Area.objects.first()
    answers(client, "", f"areas/{area.pk}/", "districts/city/", "topics/", "data/")
