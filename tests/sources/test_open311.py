"""Requests of an Open311 server become events: each once, of the days asked for, nothing personal kept."""

from datetime import UTC, date, datetime, timedelta

import h3
import httpx
import polars as pl
import pytest

from mahalleh.errors import SourceError
from mahalleh.events import SCHEMA
from mahalleh.sources import READERS
from mahalleh.topics import Topic
from tests.test_places import GRID

URL = "https://city.example/open311/v2"
TOPICS = (Topic("light", {"en": "Light", "fa": "چراغ"}, categories=("l1", "straßenlicht")),)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def made(number, day=0.0, **changed):
    """Request `number`, as many days after `FIRST`, in the middle of area a0."""
    moment = (FIRST + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
    request = {"service_request_id": number, "service_code": "L1", "requested_datetime": moment}
    return request | {"lat": 35.005, "long": 51.005, "description": "SECRET", "status": "open"} | changed


class City:
    """A server of these requests that gives `cap` at a time.

    `paged`: `page` is heeded. `broken_at`: the number of the question that finds the line dead.
    """

    def __init__(self, *requests, cap=1000, paged=True, broken_at=None, dates=True):
        self.requests, self.cap, self.paged, self.dates = requests, cap, paged, dates
        self.broken_at = broken_at
        self.asked, self.waits = [], []

    @property
    def transport(self):
        return httpx.MockTransport(self.answer)

    @property
    def windows(self):
        """Start and end of what was asked for, of first pages."""
        told = [request.url.params for request in self.asked]
        return [(p["start_date"], p["end_date"]) for p in told if "start_date" in p and "page" not in p]

    def answer(self, request):
        self.asked.append(request)
        if self.broken_at is not None and len(self.asked) >= self.broken_at:
            raise httpx.ConnectError("dead")
        if request.url.path.endswith("/services.json"):
            return httpx.Response(200, json=[{"service_code": "L1", "service_name": "Light out"}])
        told = request.url.params
        low, high = (datetime.fromisoformat(told[key]) for key in ("start_date", "end_date"))
        found = [
            one
            for one in self.requests
            if not self.dates or low <= datetime.fromisoformat(one["requested_datetime"]) <= high
        ]
        start = (int(told.get("page", 1)) - 1) * self.cap if self.paged else 0
        return httpx.Response(200, json=found[start : start + self.cap])

    def read(self, folder, **options):
        days = {"since": date(2024, 1, 1), "until": date(2024, 1, 31), "topics": TOPICS, "zone": "UTC"}
        return READERS["open311"](
            URL,
            places=GRID,
            spool=folder / "spool",
            transport=self.transport,
            wait=self.waits.append,
            **(days | options),
        )


def events(reading):
    return pl.concat(
        [frame for batch in reading.batches() for frame in batch.frames] or [SCHEMA.to_frame()]
    ).sort("time")


def test_read__turns_a_request_into_an_event(tmp_path):
    reading = City(made(1, 3.5)).read(tmp_path, zone="Asia/Tehran")
    cell = h3.str_to_int(h3.latlng_to_cell(35.005, 51.005, 9))
    moment = datetime(2024, 1, 4, 12) + timedelta(hours=3, minutes=30)
    told = (moment, "minute", date(2024, 1, 4), "a0", cell, "light", "city.example", "need", 1)
    assert events(reading).rows() == [told]
    assert (reading.report.rows_read, reading.report.rows_kept, reading.report.refused) == (1, 1, {})


def test_read__finds_the_topic_by_code_or_name_without_case(tmp_path):
    by_name = made(2, service_code="x9", service_name="STRASSENLICHT")
    named_by_list = (Topic("light", {"en": "Light"}, categories=("light out",)),)
    assert events(City(made(1), by_name).read(tmp_path / "a"))["topic"].to_list() == ["light"] * 2
    assert events(City(made(1)).read(tmp_path / "b", topics=named_by_list))["topic"].to_list() == ["light"]


def test_read__refuses_requests_by_reason(tmp_path):
    reading = City(
        made(1),
        made(2, service_code="", service_name=None),
        made(3, service_code="other"),
        made(4, lat=None),
        made(5, lat=0, long=0),
        made(6, lat=10),
    ).read(tmp_path)
    events(reading)
    counts = {reason: told.count for reason, told in reading.report.refused.items()}
    assert counts == {"no-category": 1, "unknown-category": 1, "no-place": 2, "outside": 1}
    assert (reading.report.rows_read, reading.report.rows_kept) == (6, 1)


def test_read__counts_requests_without_a_date_once(tmp_path):
    class Careless(City):
        def answer(self, request):
            answer = super().answer(request)
            if "start_date" in request.url.params and "page" not in request.url.params:
                strays = [made(90, requested_datetime=""), made(91, requested_datetime="soon")]
                return httpx.Response(200, json=[*answer.json(), *strays])
            return answer

    days = {"until": date(2024, 3, 31)}
    with pytest.raises(SourceError):
        Careless(made(1, 3), broken_at=6).read(tmp_path, **days)
    reading = Careless(made(1, 3)).read(tmp_path, **days)
    events(reading)
    counts = {reason: told.count for reason, told in reading.report.refused.items()}
    assert (reading.report.rows_read, counts) == (3, {"no-date": 1, "bad-date": 1})


def test_read__leaves_out_requests_of_other_days(tmp_path):
    city = City(made(1, -0.1), made(2, 0), made(3, 30.99), made(4, 31))
    kept = events(city.read(tmp_path))
    assert kept["time"].dt.date().to_list() == [date(2024, 1, 1), date(2024, 1, 31)]


def test_read__takes_days_by_the_citys_clock(tmp_path):
    # midnight in Tehran is half past eight in the evening before in UTC
    city = City(made(1, -1 + 20.4 / 24), made(2, -1 + 20.6 / 24), made(3, 30 + 20.6 / 24))
    kept = events(city.read(tmp_path, zone="Asia/Tehran"))
    assert kept["time"].dt.date().to_list() == [date(2024, 1, 1)]


def test_read__finds_all_of_a_server_that_takes_utc_for_its_own_clock(tmp_path):
    class Shifted(City):
        def answer(self, request):
            told = request.url.params
            if "start_date" in told:
                back = {k: told[k].replace("Z", "+03:30") for k in ("start_date", "end_date")}
                request = httpx.Request("GET", request.url.copy_merge_params(back))
            return super().answer(request)

    city = Shifted(*[made(hour, hour / 24) for hour in range(-24, 40 * 24)])
    assert events(city.read(tmp_path)).height == 31 * 24
