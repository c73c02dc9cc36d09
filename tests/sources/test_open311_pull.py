"""Pulling window by window: whole, resumed where it broke off, and never a request twice."""

from datetime import date, timedelta

import httpx
import polars as pl
import pytest

from mahalleh.errors import SourceError
from mahalleh.sources.open311_windows import server_name
from tests.sources.test_open311 import FIRST, URL, City, events, made

YEAR = {"since": date(2024, 1, 1), "until": date(2024, 7, 18)}  # 200 days
MANY = [made(number, number * 200 / 2500) for number in range(2500)]  # 12.5 a day


def codes(caught):
    return [fault.code.removeprefix("open311.") for fault in caught.value.faults]


@pytest.mark.parametrize(
    "server", [{"cap": 1000}, {"cap": 50}, {"cap": 30}, {"cap": 50, "paged": False}, {"paged": False}]
)
def test_pull__reads_all_whatever_a_server_gives_at_once(tmp_path, server):
    reading = City(*MANY, **server).read(tmp_path, **YEAR)
    assert events(reading).height == reading.report.rows_read == 2500


def test_pull__asks_for_each_day_once_and_never_for_more_than_90_days(tmp_path):
    city = City(*MANY)
    city.read(tmp_path, **YEAR)
    spans = [tuple(map(FIRST.fromisoformat, window)) for window in city.windows]
    assert all(end - start < timedelta(days=90) for start, end in spans)
    assert [end for _, end in spans][:-1] == [start for start, _ in spans][1:]
    # a day more at the outer ends, for servers that take UTC for their own clock
    assert spans[0][0] == FIRST - timedelta(days=1)
    assert spans[-1][1] == FIRST + timedelta(days=200 + 1)


def test_pull__goes_on_after_an_interruption_and_asks_no_window_twice(tmp_path):
    first = City(*MANY, broken_at=22)
    with pytest.raises(SourceError) as caught:
        first.read(tmp_path, **YEAR)
    assert codes(caught) == ["no-answer"]
    done = set(first.windows[: 20 // 2])  # a question for services, then two for each window
    second = City(*MANY)
    reading = second.read(tmp_path, **YEAR)
    assert events(reading).height == 2500
    assert len(done) == 10
    assert done.isdisjoint(second.windows)
    assert done | set(second.windows) == {*first.windows, *second.windows}
    assert len(second.windows) == len(set(second.windows)) == 3 * 6 + 2 - 10  # three a month, two of July


def test_pull__keeps_nothing_of_a_window_that_broke_off_in_the_middle(tmp_path):
    with pytest.raises(SourceError):
        City(*MANY, cap=10, broken_at=5).read(tmp_path, **YEAR)  # on the fourth page of the first window
    assert list((tmp_path / "spool").rglob("*.*")) == [tmp_path / "spool" / server_name(URL)]


def test_pull__counts_a_request_of_several_windows_and_pages_once(tmp_path):
    class Repeating(City):
        def answer(self, request):
            answer = super().answer(request)
            return httpx.Response(200, json=answer.json() * 2)

    # the first page ends where the second begins anew; the request at the cut of two windows is in both
    server = Repeating(made(1, 2), made(2, 2), made(7, 10), made(7, 10), made(3, 12), cap=2)
    reading = server.read(tmp_path)
    assert sorted(events(reading)["time"].dt.day()) == [3, 3, 11, 13]
    assert reading.report.rows_read == 4
    cut = "2024-01-11T00:00:00Z"
    assert sum(cut in window for window in server.windows) == 2


def test_pull__writes_down_no_text_and_no_number_of_a_request(tmp_path):
    City(made("NUMBER", 1, service_name="Light")).read(tmp_path)
    files = sorted((tmp_path / "spool").rglob("*.parquet"))
    held = pl.concat([pl.read_parquet(file) for file in files])
    assert set(held.columns) == {"key", "code", "name", "time", "resolution", "dateless", "lon", "lat"}
    assert held.height == 1
    assert not any(word in str(held.rows()) for word in ("SECRET", "NUMBER", "open"))
    assert (tmp_path / "spool" / server_name(URL)).stat().st_mode & 0o077 == 0


def test_pull__refuses_a_window_that_a_server_without_pages_never_gives_whole(tmp_path):
    with pytest.raises(SourceError) as caught:
        City(*[made(number, 5) for number in range(51)], cap=50, paged=False).read(tmp_path)
    assert codes(caught) == ["too-many"]


def test_pull__refuses_a_server_that_ignores_dates(tmp_path):
    city = City(*[made(number, 20 + number / 100) for number in range(100)], dates=False)
    with pytest.raises(SourceError) as caught:
        city.read(tmp_path)
    assert codes(caught) == ["ignores-dates"]


def test_pull__reads_on_where_a_page_that_is_not_there_is_an_error(tmp_path):
    class Strict(City):
        def answer(self, request):
            if int(request.url.params.get("page", 1)) > 1 + 3:
                return httpx.Response(404, json=[{"code": 404, "description": "No such page"}])
            return super().answer(request)

    days = [made(number, 2 + number / 100) for number in range(40)]
    assert events(Strict(*days, cap=10).read(tmp_path)).height == 40
