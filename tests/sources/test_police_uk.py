"""data.police.uk: every row accounted for, no person read, bad files refused whole."""

import csv
import gzip
from collections import Counter
from datetime import date, datetime

import h3
import polars as pl
import pytest

from mahalleh.errors import SourceError
from mahalleh.events import SCHEMA, EventStore
from mahalleh.places import places_from_points
from mahalleh.sources import READERS
from mahalleh.topics import Topic
from tests.test_places import GRID

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
STOPS = "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range"
INSIDE = "51.005,35.005"  # the middle of area a0


def street(folder, *rows, name="2024-01-test-street.csv"):
    """A street file of rows `month lon,lat type`."""
    lines = [STREET]
    for row in rows:
        month, point, kind = row.split(" ", 2)
        lines.append(f",{month},F,F,{point},On or near,E1,Name,{kind},,")
    path = folder / name
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


def read(*paths, **options):
    reading = READERS["police_uk"](paths, places=GRID, **options)
    frames = [frame for batch in reading.batches() for frame in batch.frames]
    return pl.concat(frames), reading


def codes(caught):
    return sorted(fault.code.removeprefix("sources.") for fault in caught.value.faults)


def test_read__turns_a_street_row_into_an_event_of_its_month(tmp_path):
    events, reading = read(street(tmp_path, f"2024-01 {INSIDE} Burglary"))
    cell = h3.str_to_int(h3.latlng_to_cell(35.005, 51.005, 9))
    assert events.rows() == [
        (datetime(2024, 1, 1), "month", date(2024, 2, 29), "a0", cell, "burglary", "test", "need", 1)
    ]
    assert events.columns == list(SCHEMA)
    assert (reading.report.rows_read, reading.report.rows_kept, reading.report.refused) == (1, 1, {})


def test_read__refuses_rows_of_another_month_than_their_file(tmp_path):
    rows = [f"2024-01 {INSIDE} Burglary", f"2023-12 {INSIDE} Burglary", f"2024-02 {INSIDE} Burglary"]
    events, reading = read(street(tmp_path, *rows))
    assert events["time"].to_list() == [datetime(2024, 1, 1)]
    assert {reason: told.count for reason, told in reading.report.refused.items()} == {"other-month": 2}
    assert reading.report.refused["other-month"].first_lines == (
        "2024-01-test-street.csv:3",
        "2024-01-test-street.csv:4",
    )


def test_read__lets_searches_lie_a_day_beside_their_files_month(tmp_path):
    moments = [
        "2023-12-30T10:00",
        "2023-12-31T10:00",
        "2024-01-15T10:00",
        "2024-02-01T10:00",
        "2024-02-02T10:00",
    ]
    lines = [f"Person search,{moment}:00+00:00,,,35.005,51.005,," for moment in moments]
    path = tmp_path / "2024-01-test-stop-and-search.csv"
    path.write_text("\n".join([STOPS, *lines]) + "\n", encoding="utf-8")
    events, reading = read(path)
    assert [moment.strftime("%Y-%m-%dT%H:%M") for moment in events["time"]] == moments[1:4]
    assert reading.report.refused["other-month"].count == 2


def test_read__takes_what_police_went_looking_for_as_activity(tmp_path):
    events, _ = read(street(tmp_path, f"2024-01 {INSIDE} Drugs", f"2024-01 {INSIDE} Possession of weapons"))
    assert events["kind"].to_list() == ["activity", "activity"]


def test_read__takes_searches_as_activity_at_london_time_and_reads_no_person(tmp_path):
    path = tmp_path / "2024-07-test-stop-and-search.csv"
    path.write_text(f"{STOPS}\nPerson search,2024-07-01T00:32:33+00:00,,,35.005,51.005,Male,18-24\n")
    events, _ = read(path)
    # one o'clock in summer time, to the second that was given: the minute is all that the schema promises
    assert events.select("kind", "topic", "time").rows() == [
        ("activity", "stop-and-search", datetime(2024, 7, 1, 1, 32, 33))
    ]
    assert events.columns == list(SCHEMA)


def test_read__refuses_rows_by_reason_with_their_lines(tmp_path):
    path = street(
        tmp_path,
        f"2024-01 {INSIDE} Burglary",
        "2024-01 , Burglary",
        "2024-01 0,0 Burglary",
        "2024-01 51.5,35.5 Burglary",
        f"2024-01 {INSIDE} Sorcery",
        f"January {INSIDE} Burglary",
        f"2024-01 {INSIDE} ",
    )
    events, reading = read(path)
    told = {
        reason: (refused.count, refused.first_lines) for reason, refused in reading.report.refused.items()
    }
    name = path.name
    assert told == {
        "no-category": (1, (f"{name}:8",)),
        "unknown-category": (1, (f"{name}:6",)),
        "bad-date": (1, (f"{name}:7",)),
        "no-place": (2, (f"{name}:3", f"{name}:4")),
        "outside": (1, (f"{name}:5",)),
    }
    assert events.height == 1
    assert reading.report.rows_read == 7 == 1 + sum(count for count, _ in told.values())


def test_read__follows_a_citys_own_table(tmp_path):
    topics = [Topic("sorcery", {"en": "Sorcery", "fa": "جادو"}, kind="activity", categories=("sorcery",))]
    events, reading = read(street(tmp_path, f"2024-01 {INSIDE} Sorcery"), topics=topics)
    assert events.select("topic", "kind").rows() == [("sorcery", "activity")]
    assert reading.topics == tuple(topics)


def test_read__finds_files_in_folders_and_reads_gzip(tmp_path):
    (tmp_path / "2024-01").mkdir()
    street(tmp_path / "2024-01", f"2024-01 {INSIDE} Burglary", name="2024-01-test-street.csv.gz")
    street(tmp_path / "2024-01", name="2024-01-test-outcomes.csv")
    events, reading = read(tmp_path)
    assert (events.height, len(reading.parts)) == (1, 1)


def bad_files(folder):
    """One of each kind of bad file, and the code that each must earn."""
    good = street(folder, f"2024-01 {INSIDE} Burglary", name="2024-01-x-street.csv").read_bytes()
    packed = gzip.compress(good * 50)
    contents = {
        "empty": b"",
        "broken-gzip": packed[: len(packed) // 2],
        "header": b"a,b\n1,2\n",
        "binary": b"PK\x03\x04\0\0\0\0" * 40,
        "ragged": good + b"one,two,three,1,1,1,1,1,1,1,1,1,1,1,1\n",
        "encoding": good.replace(b"Burglary", b"Caf\xe9", 1),
    }
    files = {}
    for number, (code, content) in enumerate(contents.items(), start=2):
        files[code] = folder / f"2024-{number:02d}-test-street.csv"
        files[code].write_bytes(content)
    return files


@pytest.mark.parametrize("code", ["empty", "broken-gzip", "header", "binary", "ragged", "encoding"])
def test_read__refuses_a_bad_file_whole(tmp_path, code):
    path = bad_files(tmp_path)[code]
    store = EventStore(tmp_path / "store")
    with pytest.raises(SourceError) as caught:
        store.append_all(READERS["police_uk"]([path], places=GRID).batches())
    assert codes(caught) == [code]
    assert path.name in str(caught.value)
    assert store.batches() == ()


def test_read__names_the_faults_of_all_files_at_once(tmp_path):
    files = bad_files(tmp_path)
    with pytest.raises(SourceError) as caught:
        READERS["police_uk"]([*files.values(), tmp_path / "none.csv"], places=GRID)
    found = codes(caught)
    assert found == ["binary", "broken-gzip", "empty", "encoding", "header", "not-found"]
    again = street(tmp_path, f"2024-01 {INSIDE} Burglary", name="2023-01-test-street.csv")
    again.write_bytes(again.read_bytes() + b"too,few\n")
    reading = READERS["police_uk"]([files["ragged"], again], places=GRID)
    with pytest.raises(SourceError) as caught:
        EventStore(tmp_path / "store").append_all(reading.batches())
    assert codes(caught) == ["ragged", "ragged"]


def test_read__names_the_lines_that_are_wrong(tmp_path):
    files = bad_files(tmp_path)
    for code, line in (("ragged", "lines 3"), ("encoding", "line 2")):
        with pytest.raises(SourceError, match=line):
            read(files[code])


@pytest.mark.parametrize(
    ("point", "code"), [("35.005,51.005", "swapped"), ("551000.0,3870000.0", "out-of-range")]
)
def test_read__refuses_coordinates_that_mean_something_else(tmp_path, point, code):
    path = street(tmp_path, *[f"2024-01 {point} Burglary"] * 5)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert codes(caught) == [code]


@pytest.mark.parametrize(
    "name", ["crimes.csv", "2022-13-force-a-street.csv", "2022-00-force-a-stop-and-search.csv"]
)
def test_read__asks_for_the_published_names(tmp_path, name):
    path = street(tmp_path, name=name)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert codes(caught) == ["wrong-name"]


@pytest.mark.shared
def test_read__accounts_for_every_row_of_36_months_of_the_city_of_london(shared, tmp_path):
    folder = shared / "data" / "police_uk"
    rows, types, points = 0, Counter(), []
    for path in sorted(folder.rglob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows += 1
                if row["Longitude"]:
                    types[row.get("Crime type") or "search"] += 1
                    if "LSOA code" in row:
                        points.append(
                            (
                                float(row["Longitude"]),
                                float(row["Latitude"]),
                                row["LSOA code"],
                                row["LSOA name"],
                            )
                        )
    places = places_from_points(*zip(*points, strict=True))
    reading = READERS["police_uk"]([folder], places=places)
    store = EventStore(tmp_path)
    store.append_all(reading.batches())
    report = reading.report
    refused = {reason: told.count for reason, told in report.refused.items()}
    assert report.rows_read == rows == report.rows_kept + sum(refused.values())
    assert refused["no-place"] == rows - sum(types.values())
    by_topic = dict(store.scan().group_by("topic").agg(pl.col("n").sum()).collect().iter_rows())
    # street points made the areas, so all of them are inside; a search may lie elsewhere
    assert by_topic["burglary"] == types["Burglary"]
    assert by_topic["drug-offences"] == types["Drugs"]
    assert by_topic["stop-and-search"] + refused["outside"] == types["search"]
