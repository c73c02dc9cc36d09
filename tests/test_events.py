"""The event schema and its store: what the door refuses, and that a batch is there whole or not at all."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import h3
import polars as pl
import pytest

from mahalleh.errors import EventsError
from mahalleh.events import SCHEMA, EventStore, Incoming, check_events

CELL = h3.str_to_int(h3.latlng_to_cell(35.0, 51.0, 9))


def events(*days, n=1, kind="need", **changes):
    rows = pl.DataFrame(
        {
            "time": [datetime.fromisoformat(day) for day in days],
            "resolution": "day",
            "recorded": [date.fromisoformat(day) for day in days],
            "area": "a",
            "cell": pl.Series([CELL] * len(days), dtype=pl.UInt64),
            "topic": "noise",
            "source": "s",
            "kind": kind,
            "n": n,
        }
    )
    return rows.with_columns(**changes).cast({k: v for k, v in SCHEMA.items() if k in ("time", "recorded")})


def codes(caught):
    return sorted(fault.code.removeprefix("events.") for fault in caught.value.faults)


def tree(path):
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_schema__has_no_column_for_a_person_an_address_a_text_or_a_coordinate():
    assert list(SCHEMA) == ["time", "resolution", "recorded", "area", "cell", "topic", "source", "kind", "n"]


@pytest.mark.parametrize("column", ["name", "address", "description", "lon", "age", "suspect"])
def test_check_events__refuses_any_other_column(column):
    with pytest.raises(EventsError, match=column) as caught:
        check_events(events("2024-01-01").with_columns(pl.lit("x").alias(column)))
    assert codes(caught) == ["extra-column"]


def test_check_events__names_every_fault_at_once():
    bad = events(
        "2024-01-01",
        n=0,
        area=pl.lit(""),
        recorded=pl.lit(date(2023, 12, 31)),
        cell=pl.lit(h3.str_to_int(h3.latlng_to_cell(35, 51, 10)), dtype=pl.UInt64),
        source=pl.lit(None, dtype=pl.String),
    )
    with pytest.raises(EventsError) as caught:
        check_events(bad)
    assert codes(caught) == ["bad-cell", "empty-value", "empty-value", "known-too-early", "zero"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time": pl.lit("2024")}, "bad-type"),
        ({"kind": pl.lit("arrest")}, "bad-type"),
        ({"n": pl.lit(1.5)}, "bad-type"),
    ],
)
def test_check_events__refuses_other_types_and_kinds(change, code):
    with pytest.raises(EventsError) as caught:
        check_events(pl.concat([events("2024-01-01")]).with_columns(**change))
    assert codes(caught) == [code]


@pytest.mark.parametrize(
    ("column", "dtype", "fits"),
    [
        ("time", pl.Datetime("ms"), True),
        ("time", pl.Datetime("us", "Asia/Tehran"), False),
        ("time", pl.String, False),
        ("n", pl.Int64, True),
        ("n", pl.Float64, False),
        ("kind", pl.String, True),
    ],
)
def test_check_events__takes_other_types_that_say_the_same(column, dtype, fits):
    frame = events("2024-01-01", "2024-01-02")
    other = frame.with_columns(pl.col(column).cast(dtype))
    if fits:
        assert check_events(other).equals(check_events(frame))
    else:
        with pytest.raises(EventsError) as caught:
            check_events(other)
        assert codes(caught) == ["bad-type"]


@pytest.mark.parametrize("bit", [59, 52])  # of the mode and of the resolution, the lowest
def test_check_events__refuses_cells_of_another_kind_or_size(bit):
    wrong = pl.Series([CELL ^ (1 << bit)], dtype=pl.UInt64)
    with pytest.raises(EventsError) as caught:
        check_events(events("2024-01-01").with_columns(cell=wrong))
    assert len(codes(caught)) == 1


def test_check_events__keeps_a_correction_and_an_unknown_cell():
    kept = check_events(events("2024-01-01", n=-1, cell=pl.lit(None, dtype=pl.UInt64)))
    assert kept["n"].to_list() == [-1]
    assert kept.schema == SCHEMA


def test_store__gives_back_what_was_appended_by_month(tmp_path):
    store = EventStore(tmp_path / "events")
    batch = store.append(
        [events("2024-01-31", "2024-02-01"), events("2024-02-29", n=-1)], digest="d", name="f"
    )
    assert (batch.rows, batch.n, batch.first, batch.last) == (3, 1 + 1 - 1, "2024-01-31", "2024-02-29")
    assert [file.split("/")[0] for file in batch.files] == ["month=2024-01", "month=2024-02"]
    assert store.scan().collect().sort("time")["n"].to_list() == [1, 1, -1]
    assert store.bounds() == (date(2024, 1, 31), date(2024, 2, 29), date(2024, 2, 29))
    assert store.scan().collect_schema() == SCHEMA
    store.check()


def test_store__is_made_with_the_folders_above_it(tmp_path):
    store = EventStore(tmp_path / "far" / "away" / "events")
    store.append([events("2024-01-31")], digest="d", name="f")
    assert len(store.batches()) == 1


def test_store__knows_of_a_batch_the_last_event_and_the_last_recording(tmp_path):
    late = events("2024-01-31").with_columns(recorded=pl.lit(date(2024, 3, 9)))
    batch = EventStore(tmp_path).append([late], digest="d", name="f")
    assert (batch.last, batch.recorded) == ("2024-01-31", "2024-03-09")


def test_store__names_files_in_the_order_in_which_batches_came(tmp_path):
    store = EventStore(tmp_path)
    for first in ("a", "c"):
        pair = [Incoming(name, name, [events("2024-01-31")]) for name in (first, first + first)]
        store.append_all(pair, same_days="add")
    names = [batch.files[0] for batch in store.batches()]
    assert names == sorted(names)
    assert [batch.name for batch in store.batches()] == ["a", "aa", "c", "cc"]


def test_store__is_empty_before_the_first_batch(tmp_path):
    store = EventStore(tmp_path)
    assert store.bounds() is None
    assert store.scan().collect().schema == SCHEMA


def test_store__refuses_the_same_content_twice_and_stays_as_it_was(tmp_path):
    store = EventStore(tmp_path)
    store.append([events("2024-01-01")], digest="d", name="f")
    before = tree(tmp_path)
    with pytest.raises(EventsError, match="--replace") as caught:
        store.append([events("2024-01-02")], digest="d", name="other")
    assert codes(caught) == ["already-loaded"]
    assert tree(tmp_path) == before


def test_store__takes_the_same_name_with_other_content_for_another_batch(tmp_path):
    store = EventStore(tmp_path)
    store.append([events("2024-01-01")], digest="d", name="f")
    store.append([events("2024-02-01")], digest="e", name="f")
    assert [(batch.name, batch.digest) for batch in store.batches()] == [("f", "d"), ("f", "e")]
    store.append([events("2024-02-01", "2024-02-02")], digest="e", name="f", replace=True)
    # the one of the same content goes, not the other of its name
    assert [(batch.digest, batch.rows) for batch in store.batches()] == [("d", 1), ("e", 2)]


JANUARY = [f"2024-01-{day:02}" for day in range(1, 29)]


def overlapping(store, **options):
    """January, then nine of its days once more with a day of February."""
    store.append([events(*JANUARY)], digest="d", name="january.csv")
    return store.append([events(*JANUARY[19:], "2024-02-01")], digest="e", name="to_february.csv", **options)


def test_store__refuses_days_that_the_source_told_already_and_names_them(tmp_path):
    store = EventStore(tmp_path)
    with pytest.raises(EventsError, match="--replace-days") as caught:
        overlapping(store)
    (fault,) = caught.value.faults
    assert fault.code == "events.days-loaded"
    assert (fault.facts["days"], fault.facts["rows"]) == (["2024-01-20–2024-01-28"], 28 - 19)
    assert (fault.facts["earlier"], fault.facts["sources"]) == ("january.csv", ["s"])
    assert "‎--replace-days" in caught.value.text("fa")
    assert [batch.name for batch in store.batches()] == ["january.csv"]
    store.check()


def test_store__reads_days_anew_where_told_to(tmp_path):
    store = EventStore(tmp_path)
    overlapping(store, same_days="replace")
    first, second = store.batches()
    assert (first.rows, first.n, first.last, first.digest) == (19, 19, "2024-01-19", "d")
    assert second.rows == 9 + 1
    held = store.scan().collect()["time"].dt.date()
    assert held.n_unique() == held.len() == 28 + 1
    store.check()
    with pytest.raises(EventsError) as caught:  # what is left of it is still the file that was loaded
        store.append([events(*JANUARY)], digest="d", name="january.csv")
    assert codes(caught) == ["already-loaded"]


def test_store__takes_a_batch_out_whole_where_all_its_days_are_read_anew(tmp_path):
    store = EventStore(tmp_path)
    store.append([events("2024-01-01")], digest="d", name="a")
    store.append([events("2024-01-01", "2024-01-01")], digest="e", name="b", same_days="replace")
    assert [batch.digest for batch in store.batches()] == ["e"]
    assert store.scan().collect().height == 2


def test_store__counts_days_twice_where_they_are_said_to_be_others(tmp_path):
    store = EventStore(tmp_path)
    overlapping(store, same_days="add")
    assert store.scan().collect().height == 28 + 9 + 1


@pytest.mark.parametrize(
    "other",
    [
        {"source": pl.lit("t")},
        {"topic": pl.lit("light")},
        {"recorded": pl.lit(date(2024, 2, 15))},  # told later on, by its own day of recording
    ],
    ids=["source", "topic", "recorded"],
)
def test_store__adds_rows_of_the_same_day_that_are_no_overlap(tmp_path, other):
    store = EventStore(tmp_path)
    store.append([events(*JANUARY)], digest="d", name="january.csv")
    store.append([events("2024-01-05", **other)], digest="e", name="more.csv")
    assert store.scan().collect().height == 28 + 1


def test_store__takes_files_that_their_sources_are_called_after_for_one_source(tmp_path):
    store = EventStore(tmp_path)
    store.append([events("2024-01-01", source=pl.lit("jan"))], digest="d", name="jan.csv")
    with pytest.raises(EventsError) as caught:
        store.append([events("2024-01-01", source=pl.lit("extract"))], digest="e", name="extract.csv")
    assert codes(caught) == ["days-loaded"]
    store.append(
        [events("2024-01-01", source=pl.lit("extract"), topic=pl.lit("light"))],
        digest="f",
        name="extract.csv",
    )


def named(name, source, *, named=True):
    return Incoming(name, f"{name} {source}", [events("2024-01-01", source=pl.lit(source))], named=named)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (named("desk.csv", "desk"), named("more.csv", "desk")),  # the first file is called like its source
        (named("desk.csv", "desk", named=False), named("more.csv", "desk")),  # of a store that did not ask
        (named("jan.csv", "jan", named=False), named("jan2.csv", "desk")),  # named after the first load
        (named("jan.csv", "desk"), named("jan2.csv", "jan2", named=False)),
        (named("jan.csv", "desk"), named("jan2.csv", "Desk")),
        (named("jan.csv", "میز علی"), named("jan2.csv", "ميز علي")),
    ],
)
def test_store__never_counts_days_twice_in_silence_however_the_source_is_called(tmp_path, first, second):
    for given in ([first, second], [second, first]):
        store = EventStore(tmp_path / given[0].name)
        store.append_all(given[:1])
        with pytest.raises(EventsError) as caught:
            store.append_all(given[1:])
        assert codes(caught) == ["days-loaded"]
        assert caught.value.faults[0].facts["days"] == ["2024-01-01"]
        store.append_all(given[1:], same_days="replace")
        assert [batch.name for batch in store.batches()] == [given[1].name]
        with pytest.raises(EventsError) as caught:
            EventStore(tmp_path / "one").append_all(given)
        assert codes(caught) == ["days-given-twice"]


def test_store__takes_two_named_sources_for_two_though_one_is_called_like_its_file(tmp_path):
    store = EventStore(tmp_path)
    store.append_all([named("desk.csv", "desk"), named("street.csv", "street")])
    assert [batch.named for batch in store.batches()] == [True, True]


def test_store__keeps_apart_what_is_never_a_nameless_file(tmp_path):
    ours, table = named("reports 2024-01", "reports:web"), named("jan.csv", "jan", named=False)
    for given in ([ours, table], [table, ours]):
        store = EventStore(tmp_path / given[0].name)
        for one in given:
            store.append_all([one], apart="reports:")
        assert store.scan().collect().height == 2


@pytest.mark.parametrize("months_first", [True, False])
def test_store__knows_a_month_and_its_days_for_the_same(tmp_path, months_first):
    store = EventStore(tmp_path)
    month = events("2024-01-01", resolution=pl.lit("month"), recorded=pl.lit(date(2024, 1, 31)))
    first, second = (month, events("2024-01-09")) if months_first else (events("2024-01-09"), month)
    store.append([first], digest="d", name="a")
    with pytest.raises(EventsError) as caught:
        store.append([second], digest="e", name="b")
    assert codes(caught) == ["days-loaded"]


def test_store__refuses_days_that_two_batches_of_one_load_tell(tmp_path):
    store = EventStore(tmp_path)
    pair = [Incoming("a", "a", [events("2024-01-01")]), Incoming("b", "b", [events("2024-01-01")])]
    for same_days in ("refuse", "replace"):
        with pytest.raises(EventsError) as caught:
            store.append_all(pair, same_days=same_days)
        assert codes(caught) == ["days-given-twice"]
    assert store.batches() == ()
    assert not list(tmp_path.glob("month=*"))


def test_store__tells_what_goes_before_it_goes_and_stops_where_nobody_agrees(tmp_path):
    store = EventStore(tmp_path)
    store.append([events(*JANUARY)], digest="d", name="f")
    before = tree(tmp_path)

    def refused(taken, coming):
        assert [(one.batch.name, one.rows, one.left) for one in taken] == [("f", 28, None)]
        assert [batch.rows for batch in coming] == [1]
        assert {name: data for name, data in tree(tmp_path).items() if name in before} == before
        raise EventsError("events.no-events", name="no")

    with pytest.raises(EventsError):
        store.append_all([Incoming("f", "e", [events("2024-01-01")])], replace=True, agree=refused)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "step", ["polars.DataFrame.write_parquet", "mahalleh.events._parquet.sync", "json.dump"]
)
def test_store__says_which_folder_is_full_and_loses_nothing(tmp_path, monkeypatch, step):
    store = EventStore(tmp_path)
    store.append([events(*JANUARY)], digest="d", name="january.csv")
    before = tree(tmp_path)

    def full(*given, **more):
        if "write_parquet" in step:  # in Polars' own words
            raise pl.exceptions.ComputeError("No space left on device (os error 28)")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(step, full)
    with pytest.raises(OSError, match="No space left") as caught:
        store.append([events("2024-02-01")], digest="e", name="february.csv")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path))
    assert tree(tmp_path) == before


def test_store__replaces_the_earlier_batch_and_leaves_nothing_of_it(tmp_path):
    store = EventStore(tmp_path)
    store.append([events("2024-01-01")], digest="d", name="f")
    store.append([events("2024-05-01")], digest="e", name="f", replace=True)
    assert [batch.digest for batch in store.batches()] == ["e"]
    assert not (tmp_path / "month=2024-01").exists()
    assert store.scan().select(pl.len()).collect().item() == 1


def test_store__takes_all_batches_or_none(tmp_path):
    store = EventStore(tmp_path)
    store.append([events("2023-01-01")], digest="0", name="0")
    before = tree(tmp_path)
    bad = events("2024-01-01").with_columns(pl.lit("x").alias("victim"))
    with pytest.raises(EventsError):
        store.append_all(
            [Incoming("a", "a", [events("2024-01-01")]), Incoming("b", "b", [events("2024-01-01"), bad])]
        )
    assert tree(tmp_path) == before


def test_store__refuses_one_content_under_two_names(tmp_path):
    with pytest.raises(EventsError) as caught:
        EventStore(tmp_path).append_all([Incoming(name, "d", [events("2024-01-01")]) for name in "ab"])
    assert codes(caught) == ["given-twice"]


def test_store__remembers_a_file_of_which_nothing_was_kept_but_refuses_a_load_of_nothing(tmp_path):
    store = EventStore(tmp_path)
    batches = store.append_all([Incoming("a", "a", [events("2024-01-01")]), Incoming("b", "b", [])])
    assert [batch.rows for batch in batches] == [1, 0]
    assert store.bounds() == (date(2024, 1, 1),) * 3
    with pytest.raises(EventsError) as caught:
        store.append([], digest="c", name="c")
    assert codes(caught) == ["no-events"]


@pytest.mark.parametrize(("refused", "told"), [(0, 1), (3, 0)], ids=["empty", "refused"])
def test_store__says_that_a_batch_tells_of_its_days_only_where_its_rows_were_not_all_refused(
    tmp_path, refused, told
):
    days = ("s", date(2024, 2, 1), date(2024, 2, 29))
    _, batch = EventStore(tmp_path).append_all(
        [Incoming("a", "a", [events("2024-01-01")]), Incoming("b", "b", [], days, lambda: refused)]
    )
    assert len(batch.covers) == told


def test_store__takes_a_batch_out_again(tmp_path):
    store = EventStore(tmp_path)
    store.append([events("2024-01-01")], digest="d", name="f")
    store.remove(["d", "unknown"])
    assert store.batches() == ()
    assert list(tmp_path.glob("month=*")) == []


@pytest.mark.parametrize("step", ["write_parquet", "replace"])
def test_store__loses_nothing_and_gains_nothing_when_it_is_killed(tmp_path, step):
    """The process dies by SIGKILL at its second file, or just before the manifest is replaced."""
    store = EventStore(tmp_path / "events")
    store.append([events("2024-01-01")], digest="d", name="f")
    script = textwrap.dedent(f"""
        import os, pathlib, signal, sys
        import polars as pl
        from mahalleh.events import EventStore
        sys.path.insert(0, {os.getcwd()!r})
        from tests.test_events import events
        calls = []
        def dying(real, last):
            def call(self, *args, **kwargs):
                calls.append(1)
                if len(calls) == last:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(self, *args, **kwargs)
            return call
        if {step!r} == "replace":
            pathlib.Path.replace = dying(pathlib.Path.replace, 3)
        else:
            pl.DataFrame.write_parquet = dying(pl.DataFrame.write_parquet, 2)
        store = EventStore({str(tmp_path / "events")!r})
        store.append([events("2024-02-01", "2024-03-01")], digest="e", name="g")
    """)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert [batch.digest for batch in store.batches()] == ["d"]
    assert store.scan().select(pl.len()).collect().item() == 1
    store.append([events("2024-02-01", "2024-03-01")], digest="e", name="g")
    store.check()
    assert len(list((tmp_path / "events").glob("month=*/*"))) == 3


def test_store__lets_many_writers_come_one_after_the_other(tmp_path):
    def load(number):
        return EventStore(tmp_path).append(
            [events(f"2024-01-{1 + number:02}")] * 3, digest=str(number), name=str(number)
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(load, range(12)))
    store = EventStore(tmp_path)
    store.check()
    assert store.scan().select(pl.col("n").sum()).collect().item() == 12 * 3


def test_store__says_which_files_are_gone(tmp_path):
    store = EventStore(tmp_path)
    batch = store.append([events("2024-01-01")], digest="d", name="f")
    (tmp_path / batch.files[0]).unlink()
    with pytest.raises(EventsError, match="2024-01"):
        store.check()


def test_store__says_that_its_list_is_broken(tmp_path):
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(EventsError, match="doctor"):
        EventStore(tmp_path).batches()


def test_store__knows_the_coarsest_time_of_each_kind(tmp_path):
    store = EventStore(tmp_path)
    month = events(
        "2024-01-01", kind="activity", resolution=pl.lit("month"), recorded=pl.lit(date(2024, 1, 31))
    )
    store.append([events("2024-01-01"), month], digest="d", name="f")
    assert (store.coarsest("need"), store.coarsest("activity")) == ("day", "month")


def test_store__cuts_by_the_coarsest_where_a_kind_has_several_resolutions(tmp_path):
    store = EventStore(tmp_path)
    assert store.coarsest("need") == "minute"  # nothing is known, so nothing forbids
    store.append([events("2024-01-01", resolution=pl.lit("minute"))], digest="m", name="m")
    store.append([events("2024-01-02")], digest="d", name="d")
    assert store.coarsest("need") == "day"


def test_store__keeps_what_it_promised_when_the_power_fails(tmp_path, monkeypatch):
    """Whatever was not flushed to the disk before it was promised is gone: nothing of it may be needed."""
    flushed, promised = set(), []

    def flush(descriptor):
        flushed.add(os.fstat(descriptor).st_ino)

    def replace(draft, target):
        if target.name == "manifest.json":
            named = [tmp_path / f for b in json.loads(draft.read_text())["batches"] for f in b["files"]]
            needed = [draft, *named, *{file.parent for file in named}, tmp_path]
            promised.append([path.name for path in needed if path.stat().st_ino not in flushed])
        os.replace(draft, target)
        flushed.discard(tmp_path.stat().st_ino)  # it holds another name now
        return target

    monkeypatch.setattr("mahalleh.events._parquet.os.fsync", flush)
    monkeypatch.setattr("pathlib.Path.replace", replace)
    store = EventStore(tmp_path)
    store.append([events("2024-01-01", "2024-02-01"), events("2024-01-02")], digest="d", name="f")
    assert promised == [[]]  # once, and all that the manifest names was safe before it was named
    assert tmp_path.stat().st_ino in flushed  # and then its own name was
    store.remove(["d"])
    assert promised == [[], []]
