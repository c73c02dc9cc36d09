"""`mahalleh load open311 URL` against a server that listens on this machine."""

import json
import threading
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from mahalleh import cli
from mahalleh.events import EventStore
from mahalleh.sources import open311_client
from mahalleh_site.places import files
from mahalleh_site.releases.models import Load
from tests.city import middle
from tests.site.conftest import squares  # noqa: F401  (a fixture)

TOPICS = """
[[topic]]
id = "light"
names = { fa = "چراغ", en = "Light" }
sensitivity = "open"
categories = ["L1"]
"""
DAYS = ["--since", "2024-01-01", "--until", "2024-01-31"]


def made(number, day, code="L1"):
    lon, lat = middle("abcd"[number % 4])
    return {
        "service_request_id": f"r{number}",
        "service_code": code,
        "requested_datetime": f"{day}T12:00:00Z",
        "lat": lat,
        "long": lon,
        "description": "SECRET",
    }


class Answers(BaseHTTPRequestHandler):
    """Answers as GeoReport wants: services, and requests by date."""

    def do_GET(self):
        url = urlsplit(self.path)
        told = {key: value[0] for key, value in parse_qs(url.query).items()}
        self.server.asked.append(told)
        if url.path == "/v2/services.json":
            found = [{"service_code": "L1", "service_name": "Light out"}]
        elif "page" in told:
            found = []
        else:
            low, high = (datetime.fromisoformat(told[key]) for key in ("start_date", "end_date"))
            found = [
                one
                for one in self.server.requests
                if low <= datetime.fromisoformat(one["requested_datetime"]) <= high
            ]
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: a test's output is for faults."""


@pytest.fixture
def server(monkeypatch):
    """A server with ten requests of January 2024, the last of a service without a topic."""
    monkeypatch.setattr(open311_client, "PAUSE", 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.requests = [made(n, date(2024, 1, 1 + 3 * n), "L1" if n < 9 else "X") for n in range(10)]
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def line(server, squares, tmp_path):  # noqa: F811
    """The command's arguments, without days."""
    topics = tmp_path / "own.toml"
    topics.write_text(TOPICS, encoding="utf-8")
    return ["load", "open311", f"http://127.0.0.1:{server.server_port}/v2", "--topics", str(topics)]


def test_load__pulls_counts_and_forgets_what_it_pulled(line, server, tmp_path, capsys):
    assert cli.run([*line, *DAYS, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["read"], told["kept"], told["first"], told["last"]) == (10, 9, "2024-01-01", "2024-01-25")
    assert {reason: one["count"] for reason, one in told["refused"].items()} == {"unknown-category": 1}
    load = Load.objects.get()
    assert (load.format, load.rows_read, load.rows_kept) == ("open311", 10, 9)
    assert (load.first, load.last) == (date(2024, 1, 1), date(2024, 1, 25))
    events = EventStore(files.events_path(tmp_path / "city")).scan().collect()
    assert events["area"].value_counts(sort=True)["count"].to_list() == [3, 2, 2, 2]
    assert set(events["source"]) == {"127.0.0.1"}
    assert list((tmp_path / "city" / "private" / "open311").iterdir()) == []
    assert not any(b"SECRET" in p.read_bytes() for p in (tmp_path / "city").rglob("*") if p.is_file())


def test_load__tells_how_far_it_is_in_the_users_language(line, capsys, monkeypatch):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "fa")
    assert cli.run([*line, *DAYS]) == 0
    told = capsys.readouterr().err
    assert "۱ از ۳: ۲۰۲۴/۰۱/۰۱ تا ۲۰۲۴/۰۱/۱۰" in told
    assert "۱۰ ردیف خوانده‌شده = ۹ پذیرفته + ۱ کنارگذاشته" in told


def test_load__adds_new_days_and_replaces_when_asked(line, server, tmp_path, capsys):
    assert cli.run([*line, "--since", "2024-01-01", "--until", "2024-01-10"]) == 0
    assert cli.run([*line, *DAYS]) == 0
    assert [load.rows_read for load in Load.objects.order_by("first")] == [4, 6]
    assert cli.run([*line, *DAYS]) == 3
    assert "--replace" in capsys.readouterr().err
    server.requests = server.requests[:2]
    assert cli.run([*line, *DAYS, "--replace", "--yes"]) == 0
    assert EventStore(files.events_path(tmp_path / "city")).scan().collect().height == 2
    assert sum(load.rows_read for load in Load.objects.all()) == 2


def test_load__asks_by_default_for_the_ninety_days_that_are_over(line, server):
    yesterday = timezone.localdate() - timedelta(days=1)
    server.requests = [made(0, yesterday - timedelta(days=89)), made(1, yesterday)]
    assert cli.run(line) == 0
    loads = Load.objects.exclude(first=None)
    assert {day for load in loads for day in (load.first, load.last)} == {
        yesterday - timedelta(days=89),
        yesterday,
    }


def test_load__keeps_what_was_pulled_when_topics_fit_nothing_and_asks_no_more(line, server, tmp_path):
    good = (tmp_path / "own.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(good.replace("L1", "nothing"), encoding="utf-8")
    assert cli.run([*line, *DAYS]) == 3
    server.asked.clear()
    (tmp_path / "own.toml").write_text(good, encoding="utf-8")
    assert cli.run([*line, *DAYS]) == 0
    assert server.asked == [{}]  # for services; no window again


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda line: line[:3], "L1 (Light out)"),
        (lambda line: [*line[:2], "nowhere", *line[3:]], "'nowhere'"),
        (lambda line: [*line, line[2]], "one address"),
        (lambda line: [*line, "--mapping", line[-1]], "--mapping"),
        (lambda line: [*line, "--until", "2999-01-01"], "2999-01-01"),
        (lambda line: [*line, "--since", "2024-02-01", "--until", "2024-01-01"], "--since"),
        (lambda line: [*line, "--since", "2023-01-01", "--until", "2023-01-05"], "no request"),
        (lambda line: ["load", "police_uk", line[-1], "--since", "2024-01-01"], "--since"),
    ],
)
def test_load__names_what_is_wrong_and_stores_nothing(line, tmp_path, capsys, change, told):
    assert cli.run(change(line)) == 3
    assert told in capsys.readouterr().err
    assert not Load.objects.exists()
    assert EventStore(files.events_path(tmp_path / "city")).batches() == ()
