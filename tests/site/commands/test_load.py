"""`mahalleh load` and `mahalleh loop`: all rows accounted for, all or nothing, published once."""

from __future__ import annotations

import errno
import gzip
import io
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from django.db import DatabaseError, OperationalError

from mahalleh import cli
from mahalleh.events import EventStore
from mahalleh_site import terminal
from mahalleh_site.places import files
from mahalleh_site.places.models import Topic
from mahalleh_site.releases import actions, frozen, turn, verifying
from mahalleh_site.releases.models import Load, Release
from tests.city import folder_state, middle
from tests.rights import as_others

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)
MAPPING = """
[columns]
time = "day"
time_format = "%Y-%m-%d"
area = "place"
category = "what"

[[topic]]
id = "noise"
names = { fa = "سروصدا", en = "Noise" }
sensitivity = "open"
categories = ["noise"]

[[topic]]
id = "family"
names = { fa = "خانواده", en = "Family" }
sensitivity = "careful"
categories = ["family"]

[[topic]]
id = "sealed-thing"
names = { fa = "پنهان", en = "Sealed" }
sensitivity = "sealed"
categories = ["sealed"]
"""


def street(folder: Path, rows: list[str], *, month: str = "2024-01") -> Path:
    """A data.police.uk street file; each row is 'area type', or 'nowhere type' without coordinates."""
    lines = []
    for row in rows:
        area, kind = row.split(" ", 1)
        lon, lat = ("", "") if area == "nowhere" else middle(area)
        lines.append(f",{month},Force,Force,{lon},{lat},On or near,E01,Name,{kind},,\n")
    path = folder / f"{month}-force-street.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def table(folder: Path, rows: list[tuple[date, str, str]], *, name: str = "told.csv") -> list[str]:
    """A CSV and its mapping, as the command's arguments."""
    path = folder / name
    path.write_text(
        "day,place,what\n" + "".join(f"{day},{area},{what}\n" for day, area, what in rows), encoding="utf-8"
    )
    mapping = folder / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    return ["load", "table", str(path), "--mapping", str(mapping)]


def weeks(
    count: int, *, each: int, what: str = "noise", first: date = date(2024, 1, 1)
) -> list[tuple[date, str, str]]:
    """`each` events in every area and week; the last day of the last week has one, so that it is whole."""
    return [
        (first + timedelta(days=7 * week + (6 if n == 0 else n % 7)), area, what)
        for week in range(count) for area in "abcd" for n in range(each)
    ]  # fmt: skip


def run(*line: str) -> int:
    return cli.run(line)


def test_load__accounts_for_every_row(squares, tmp_path, capsys):
    path = street(tmp_path, ["a Burglary"] * 3 + ["b Drugs"] * 2 + ["nowhere Burglary", "a Witchcraft"])
    assert run("load", "police_uk", str(path), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["read"], told["kept"]) == (3 + 2 + 2, 3 + 2)
    assert told["refused"] == {
        "unknown-category": {"count": 1, "lines": [f"{path.name}:8"]},
        "no-place": {"count": 1, "lines": [f"{path.name}:7"]},
    }
    load = Load.objects.get()
    assert load.rows_read == load.rows_kept + sum(told["count"] for told in load.refused.values())
    assert (load.first, load.format) == (date(2024, 1, 1), "police_uk")


def test_load__prints_reasons_and_lines_in_the_users_language(squares, tmp_path, capsys, monkeypatch):
    path = street(tmp_path, ["a Burglary", "nowhere Burglary"])
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "fa")
    assert run("load", "police_uk", str(path)) == 0
    told = capsys.readouterr().err
    assert "۲ ردیف خوانده‌شده = ۱ پذیرفته + ۱ کنارگذاشته" in told
    assert "بدون مکان" in told


def test_load__refuses_the_same_file_twice_and_reads_it_again_when_asked(squares, tmp_path, capsys):
    line = ["load", "police_uk", str(street(tmp_path, ["a Burglary"]))]
    assert run(*line) == 0
    before = folder_state(files.events_path(tmp_path / "city"))
    assert run(*line) == 3
    assert "loaded before" in capsys.readouterr().err
    assert folder_state(files.events_path(tmp_path / "city")) == before
    street(tmp_path, ["a Burglary", "b Burglary"])
    assert run(*line, "--replace", "--yes") == 0
    assert Load.objects.get().rows_kept == 2
    assert EventStore(files.events_path(tmp_path / "city")).scan().collect().height == 2


JANUARY = [(date(2024, 1, day), "a", "noise") for day in range(1, 29)]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_load__says_what_replacing_takes_out_and_changes_nothing_unasked(
    squares, tmp_path, capsys, monkeypatch, language
):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    assert run(*table(tmp_path, JANUARY)) == 0
    before = folder_state(files.events_path(tmp_path / "city"))
    line = table(tmp_path, JANUARY[:1])
    capsys.readouterr()
    assert run(*line, "--replace") == 3
    told = capsys.readouterr().err
    assert terminal.number(28) in told
    assert "2024-01-28" in told
    assert "--yes" in told
    assert folder_state(files.events_path(tmp_path / "city")) == before
    assert Load.objects.get().rows_kept == 28
    assert run(*line, "--replace", "--yes") == 0
    assert terminal.number(28) in capsys.readouterr().err
    assert EventStore(files.events_path(tmp_path / "city")).scan().collect().height == 1
    assert Load.objects.get().rows_kept == 1


@pytest.mark.parametrize(("answer", "status", "rows"), [("y\n", 0, 1), ("n\n", 3, 28)])
def test_load__asks_on_a_terminal_before_it_replaces(
    squares, tmp_path, capsys, monkeypatch, answer, status, rows
):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    assert run(*table(tmp_path, JANUARY)) == 0
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stderr", Terminal())
    assert run(*table(tmp_path, JANUARY[:1]), "--replace") == status
    assert EventStore(files.events_path(tmp_path / "city")).scan().collect().height == rows


def test_load__takes_the_same_name_with_other_content_for_another_file(squares, tmp_path):
    february = [(date(2024, 2, day), "a", "noise") for day in range(1, 29)]
    assert run(*table(tmp_path, JANUARY)) == 0
    assert run(*table(tmp_path, february)) == 0
    assert EventStore(files.events_path(tmp_path / "city")).scan().collect().height == 28 + 28
    assert Load.objects.count() == 2


@pytest.mark.parametrize("language", ["en", "fa"])
def test_load__never_counts_days_twice_unasked(squares, tmp_path, capsys, monkeypatch, language):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    assert run(*table(tmp_path, JANUARY, name="january.csv")) == 0
    longer = [*JANUARY[19:], (date(2024, 2, 1), "a", "noise")]
    line = table(tmp_path, longer, name="to_february.csv")
    capsys.readouterr()
    assert run(*line) == 3
    told = capsys.readouterr().err
    assert "2024-01-20–2024-01-28" in told
    assert "--replace-days" in told
    assert Load.objects.count() == 1
    assert run(*line, "--replace-days") == 3
    assert "--yes" in capsys.readouterr().err
    assert run(*line, "--replace-days", "--yes") == 0
    events = EventStore(files.events_path(tmp_path / "city")).scan().collect()
    assert events.height == events["time"].n_unique() == 28 + 1
    first = Load.objects.get(name="january.csv")
    assert (first.rows_read, first.rows_kept, first.refused["replaced"]["count"]) == (28, 19, 9)


@pytest.mark.parametrize(
    ("first", "second"),
    [("desk", "desk"), ("", "desk"), ("desk", ""), ("desk", "Desk"), ("", "street")],
    ids=["like-its-file", "named-later", "name-dropped", "other-case", "another-name"],
)
def test_load__never_counts_days_twice_in_silence_however_the_source_is_written(
    squares, tmp_path, capsys, first, second
):
    rows = [(date(2024, 1, 3), "a", "noise")]
    for name, source in (("desk.csv", first), ("later.csv", second)):
        line = table(tmp_path, [*rows, (date(2024, 1, len(name)), "b", "noise")], name=name)
        given = MAPPING if not source else f'[file]\nsource = "{source}"\n{MAPPING}'
        (tmp_path / "mapping.toml").write_text(given, encoding="utf-8")
        status = run(*line)
    assert status == 3
    assert "2024-01-03" in capsys.readouterr().err
    assert run(*line, "--add-days") == 0


def test_load__adds_other_events_of_days_that_are_there_where_told_so(squares, tmp_path, capsys):
    assert run(*table(tmp_path, JANUARY, name="january.csv")) == 0
    line = table(tmp_path, [(date(2024, 1, 5), "b", "noise")], name="more.csv")
    assert run(*line, "--add-days", "--replace-days") == 3
    assert "opposite" in capsys.readouterr().err
    assert run(*line, "--add-days") == 0
    assert EventStore(files.events_path(tmp_path / "city")).scan().collect().height == 28 + 1


@pytest.mark.parametrize("language", ["en", "fa"])
def test_load__says_which_folder_is_full_and_loses_nothing(squares, tmp_path, capsys, monkeypatch, language):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    assert run(*table(tmp_path, JANUARY)) == 0
    before = folder_state(files.events_path(tmp_path / "city"))

    def full(*given, **more):
        raise pl.exceptions.ComputeError("No space left on device (os error 28)")

    monkeypatch.setattr("polars.DataFrame.write_parquet", full)
    capsys.readouterr()
    assert run(*table(tmp_path, [(date(2024, 2, 1), "a", "noise")], name="other.csv")) == cli.MACHINE
    assert str(files.events_path(tmp_path / "city")) in capsys.readouterr().err
    assert folder_state(files.events_path(tmp_path / "city")) == before
    assert Load.objects.count() == 1


def test_loop__says_which_folder_is_full(squares, tmp_path, capsys, monkeypatch):
    assert run(*table(tmp_path, weeks(2, each=6))) == 0

    def full(*given, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    capsys.readouterr()
    assert run("loop") == cli.MACHINE
    assert f"no room left for {tmp_path / 'city'}" in capsys.readouterr().err
    assert not Release.objects.exists()


@pytest.mark.parametrize(("free", "said"), [(0, "no room left for"), (1 << 30, "database cannot be used")])
def test_load__knows_a_full_disk_also_where_the_database_meets_it_first(
    squares, tmp_path, capsys, monkeypatch, free, said
):
    def failing(*given, **more):
        raise OperationalError("disk I/O error")

    monkeypatch.setattr("mahalleh_site.places.actions.import_topics", failing)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free))
    assert run(*table(tmp_path, JANUARY)) == cli.MACHINE
    told = capsys.readouterr().err
    assert said in told
    assert ("MAHALLEH_DATABASE_URL" in told) == (str(tmp_path / "city") not in told)


def truncated(path: Path) -> Path:
    whole = gzip.compress(path.read_bytes())
    target = path.with_suffix(".csv.gz")
    target.write_bytes(whole[: len(whole) - 20])
    path.unlink()
    return target


def emptied(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def recoded(path: Path) -> Path:
    path.write_bytes(path.read_text(encoding="utf-8").replace("On or near", "Près de là").encode("utf-16"))
    return path


def foreign(path: Path) -> Path:
    path.write_text("colour,shape\nred,round\n", encoding="utf-8")
    return path


def swapped(path: Path) -> Path:
    lon, lat = middle("a")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f",{lon},{lat},", f",{lat},{lon},"), encoding="utf-8")
    return path


def out_of_range(path: Path) -> Path:
    lon, lat = middle("a")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f",{lon},{lat},", ",551.4,95.7,"), encoding="utf-8")
    return path


def gone(path: Path) -> Path:
    path.unlink()
    return path


BAD = [truncated, emptied, recoded, foreign, swapped, out_of_range, gone]


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("spoil", BAD, ids=lambda spoil: spoil.__name__)
def test_load__refuses_bad_files_whole(squares, tmp_path, capsys, monkeypatch, spoil, language):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    good = street(tmp_path, ["a Burglary"], month="2024-01")
    bad = spoil(street(tmp_path, ["a Burglary"] * 50, month="2024-02"))
    line = ["load", "police_uk", str(bad)]
    if spoil is not out_of_range:  # whose rows are refused one by one, so that a good file beside it counts
        line.insert(2, str(good))
    refused(line, tmp_path, capsys, language=language, named=bad.name)


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize(
    ("line", "named"),
    [
        (["load", "kml", "FILE"], "kml"),
        (["load", "table", "FILE"], "--mapping"),
        (["load", "police_uk", "FILE", "--mapping", "FILE"], "--mapping"),
        (["load", "table", "FILE", "--mapping", "none.toml"], "none.toml"),
        (["load", "police_uk", "FILE", "--topics", "FILE"], "TOML"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_load__refuses_options_that_cannot_be_used(
    squares, tmp_path, capsys, monkeypatch, line, named, language
):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    path = street(tmp_path, ["a Burglary"])
    line = [str(path) if part == "FILE" else part for part in line]
    refused(line, tmp_path, capsys, language=language, named=named)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_load__suggests_the_other_calendar(squares, tmp_path, capsys, monkeypatch, language):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    line = table(tmp_path, [(date(2024, 1, 1), "a", "noise")])
    path = Path(line[2])
    path.write_text(path.read_text(encoding="utf-8").replace("2024-01-01", "1402-10-11"), encoding="utf-8")
    refused(line, tmp_path, capsys, language=language, named="persian")


def test_loop__says_unknown_of_months_for_which_no_file_came(squares, tmp_path, capsys):
    rows = [f"{area} Burglary" for area in "abcd" for _ in range(30)]
    held = [street(tmp_path, rows, month=f"2024-{month:02}") for month in (1, 2, 5, 6, 7, 8, 9)]
    assert run("load", "police_uk", *map(str, held)) == 0
    capsys.readouterr()
    assert run("loop") == 0
    assert "told of their period: 8." in capsys.readouterr().err
    release = Release.objects.get()
    assert (release.unknown, release.hidden) == (2 * 4, 0)
    counts = pl.read_csv(files.release_path(tmp_path / "city", 1) / "counts.csv", try_parse_dates=True)
    lost = counts.filter(pl.col("start").is_in([date(2024, 3, 1), date(2024, 4, 1)]))
    assert lost["hidden"].to_list() == ["unknown"] * 8
    assert lost["value"].null_count() == 8
    late = [street(tmp_path, rows, month=f"2024-{month:02}") for month in (3, 4)]
    assert run("load", "police_uk", *map(str, late)) == 0
    assert run("loop") == 0
    assert Release.objects.first().unknown == 0


@pytest.mark.parametrize("language", ["en", "fa"])
def test_load__names_area_ids_that_the_city_lacks_and_what_they_were_meant_to_be(
    squares, tmp_path, capsys, monkeypatch, language
):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", language)
    refused(
        table(tmp_path, [(date(2024, 1, 1), "B", "noise")]),
        tmp_path,
        capsys,
        language=language,
        named="B → b",
    )


def test_load__turns_offsets_into_the_citys_wall_time_and_says_where_points_decided(
    squares, tmp_path, capsys, settings
):
    settings.CITY = replace(settings.CITY, timezone="Asia/Tehran")
    lon, lat = middle("b")
    path = tmp_path / "told.csv"
    path.write_text(f"day,place,what,x,y\n2024-07-01T22:30Z,nowhere,noise,{lon},{lat}\n", encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    text = MAPPING.replace("%Y-%m-%d", "%Y-%m-%dT%H:%MZ")
    mapping.write_text(
        text.replace('area = "place"', 'area = "place"\nlon = "x"\nlat = "y"'), encoding="utf-8"
    )
    line = ["load", "table", str(path), "--mapping", str(mapping)]
    assert run(*line) == 3
    assert "nowhere (1)" in capsys.readouterr().err
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace("lon =", 'unknown_area = "point"\nlon ='),
        encoding="utf-8",
    )
    assert run(*line) == 0
    assert "In 1 rows the area's id is unknown" in capsys.readouterr().err
    events = EventStore(files.events_path(tmp_path / "city")).scan().collect()
    assert events.select("area", "time").rows() == [("b", datetime(2024, 7, 2, 2, 0))]


def test_load__says_that_it_may_not_read(squares, tmp_path, capsys):
    path = street(tmp_path, ["a Burglary"])
    path.chmod(0)
    with as_others():
        status = run("load", "police_uk", str(path))
    assert status in (3, 7)
    assert "right" in capsys.readouterr().err


def refused(line: list[str], tmp_path: Path, capsys, *, language: str, named: str) -> None:
    before = folder_state(tmp_path)
    assert run(*line) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert named in told.err
    assert "Traceback" not in told.err
    assert any("\u0600" <= letter <= "\u06ff" for letter in told.err) == (language == "fa")
    after = folder_state(tmp_path)
    assert {name: data for name, data in after.items() if not name.startswith("city/events")} == before
    assert not EventStore(files.events_path(tmp_path / "city")).batches()
    assert not Load.objects.exists()
    assert not Topic.objects.exists()


def test_load__keeps_store_and_database_together_when_the_row_cannot_be_written(
    squares, tmp_path, capsys, monkeypatch
):
    def broken(**facts):
        raise DatabaseError("disk full")

    monkeypatch.setattr(actions, "record_load", broken)
    assert run("load", "police_uk", str(street(tmp_path, ["a Burglary"]))) == cli.MACHINE
    assert "disk full" in capsys.readouterr().err
    assert not EventStore(files.events_path(tmp_path / "city")).batches()
    assert not Topic.objects.exists()


def test_load__refuses_a_file_of_which_nothing_could_be_kept(squares, tmp_path, capsys):
    assert run("load", "police_uk", str(street(tmp_path, ["a Witchcraft"] * 3))) == 3
    assert "not one of the 3 rows" in capsys.readouterr().err


def test_load__refuses_each_file_of_which_nothing_could_be_kept_and_names_it(squares, tmp_path, capsys):
    rows = ["a Burglary"] * 3
    good = [street(tmp_path, rows, month=month) for month in ("2024-01", "2024-03")]
    wrong = street(tmp_path, rows, month="2024-04").rename(tmp_path / "2024-02-force-street.csv")
    assert run("load", "police_uk", *map(str, good), str(wrong)) == 3
    said = capsys.readouterr().err
    assert "2024-02-force-street.csv: not one of the 3 rows" in said
    assert "2024-01-force" not in said
    assert not EventStore(files.events_path(tmp_path / "city")).batches()


def test_load__takes_a_file_that_lies_beyond_the_city_but_not_as_telling_of_its_month(squares, tmp_path):
    near = street(tmp_path, ["a Burglary"] * 3)
    far = street(tmp_path, ["nowhere Burglary"] * 3, month="2024-02")
    assert run("load", "police_uk", str(near), str(far)) == 0
    first, second = EventStore(files.events_path(tmp_path / "city")).batches()
    assert (len(first.covers), second.rows, second.covers) == (1, 0, ())


def test_load__never_makes_a_topic_less_careful_but_the_operator_may(squares, tmp_path):
    assert run(*table(tmp_path, [(date(2024, 1, 1), "a", "family")])) == 0
    assert Topic.objects.get(id="family").sensitivity == "careful"
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace('"careful"', '"open"'), encoding="utf-8")
    other = table(tmp_path, [(date(2024, 1, 2), "a", "family")], name="more.csv")
    mapping.write_text(MAPPING.replace('"careful"', '"open"'), encoding="utf-8")
    assert run(*other) == 0
    assert Topic.objects.get(id="family").sensitivity == "careful"
    own = '[[topic]]\nid = "family"\nsensitivity = "open"\nnames = { fa = "خانه", en = "Home" }\n'
    files.topics_path(tmp_path / "city").write_text(own, encoding="utf-8")
    assert run(*table(tmp_path, [(date(2024, 1, 3), "a", "family")], name="third.csv")) == 0
    family = Topic.objects.get(id="family")
    assert (family.sensitivity, family.name_en) == ("open", "Home")


def test_loop__publishes_whole_weeks_once_and_then_says_nothing_new(squares, tmp_path, capsys):
    assert run(*table(tmp_path, [*weeks(8, each=30), (date(2024, 2, 26), "a", "noise")])) == 0
    assert run("loop", "--json") == 0
    release = json.loads(capsys.readouterr().out)["release"]
    assert (release["number"], release["first"], release["last"]) == (1, "2024-01-01", "2024-02-26")
    assert release["rows"] == 8 * 4  # weeks and areas; the begun ninth week is not whole
    counts = pl.read_csv(tmp_path / "city/releases/1/counts.csv")
    assert counts["value"].sum() == pytest.approx(8 * 4 * 30, abs=60)  # noise of scale 1 in 32 cells
    assert run("loop") == 0
    assert "Nothing new" in capsys.readouterr().err
    assert Release.objects.count() == 1


def test_loop__never_changes_what_was_published(squares, tmp_path, capsys):
    assert run(*table(tmp_path, weeks(4, each=30))) == 0
    assert run("loop") == 0
    before = {row[2:4]: row for row in published(tmp_path, 1)}
    assert (
        run(*table(tmp_path, weeks(2, each=30, first=date(2024, 1, 22)), name="late.csv"), "--add-days") == 0
    )
    capsys.readouterr()
    assert run("loop") == 0
    assert f"{4 * 30} events came for periods that are published" in capsys.readouterr().err
    after = {row[2:4]: row for row in published(tmp_path, 2)}
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 4  # the one new week of four areas
    assert run("loop", "--json") == 0
    assert json.loads(capsys.readouterr().out)["waiting"] == 4 * 30  # also where nothing is new
    assert run("loop", "--revise") == 0
    assert "wait for" not in capsys.readouterr().err
    revised = pl.DataFrame(published(tmp_path, 3), orient="row")
    assert revised["column_6"].sum() == pytest.approx(
        (4 + 2) * 4 * 30, abs=70
    )  # 8 standard errors of the noise


def published(tmp_path: Path, number: int) -> list[tuple]:
    return pl.read_csv(tmp_path / f"city/releases/{number}/counts.csv").rows()


def test_loop__keeps_careful_topics_to_districts_and_sealed_ones_out_of_every_file(squares, tmp_path):
    rows = [row for what in ("noise", "family", "sealed") for row in weeks(9, each=12, what=what)]
    assert run(*table(tmp_path, rows)) == 0
    assert run("loop") == 0
    counts = pl.read_csv(tmp_path / "city/releases/1/counts.csv")
    family = counts.filter(pl.col("topic") == "family")
    assert set(family["level"]) == {"district"}
    assert set(family["freq"]) == {"M"}
    assert set(family["place"]) == {"east", "west"}
    for folder in ("releases", "private"):
        for path in (tmp_path / "city" / folder).rglob("*"):
            assert path.is_dir() or b"sealed-thing" not in path.read_bytes(), path.name


def test_loop__publishes_a_topic_the_new_way_from_where_the_old_way_ended(squares, tmp_path):
    assert run(*table(tmp_path, weeks(9, each=12))) == 0  # to 3 March
    assert run("loop") == 0
    own = '[[topic]]\nid = "noise"\nsensitivity = "careful"\nnames = { fa = "سروصدا", en = "Noise" }\n'
    files.topics_path(tmp_path / "city").write_text(own, encoding="utf-8")
    later = weeks(10, each=12, first=date(2024, 3, 4))  # to 12 May
    assert run(*table(tmp_path, later, name="later.csv")) == 0
    assert run("loop") == 0
    counts = pl.read_csv(tmp_path / "city/releases/2/counts.csv")
    assert set(counts["level"]) == {"district"}
    assert sorted(set(counts["start"])) == ["2024-04-01"]  # the first whole month after the last open week


def test_loop__waits_for_late_reports_as_long_as_the_city_says(squares, tmp_path, settings):
    from dataclasses import replace

    settings.CITY = replace(settings.CITY, lag_weeks=3)
    assert run(*table(tmp_path, weeks(8, each=12))) == 0
    assert run("loop") == 0
    release = Release.objects.get()
    assert release.last == date(2024, 1, 1) + timedelta(weeks=8 - 3)


def test_loop__publishes_a_source_from_when_it_began_to_record(squares, tmp_path):
    """Two sources: one coded from March on, with an event of 1970; one that told from January to April."""
    late = [(day, day, area, "noise") for day, area, _ in weeks(8, each=12, first=date(2024, 3, 4))]
    late += [(date(1970, 1, 1), date(2024, 3, 10), "a", "noise")]
    early = [(day, day, area, "family") for day, area, _ in weeks(13, each=12)]  # to 31 March
    for name, rows in (("late", late), ("early", early)):
        path = tmp_path / f"{name}.csv"
        path.write_text(
            "day,known,place,what\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows),
            encoding="utf-8",
        )
        mapping = tmp_path / f"{name}.toml"
        recorded = 'time = "day"\nrecorded = "known"\nrecorded_format = "%Y-%m-%d"'
        mapping.write_text(MAPPING.replace('time = "day"', recorded), encoding="utf-8")
        assert run("load", "table", str(path), "--mapping", str(mapping)) == 0
    assert run("loop") == 0
    counts = pl.read_csv(tmp_path / "city/releases/1/counts.csv", try_parse_dates=True)
    spans = {
        topic: (part["start"].min(), part["end"].max())
        for (topic,), part in counts.partition_by("topic", as_dict=True).items()
    }
    assert spans == {
        "noise": (date(2024, 3, 4), date(2024, 3, 4) + timedelta(weeks=8)),
        "family": (date(2024, 1, 1), date(2024, 4, 1)),
    }


def test_loop__says_that_no_period_is_whole_yet(squares, tmp_path, capsys):
    assert run(*table(tmp_path, [(date(2024, 1, 3), "a", "noise")])) == 0
    assert run("loop") == 3
    assert "do not yet fill one whole period" in capsys.readouterr().err
    assert not (tmp_path / "city/releases").exists()


def test_loop__lets_one_turn_run_at_a_time(squares, tmp_path, capsys):
    assert run(*table(tmp_path, weeks(4, each=12))) == 0
    with files.alone(tmp_path / "city"):
        assert run("loop") == 1
    assert "Another turn" in capsys.readouterr().err
    assert run("loop") == 0


def test_publish__freezes_the_noise_even_when_the_turn_breaks_after_the_ledger(
    squares, tmp_path, monkeypatch
):
    assert run(*table(tmp_path, weeks(4, each=30))) == 0

    def broken(target, contents):
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as patch:
        patch.setattr(turn, "_write_public", broken)
        assert run("loop") == cli.MACHINE
    assert not Release.objects.exists()
    ledger = pl.read_parquet(tmp_path / "city/private/ledger.parquet")
    assert run("loop") == 0
    assert pl.read_parquet(tmp_path / "city/private/ledger.parquet").equals(ledger)


def test_release__can_be_checked_by_anyone_and_notices_a_change(squares, tmp_path):
    import hashlib

    assert run(*table(tmp_path, weeks(4, each=30))) == 0
    assert run("loop") == 0
    folder = tmp_path / "city/releases/1"
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        data = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
    fields = [field["name"] for field in described["resources"][0]["schema"]["fields"]]
    assert (folder / "counts.csv").read_text(encoding="utf-8").splitlines()[0].split(",") == fields
    assert verifying.verify(1) == []
    (folder / "counts.csv").write_bytes(b"topic\n")
    (folder / "topics.csv").unlink()
    assert verifying.verify(1) == ["counts.csv", "topics.csv"]


def test_release__keeps_hidden_values_where_only_this_account_looks(squares, tmp_path):
    assert run(*table(tmp_path, weeks(4, each=30) + weeks(9, each=1))) == 0
    assert run("loop") == 0
    private = tmp_path / "city/private"
    assert private.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in private.glob("*.parquet"))
    shown = pl.read_csv(tmp_path / "city/releases/1/counts.csv", schema_overrides={"value": pl.Int64})
    exact = frozen.cells(tmp_path / "city", 1)
    assert shown["hidden"].count() > 0
    assert shown.filter(pl.col("hidden").is_not_null())["value"].null_count() == shown["hidden"].count()
    assert exact["value"].null_count() == 0
