"""Any table by a mapping: calendars, ids and coordinates, corrections, and refusals by reason."""

import gzip
from datetime import date, datetime

import polars as pl
import pytest

from mahalleh.errors import SourceError
from mahalleh.events import EventStore
from mahalleh.places import read_places
from mahalleh.sources import READERS
from mahalleh.sources._dates import _last_day
from tests.test_places import GRID

TOPICS = """
[[topic]]
id = "noise"
categories = ["Noise", "loud music"]
[[topic]]
id = "light"
categories = ["Lamp"]
kind = "activity"
"""
BY_ID = 'time = "day"\narea = "place"\ncategory = "what"\n'
BY_POINT = 'time = "day"\nlon = "x"\nlat = "y"\ncategory = "what"\n'


def mapped(folder, columns, file=""):
    path = folder / "mapping.toml"
    path.write_text(f"[file]\n{file}\n[columns]\n{columns}\n{TOPICS}", encoding="utf-8")
    return path


def csv_file(folder, text, name="table.csv", encoding="utf-8"):
    path = folder / name
    lines = "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"
    content = lines.encode(encoding)
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    return path


def read(path, mapping, **options):
    reading = READERS["table"]([path], places=GRID, mapping=mapping, **options)
    frames = [frame for batch in reading.batches() for frame in batch.frames]
    return pl.concat(frames), {reason: told.count for reason, told in reading.report.refused.items()}


def codes(caught):
    return sorted(fault.code.removeprefix("sources.") for fault in caught.value.faults)


def test_read__takes_area_ids_categories_and_days(tmp_path):
    path = csv_file(
        tmp_path, "day,place,what,victim\n2024-01-05,a0,LOUD music,Somebody\n2024-01-06,a1,lamp,Else"
    )
    events, refused = read(path, mapped(tmp_path, BY_ID))
    assert events.select(
        "time", "resolution", "recorded", "area", "cell", "topic", "source", "kind", "n"
    ).rows() == [
        (datetime(2024, 1, 5), "day", date(2024, 1, 5), "a0", None, "noise", "table", "need", 1),
        (datetime(2024, 1, 6), "day", date(2024, 1, 6), "a1", None, "light", "table", "activity", 1),
    ]
    assert refused == {}


def test_read__prefers_the_area_id_and_falls_back_to_the_point_where_the_mapping_says_so(tmp_path):
    columns = BY_POINT + 'area = "place"\nunknown_area = "point"\n'
    path = csv_file(
        tmp_path,
        """day,place,x,y,what
        2024-01-05,a1,51.005,35.005,noise
        2024-01-05,,51.005,35.005,noise
        2024-01-05,unknown,51.005,35.005,noise
        2024-01-05,unknown,,,noise
        2024-01-05,,,,noise
        2024-01-05,,51.9,35.9,noise""",
    )
    events, refused = read(path, mapped(tmp_path, columns))
    assert events["area"].to_list() == ["a1", "a0", "a0"]
    assert events["cell"].null_count() == 0
    assert refused == {"unknown-area": 1, "no-place": 1, "outside": 1}


@pytest.mark.parametrize("given", ["A1", " a1 ", "a01", "a۱", "a١", "\u200fa1"])
def test_read__names_what_an_unknown_area_id_was_likely_meant_to_be(tmp_path, given):
    columns = BY_POINT + 'area = "place"\n'
    rows = "day,place,x,y,what\n" + f"2024-01-05,{given},51.005,35.005,noise\n" * 3
    if given.strip() == "a1":
        assert read(csv_file(tmp_path, rows), mapped(tmp_path, columns))[0]["area"].to_list() == ["a1"] * 3
        return
    with pytest.raises(SourceError) as caught:
        read(csv_file(tmp_path, rows), mapped(tmp_path, columns))
    assert codes(caught) == ["unknown-ids"]
    told = caught.value.faults[0].facts
    assert (told["rows"], told["count"]) == (3, 1)
    assert told["likely"] == [f"{given} → a1"]
    assert "unknown_area" in caught.value.text("fa")


def test_read__names_unknown_area_ids_of_the_whole_file_and_stores_nothing(tmp_path):
    """The last row stands in another frame than the first: a file is judged when it has been read through."""
    rows = ["2024-01-05,a1,51.005,35.005,noise"] * 70_000 + ["2024-01-05,elsewhere,51.005,35.005,noise"]
    path = csv_file(tmp_path, "day,place,x,y,what\n" + "\n".join(rows))
    mapping = mapped(tmp_path, BY_POINT + 'area = "place"\n')
    store = EventStore(tmp_path / "events")
    with pytest.raises(SourceError, match="elsewhere \\(1\\)") as caught:
        store.append_all(READERS["table"]([path], places=GRID, mapping=mapping).batches())
    assert codes(caught) == ["unknown-ids"]
    assert store.batches() == ()


@pytest.mark.parametrize(
    ("choice", "areas", "refused"),
    [
        ("likely", ["a1"], {"unknown-area": 2}),
        ("point", ["a0", "a0"], {"unknown-area": 1}),
        ("refuse", [], {"unknown-area": 3}),
    ],
)
def test_read__does_with_unknown_area_ids_what_the_mapping_says(tmp_path, choice, areas, refused):
    columns = BY_POINT + f'area = "place"\nunknown_area = "{choice}"\n'
    path = csv_file(
        tmp_path,
        """day,place,x,y,what
        2024-01-05,A01,51.005,35.005,noise
        2024-01-05,elsewhere,51.005,35.005,noise
        2024-01-05,elsewhere,,,noise""",
    )
    reading = READERS["table"]([path], places=GRID, mapping=mapped(tmp_path, columns))
    events = pl.concat([frame for batch in reading.batches() for frame in batch.frames])
    assert events["area"].to_list() == areas
    assert {reason: told.count for reason, told in reading.report.refused.items()} == refused
    assert reading.report.by_point == (2 if choice == "point" else 0)


def test_read__refuses_a_choice_about_unknown_areas_that_is_none(tmp_path):
    path = csv_file(tmp_path, "day,place,what\n2024-01-05,a0,noise")
    with pytest.raises(SourceError, match="unknown_area") as caught:
        read(path, mapped(tmp_path, BY_ID + 'unknown_area = "guess"\n'))
    assert codes(caught) == ["mapping-value"]


# Tehran is 3:30 ahead of Greenwich the year round; Berlin 1 hour, and 2 in summer; London 1 in summer
@pytest.mark.parametrize(
    ("format", "given", "zone", "wanted"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", "2024-07-01T22:30:00+0000", "Asia/Tehran", datetime(2024, 7, 2, 2, 0)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-07-01T22:30:00-05:00", "Europe/Berlin", datetime(2024, 7, 2, 5, 30)),
        ("%Y-%m-%dT%H:%M:%SZ", "2024-12-31T23:30:00Z", "Europe/Berlin", datetime(2025, 1, 1, 0, 30)),
        ("%Y-%m-%d %H:%M UTC", "2024-07-01 22:30 UTC", "Europe/Berlin", datetime(2024, 7, 2, 0, 30)),
        (
            "%Y-%m-%dT%H:%M:%S+02:00",
            "2024-07-01T00:30:00+02:00",
            "Europe/London",
            datetime(2024, 6, 30, 23, 30),
        ),
        ("%Y-%m-%d %H:%M:%S+00", "2024-07-01 22:30:00+00", "Europe/Berlin", datetime(2024, 7, 2, 0, 30)),
        ("%Y-%m-%d %H:%M:%S-05", "2024-07-01 22:30:00-05", "Europe/Berlin", datetime(2024, 7, 2, 5, 30)),
        ("%Y-%m-%d GMT%z %H:%M", "2024-07-01 GMT+0000 22:30", "Europe/Berlin", datetime(2024, 7, 2, 0, 30)),
        ("%d.%m.%Y %Hh%M Uhr", "01.07.2024 22h30 Uhr", "Europe/Berlin", datetime(2024, 7, 1, 22, 30)),
        ("%Y/%m/%d ساعت %H:%M", "2024/07/01 ساعت 22:30", "Asia/Tehran", datetime(2024, 7, 1, 22, 30)),
        ("%+", "2024-07-01T22:30:00Z", "Europe/Berlin", datetime(2024, 7, 2, 0, 30)),
        ("%s", "1719873000", "Europe/Berlin", datetime(2024, 7, 2, 0, 30)),
        (
            "%Y-%m-%dZ",
            "2024-07-01Z",
            "America/Chicago",
            datetime(2024, 7, 1),
        ),  # a day is the day as written
        ("%Y-%m-%dT%H:%M", "2024-07-01T22:30", "Europe/Berlin", datetime(2024, 7, 1, 22, 30)),
    ],
)
def test_read__turns_offsets_into_the_citys_wall_time(tmp_path, format, given, zone, wanted):
    path = csv_file(tmp_path, f"day,place,what\n{given},a0,noise")
    events, refused = read(path, mapped(tmp_path, BY_ID + f'time_format = "{format}"\n'), zone=zone)
    assert (events["time"].to_list(), refused) == ([wanted], {})
    assert events["recorded"].to_list() == [wanted.date()]


def test_read__turns_a_column_that_knows_its_zone_into_the_citys_wall_time(tmp_path):
    moment = pl.Series([datetime(2024, 12, 31, 23, 30)]).dt.replace_time_zone("UTC")
    path = tmp_path / "table.parquet"
    pl.DataFrame({"day": moment, "place": ["a0"], "what": ["noise"]}).write_parquet(path)
    mapping = mapped(tmp_path, BY_ID)
    events, _ = read(path, mapping, zone="Europe/Berlin")
    assert events["time"].to_list() == [datetime(2025, 1, 1)]  # known to the day, as the mapping says nothing
    with pytest.raises(SourceError) as caught:
        read(path, mapping)
    assert codes(caught) == ["no-zone"]


def test_read__never_throws_an_offset_away(tmp_path):
    path = csv_file(tmp_path, "day,place,what\n2024-07-01T22:30:00+0000,a0,noise")
    with pytest.raises(SourceError) as caught:
        read(path, mapped(tmp_path, BY_ID + 'time_format = "%Y-%m-%dT%H:%M:%S%z"\n'))
    assert codes(caught) == ["no-zone"]
    with pytest.raises(SourceError) as caught:
        read(path, mapped(tmp_path, BY_ID + 'time_format = "%Y-%m-%dT%H:%M:%S%Z"\n'), zone="Europe/Berlin")
    assert codes(caught) == ["zone-name"]


@pytest.mark.parametrize(
    ("format", "lost"),
    [
        ("%Y-%m-%d %H:%M UTC+3", "UTC"),
        ("%Y-%m-%d %H:%M (UTC)", "UTC"),
        ("UTC %Y-%m-%d %H:%M", "UTC"),
        ("%Y-%m-%d %H:%M EST", "EST"),
        ("%Y-%m-%d %I:%M %p est", "est"),
        ("%Y-%m-%d %H:%M Europe/Berlin", "Europe/Berlin"),
        ("%Y-%m-%d %H:%M+3", "+3"),
        ("%Y-%m-%d %H:%M \u221203:30", "\u221203:30"),
        ("%H:%M-05:00 %Y-%m-%d", "-05:00"),
    ],
)
def test_read__never_throws_away_what_may_tell_an_offset(tmp_path, format, lost):
    path = csv_file(tmp_path, "day,place,what\n2024-07-01,a0,noise")
    with pytest.raises(SourceError) as caught:
        read(path, mapped(tmp_path, BY_ID + f'time_format = "{format}"\n'), zone="Europe/Berlin")
    assert codes(caught) == ["zone-name"]
    assert caught.value.faults[0].facts["lost"] == lost


def test_read__knows_solar_dates_in_either_digits(tmp_path):
    path = csv_file(
        tmp_path, "day,place,what\n1403/01/01,a0,noise\n۱۴۰۳/۱۲/۳۰ ۱۴:۰۵,a0,noise\n1404-12-30,a0,noise"
    )
    events, refused = read(path, mapped(tmp_path, BY_ID + 'calendar = "persian"\n'))
    # 1403 was a leap year, 1404 is not: its Esfand has 29 days
    assert events["time"].dt.date().to_list() == [date(2024, 3, 20), date(2025, 3, 20)]
    assert refused == {"bad-date": 1}


def test_read__knows_the_end_of_a_solar_month_of_recording(tmp_path):
    columns = BY_ID + 'calendar = "persian"\nrecorded = "known"\nrecorded_format = "%Y/%m"\n'
    rows = [
        "day,place,what,known",
        "1403/12/20,a0,noise,1403/12",
        "1402/12/29,a0,noise,۱۴۰۲/۱۲",
        "1403/06/31,a0,noise,1403/6",
    ]
    events, refused = read(csv_file(tmp_path, "\n".join(rows)), mapped(tmp_path, columns))
    # Esfand had 30 days in 1403, a leap year, and 29 in 1402; Shahrivar always has 31
    assert events["recorded"].to_list() == [date(2025, 3, 20), date(2024, 3, 19), date(2024, 9, 21)]
    assert refused == {}


def test_read__takes_a_solar_date_without_a_day_for_no_day(tmp_path):
    path = csv_file(tmp_path, "day,place,what\n1403/01,a0,noise\n1403/01/05,a0,noise")
    events, refused = read(path, mapped(tmp_path, BY_ID + 'calendar = "persian"\n'))
    assert events["time"].to_list() == [datetime(2024, 3, 24)]
    assert refused == {"bad-date": 1}


def test_read__refuses_events_that_know_only_their_solar_month(tmp_path):
    mapping = mapped(tmp_path, BY_ID + 'calendar = "persian"\ntime_format = "%Y/%m"\n')
    with pytest.raises(SourceError) as caught:
        read(csv_file(tmp_path, "day,place,what\n1403/01,a0,noise"), mapping)
    assert codes(caught) == ["solar-month"]


@pytest.mark.parametrize("encoding", ["klingon", "base64", "cp1256\\u0000"])
def test_read__refuses_an_encoding_that_nobody_knows(tmp_path, encoding):
    with pytest.raises(SourceError, match="encoding") as caught:
        read(csv_file(tmp_path, "day,place,what"), mapped(tmp_path, BY_ID, f'encoding = "{encoding}"'))
    assert codes(caught) == ["mapping-value"]


def test_read__reads_a_plain_table_of_another_encoding_and_names_the_line_that_is_not_in_it(tmp_path):
    path = csv_file(tmp_path, "day,place,what,who\n2024-01-05,a0,noise,علي", encoding="cp1256")
    assert read(path, mapped(tmp_path, BY_ID, 'encoding = "CP1256"'))[0].height == 1
    with pytest.raises(SourceError, match=r"line \d+") as caught:
        read(path, mapped(tmp_path, BY_ID, 'encoding = "ascii"'))
    assert codes(caught) == ["encoding"]


def test_read__says_which_calendar_the_dates_look_like(tmp_path):
    path = csv_file(tmp_path, "day,place,what\n1403/01/01,a0,noise")
    with pytest.raises(SourceError, match='calendar = "persian"') as caught:
        read(path, mapped(tmp_path, BY_ID))
    assert codes(caught) == ["other-calendar"]
    path = csv_file(tmp_path, "day,place,what\n2024-01-01,a0,noise")
    with pytest.raises(SourceError) as caught:
        read(path, mapped(tmp_path, BY_ID + 'calendar = "persian"\n'))
    assert codes(caught) == ["not-persian"]


def test_read__says_when_no_date_fits_the_format(tmp_path):
    path = csv_file(tmp_path, "day,place,what\n05.01.2024,a0,noise")
    with pytest.raises(SourceError, match=r"05\.01\.2024") as caught:
        read(path, mapped(tmp_path, BY_ID))
    assert codes(caught) == ["no-date-fits"]
    events, _ = read(path, mapped(tmp_path, BY_ID + 'time_format = "%d.%m.%Y"\n'))
    assert events["time"].to_list() == [datetime(2024, 1, 5)]


def test_read__counts_n_and_knows_when_it_was_recorded(tmp_path):
    columns = BY_ID + 'n = "n"\nrecorded = "known"\nrecorded_format = "%Y-%m"\n'
    path = csv_file(
        tmp_path,
        """day,place,what,n,known
        2024-01-05,a0,noise,3,2024-01
        2024-01-05,a0,noise,-1,2024-02
        2024-01-05,a0,noise,0,2024-02
        2024-01-05,a0,noise,,2024-02
        2024-01-05,a0,noise,1.5,2024-02
        2024-01-05,a0,noise,1,2023-12
        ,a0,noise,1,2024-01
        soon,a0,noise,1,2024-01
        2024-01-05,a0,,1,2024-01
        2024-01-05,a0,music,1,2024-01""",
    )
    events, refused = read(path, mapped(tmp_path, columns))
    assert events.select("n", "recorded").rows() == [(3, date(2024, 1, 31)), (-1, date(2024, 2, 29))]
    assert refused == {
        "no-category": 1, "unknown-category": 1, "no-date": 1, "bad-date": 1, "recorded-early": 1,
        "no-count": 2, "bad-count": 1,
    }  # fmt: skip


def test_read__reads_other_encodings_separators_and_gzip(tmp_path):
    path = csv_file(tmp_path, "day;place;what\n2024-01-05;a0;Noise", name="t.csv.gz", encoding="cp1256")
    events, _ = read(path, mapped(tmp_path, BY_ID, 'encoding = "cp1256"\nseparator = ";"\nsource = "desk"'))
    assert events["source"].to_list() == ["desk"]


def test_read__reads_parquet_and_excel(tmp_path):
    table = pl.DataFrame(
        {"day": [date(2024, 1, 5)], "place": ["a0"], "what": ["noise"], "victim": ["Somebody"]}
    )
    table.write_parquet(tmp_path / "t.parquet")
    events, _ = read(tmp_path / "t.parquet", mapped(tmp_path, BY_ID))
    assert events.select("time", "area").rows() == [(datetime(2024, 1, 5), "a0")]
    table.write_excel(tmp_path / "t.xlsx")
    events, _ = read(tmp_path / "t.xlsx", mapped(tmp_path, BY_ID))
    assert events.select("time", "area").rows() == [(datetime(2024, 1, 5), "a0")]


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_read__says_of_an_empty_file_that_it_is_empty(tmp_path, ending):
    path = tmp_path / f"t.{ending}"
    path.touch()
    with pytest.raises(SourceError) as caught:
        READERS["table"]([path], places=GRID, mapping=mapped(tmp_path, BY_ID))
    assert codes(caught) == ["empty"]


def test_read__names_the_line_of_a_sheet_as_the_sheet_numbers_it(tmp_path):
    table = pl.DataFrame({"day": [date(2024, 1, 5)], "x": [551000.0], "y": [3870000.0], "what": ["noise"]})
    table.write_excel(tmp_path / "t.xlsx")
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.xlsx", mapped(tmp_path, BY_POINT))
    assert caught.value.faults[0].facts["line"] == 2


def test_read__takes_any_degree_for_a_degree(tmp_path):
    """Points by the date line lie outside this city, and are points."""
    path = csv_file(tmp_path, "day,x,y,what\n2024-01-05,179.9,-89.9,noise\n")
    events, refused = read(path, mapped(tmp_path, BY_POINT))
    assert events.is_empty()
    assert sum(count for count in refused.values()) == 1


@pytest.mark.parametrize("month", [0, 13])
def test_last_day__of_a_month_that_no_year_has_is_refused(month):
    assert [_last_day(1403, 1), _last_day(1403, 7), _last_day(1403, 12), _last_day(1404, 12)] == [
        31,
        30,
        30,
        29,
    ]
    with pytest.raises(ValueError, match=str(month)):
        _last_day(1403, month)


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("content", [b"", b"\x01\x02\x00 nothing like it"])
def test_read__refuses_what_is_no_table(tmp_path, ending, content):
    path = tmp_path / f"t.{ending}"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        READERS["table"]([path], places=GRID, mapping=mapped(tmp_path, BY_ID))
    assert codes(caught)[0] in {"empty", "binary", "unreadable"}
    assert path.name in str(caught.value)


def test_read__names_every_fault_of_a_mapping(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text('[file]\ncolour = "red"\n[columns]\narea = "a"\ncalendar = "mayan"\n[other]\n' + TOPICS)
    with pytest.raises(SourceError) as caught:
        READERS["table"]([csv_file(tmp_path, "a,b\n1,2")], places=GRID, mapping=path)
    assert codes(caught) == ["mapping-key", "mapping-key", "mapping-lacks", "mapping-lacks", "mapping-value"]


@pytest.mark.parametrize("text", ["[columns", "\udc80"])
def test_read__refuses_a_mapping_that_is_no_toml(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SourceError) as caught:
        READERS["table"]([], places=GRID, mapping=path)
    assert codes(caught) == ["mapping-unreadable"]


def test_read__never_reads_a_column_that_the_mapping_does_not_name(tmp_path):
    """A column of broken numbers that nobody asked for must not matter: it is not even parsed."""
    path = csv_file(tmp_path, "day,secret,place,what\n2024-01-05,0x,a0,noise")
    assert read(path, mapped(tmp_path, BY_ID))[0].height == 1


@pytest.mark.shared
def test_read__accounts_for_all_246291_records_of_st_louis(shared, tmp_path):
    folder = shared / "data" / "st_louis"
    places = read_places(folder / "neighbourhoods.geojson", id="nhd_num", name="nhd_name")
    mapping = "examples/st_louis.toml"
    reading = READERS["table"]([folder / "incidents_2015_2019.csv.gz"], places=places, mapping=mapping)
    store = EventStore(tmp_path)
    store.append_all(reading.batches())
    rows = pl.read_csv(
        gzip.decompress((folder / "incidents_2015_2019.csv.gz").read_bytes()), infer_schema=False
    )
    numbers = rows.with_columns(pl.col("count").cast(pl.Int64), pl.col("nhood").str.strip_chars())
    known = numbers.filter(pl.col("nhood").is_in(places.index.to_list()))
    early = known.filter(pl.col("coded_month") < pl.col("occurred_at").str.slice(0, 7))
    report = reading.report
    refused = {reason: told.count for reason, told in report.refused.items()}
    assert report.rows_read == rows.height == 246_291
    assert report.rows_kept + sum(refused.values()) == report.rows_read
    assert refused["recorded-early"] >= early.height
    assert report.rows_kept >= known.height - early.height
    kept = dict(store.scan().group_by("topic").agg(pl.col("n").sum()).collect().iter_rows())
    by_category = dict(
        known.join(early, on=rows.columns, how="anti")
        .group_by("category")
        .agg(pl.col("count").sum())
        .iter_rows()
    )
    placed_by_point = report.rows_kept - (known.height - early.height)
    assert abs(kept["larceny"] - by_category["larceny"]) <= placed_by_point
    assert abs(kept["homicide"] - by_category["homicide"]) <= placed_by_point
