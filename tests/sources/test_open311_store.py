"""Pulls of one server after another into one store: no day twice, and a day again when asked."""

from datetime import date

import polars as pl
import pytest

from mahalleh.errors import EventsError, SourceError
from mahalleh.events import EventStore
from mahalleh.sources import open311
from mahalleh.sources.open311_windows import Span, batches, server_name, spans_of
from tests.sources.test_open311 import URL, City, made

JANUARY = Span(date(2024, 1, 1), date(2024, 1, 31))


def span(first, last):
    return Span(date(2024, *first), date(2024, *last))


def stored(folder, city, **options):
    """Load into a store as the command does; the names of the batches that came in."""
    store = EventStore(folder / "events")
    reading = city.read(folder, loaded=[batch.name for batch in store.batches()], **options)
    written = store.append_all(reading.batches(), replace=options.get("replace", False))
    open311.forget(URL, spool=folder / "spool")
    return [batch.name.removeprefix("city.example_open311_v2_") for batch in written]


def total(folder):
    return EventStore(folder / "events").scan().select(pl.col("n").sum()).collect().item()


def test_load__makes_a_batch_a_month(tmp_path):
    city = City(*[made(number, number) for number in range(91)])
    names = stored(tmp_path, city, since=date(2024, 1, 20), until=date(2024, 3, 31))
    assert names == ["2024-01-20_2024-01-31", "2024-02-01_2024-02-29", "2024-03-01_2024-03-31"]
    assert total(tmp_path) == 12 + 29 + 31
    assert not (tmp_path / "spool" / server_name(URL)).exists()


def test_load__adds_only_new_days_with_a_newer_pull_and_counts_nothing_twice(tmp_path):
    requests = [made(number, number / 2) for number in range(200)]
    stored(tmp_path, City(*requests), since=date(2024, 1, 1), until=date(2024, 1, 14))
    newer = City(*requests)
    names = stored(tmp_path, newer, since=None, until=date(2024, 2, 3))
    assert names == ["2024-01-15_2024-01-31", "2024-02-01_2024-02-03"]
    assert total(tmp_path) == (31 + 3) * 2
    assert min(start for start, _ in newer.windows) == "2024-01-14T00:00:00Z"  # a day more at the outer end


def test_load__asks_for_days_left_out_between(tmp_path):
    requests = [made(number, number) for number in range(60)]
    for first, last in ((1, 5), (20, 25)):
        stored(tmp_path, City(*requests), since=date(2024, 1, first), until=date(2024, 1, last))
    assert stored(tmp_path, City(*requests), since=date(2024, 1, 3)) == [
        "2024-01-06_2024-01-19",
        "2024-01-26_2024-01-31",
    ]
    assert total(tmp_path) == 31


def test_load__says_that_all_is_loaded_without_asking(tmp_path):
    stored(tmp_path, City(made(1, 1)))
    again = City(made(1, 1))
    for options in ({}, {"since": None}):
        with pytest.raises(SourceError, match="--replace") as caught:
            stored(tmp_path, again, **options)
        assert caught.value.faults[0].code == "open311.all-loaded"
    assert again.asked == []


def test_load__replaces_the_same_span(tmp_path):
    stored(tmp_path, City(made(1, 1), made(2, 2)))
    assert stored(tmp_path, City(made(2, 2), made(3, 3), made(4, 4)), replace=True) == [
        "2024-01-01_2024-01-31"
    ]
    assert total(tmp_path) == 3


def test_load__replaces_whole_batches_where_days_overlap_in_part(tmp_path):
    requests = [made(number, number) for number in range(60)]
    stored(tmp_path, City(*requests[:20]))
    names = stored(tmp_path, City(*requests), since=date(2024, 1, 30), until=date(2024, 2, 2), replace=True)
    assert names == ["2024-01-01_2024-01-31", "2024-02-01_2024-02-02"]
    assert total(tmp_path) == 31 + 2


def test_load__takes_a_month_without_requests_as_loaded(tmp_path):
    assert len(stored(tmp_path, City(made(1, 45)), until=date(2024, 3, 31))) == 3
    with pytest.raises(SourceError, match="--replace"):
        stored(tmp_path, City(made(1, 45)), until=date(2024, 3, 31))


def test_load__takes_no_notice_of_another_servers_days(tmp_path):
    stored(tmp_path, City(made(1, 1)))
    names = [batch.name for batch in EventStore(tmp_path / "events").batches()]
    assert spans_of(server_name(URL), names) == [JANUARY]
    assert spans_of(server_name("https://city.example/open311"), names) == []
    assert spans_of(server_name("https://other.example/open311/v2"), names) == []


def test_load__keeps_the_store_as_it_was_when_a_batch_is_in_it_under_that_name(tmp_path):
    stored(tmp_path, City(made(1, 1)))
    reading = City(made(2, 2)).read(tmp_path)  # whoever does not say what is loaded
    with pytest.raises(EventsError, match="loaded before"):
        EventStore(tmp_path / "events").append_all(reading.batches())
    assert total(tmp_path) == 1


def test_read__refuses_days_in_the_wrong_order_and_a_server_without_requests(tmp_path):
    with pytest.raises(SourceError) as caught:
        City().read(tmp_path, since=date(2024, 2, 1))
    assert caught.value.faults[0].code == "open311.bad-span"
    with pytest.raises(SourceError) as caught:
        City().read(tmp_path)
    assert caught.value.faults[0].code == "open311.no-requests"
    assert not (tmp_path / "spool" / server_name(URL)).exists()  # so that it is asked again next time


def test_read__names_the_services_where_topics_are_missing(tmp_path):
    with pytest.raises(SourceError, match=r"--topics.*L1 \(Light out\)"):
        City(made(1, 1)).read(tmp_path, topics=None)


def test_batches__leave_out_loaded_days_or_ask_for_their_batches_again():
    loaded = [span((1, 5), (1, 31)), span((3, 1), (3, 2))]
    asked = span((1, 20), (3, 10))
    gaps = [span((2, 1), (2, 29)), span((3, 3), (3, 10))]
    assert batches(asked, loaded, replace=False) == gaps
    assert batches(asked, loaded, replace=True) == [loaded[0], gaps[0], loaded[1], gaps[1]]


def test_server_name__tells_servers_apart_and_fits_a_file_name():
    assert server_name("https://a.example:8443/v2?jurisdiction_id=b.gov") == (
        "a.example_8443_v2_jurisdiction_id_b.gov"
    )
    long = [server_name(f"https://{'x' * 300}{end}") for end in "ab"]
    assert long[0] != long[1]
    assert max(map(len, long)) < 150
