"""Threads answer; whoever sends slowly, reads slowly or is too many holds none."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from mahalleh_site.server import bodies
from mahalleh_site.server.answering import Application
from mahalleh_site.server.environ import environ

pytestmark = pytest.mark.real_clock("time limits are kept by the machine's clock")


class Headers:
    """As Granian's: a value that is no ASCII breaks the list, and is missing alone."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = pairs

    def keys(self):
        return [name for name, _ in self.pairs]

    def items(self):
        if any(not value.isascii() for _, value in self.pairs):
            raise ValueError
        return list(self.pairs)

    def get(self, key, default=None):
        return next((value for name, value in self.pairs if name == key and value.isascii()), default)


@dataclass
class Scope:
    headers: Headers = field(default_factory=Headers)
    method: str = "POST"
    path: str = "/"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:50000"
    scheme: str = "http"
    query_string: str = ""
    authority: str | None = None


class Visitor:
    """Sends these pieces, and keeps what was answered."""

    def __init__(self, *pieces: bytes, then: float = 0.0) -> None:
        self.pieces, self.then = pieces, then
        self.answer: Any = None

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece
        await asyncio.sleep(self.then)
        yield b""

    def response_bytes(self, status, headers, body):
        self.answer = (status, dict(headers), body)

    def response_file(self, status, headers, file):
        self.answer = (status, dict(headers), file)


def echo(asked, start):
    """A small application: it says what it was sent, or why it was not."""
    start(f"{asked.get('mahalleh.unread', 200)} .", [("Content-Type", "text/plain")])
    return [asked["wsgi.input"].read()]


def served(wsgi, *visitors, largest=1000, **limits):
    """The visitors' answers; each is a scope and a visitor."""

    async def all_of_them():
        application = Application(wsgi, largest=largest, **limits)
        application.__rsgi_init__(asyncio.get_running_loop())
        await asyncio.gather(*(application.__rsgi__(scope, visitor) for scope, visitor in visitors))
        application.__rsgi_del__(asyncio.get_running_loop())

    asyncio.run(all_of_them())
    return [visitor.answer for _, visitor in visitors]


def posts(length: int) -> Scope:
    return Scope(Headers(("content-length", str(length))))


def test_form__is_answered():
    assert served(echo, (posts(5), Visitor(b"words"))) == [(200, {"content-type": "text/plain"}, b"words")]


def test_unfinished_forms__hold_no_thread(monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.6)
    when = {}

    def timed(asked, start):
        when[asked["PATH_INFO"]] = time.monotonic()
        return echo(asked, start)

    began = time.monotonic()
    slow = [(posts(100), Visitor(b"a", then=30.0)) for _ in range(50)]
    honest = posts(5)
    honest.path = "/honest"
    answers = served(timed, *slow, (honest, Visitor(b"words")), threads=1)
    assert answers[-1][0] == 200
    assert when["/honest"] - began < 0.5
    assert {status for status, *_ in answers[:-1]} == {408}
    assert {headers["connection"] for _, headers, _ in answers[:-1]} == {"close"}


def test_requests__beyond_what_may_wait_are_told_so_at_once():
    go_on = threading.Event()

    def stuck(asked, start):
        go_on.wait(10)
        return echo(asked, start)

    async def crowd():
        application = Application(stuck, largest=1000, threads=1, waiting=2)
        application.__rsgi_init__(asyncio.get_running_loop())
        visitors = [Visitor() for _ in range(5)]
        work = [asyncio.create_task(application.__rsgi__(Scope(), visitor)) for visitor in visitors]
        await asyncio.sleep(0.2)
        told = [visitor.answer for visitor in visitors]
        go_on.set()
        await asyncio.gather(*work)
        return told, [visitor.answer[0] for visitor in visitors]

    early, late = asyncio.run(crowd())
    assert [answer and answer[0] for answer in early] == [None, None, None, 503, 503]
    assert early[-1][1]["retry-after"] == "60"
    assert late == [200, 200, 200, 503, 503]


def test_too_large__is_left_to_the_application_unread():
    def wants(asked, start):
        start("413 .", [])
        return [asked["CONTENT_LENGTH"].encode(), asked["wsgi.input"].read()]

    assert served(wants, (posts(1001), Visitor(b"a" * 1001)))[0][::2] == (413, b"1001")


def test_length__has_to_be_announced():
    chunked = Scope(Headers(("transfer-encoding", "chunked")))
    assert served(echo, (chunked, Visitor(b"words")))[0][0] == 411


def test_who_left__is_not_answered():
    assert served(echo, (posts(100), Visitor(b"half"))) == [None]


def test_file__is_handed_over_by_name_and_closed(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_bytes(b"a,b")
    closed = []

    def sends(asked, start):
        file = path.open("rb")
        real = file.close
        file.close = lambda: (closed.append(True), real())  # as Django does, to end its request
        start("200 OK", [("Content-Length", "3")])
        return asked["wsgi.file_wrapper"](file, 4096)

    assert served(sends, (Scope(method="GET"), Visitor())) == [(200, {"content-length": "3"}, str(path))]
    assert closed == [True]


def test_part_of_a_file__is_read_here(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_bytes(b"abcdef")

    def sends(asked, start):
        file = path.open("rb")
        file.seek(4)
        start("206 Partial Content", [])
        return asked["wsgi.file_wrapper"](file)

    assert served(sends, (Scope(method="GET"), Visitor()))[0][2] == b"ef"


def test_headers__with_an_underscore_pass_for_no_others():
    sent = Headers(("x_forwarded_for", "198.51.100.7"), ("x-forwarded-for", "203.0.113.9"))
    assert environ(Scope(sent))["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"
    assert "HTTP_X_FORWARDED_FOR" not in environ(Scope(Headers(("x_forwarded_for", "198.51.100.7"))))


def test_headers__of_one_name_are_joined_and_an_unreadable_one_takes_no_other_along():
    sent = Headers(("cookie", "a=1"), ("cookie", "b=2"), ("accept", "x"), ("accept", "y"))
    found = environ(Scope(sent))
    assert (found["HTTP_COOKIE"], found["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")
    sent = Headers(("user-agent", "مرورگر"), ("host", "city.example"))
    assert environ(Scope(sent))["HTTP_HOST"] == "city.example"


def test_address__that_is_no_text_names_nothing():
    class Broken(Scope):
        @property
        def path(self):
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

        @path.setter
        def path(self, value):
            pass

    assert environ(Broken())["PATH_INFO"].encode("latin-1").decode() == "/\ufffd"
    assert environ(Scope(path="/fa/محله/"))["PATH_INFO"].encode("latin-1").decode() == "/fa/محله/"


@pytest.mark.parametrize(
    ("client", "address"), [("[2001:db8::1]:50000", "2001:db8::1"), ("10.0.0.2:1", "10.0.0.2")]
)
def test_address__of_the_visitor_has_no_port(client, address):
    assert environ(Scope(client=client))["REMOTE_ADDR"] == address
