"""Asking politely and trusting nobody: waits, limits, redirects, forms of answers."""

import gzip

import httpx
import pytest

from mahalleh.errors import SourceError
from mahalleh.sources import open311_client
from mahalleh.sources.open311_client import PATIENCE, PAUSE, TRIES, Server, address

URL = "https://city.example/open311/v2"
SERVICES = [{"service_code": "1", "service_name": "Light"}]


class Line:
    """A transport that gives these answers in turn, then the last again and again."""

    def __init__(self, *answers, url=URL):
        self.answers, self.asked, self.waits = list(answers), [], []
        self.server = Server(address(url), transport=httpx.MockTransport(self.give), wait=self.waits.append)

    def give(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def status(number, content=b"[]", **headers):
    return httpx.Response(
        number, content=content, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def fault(call, *arguments, **options):
    with pytest.raises(SourceError) as caught:
        call(*arguments, **options)
    told = caught.value.faults[0]
    assert told.text("en") != told.text("fa")
    return told


def test_ask__pauses_between_questions_and_says_who_asks():
    line = Line(status(200), status(200), status(200))
    for _ in range(3):
        assert line.server.ask("requests", start_date="2024-01-01T00:00:00Z") == b"[]"
    assert line.waits == [PAUSE] * 2
    assert str(line.asked[0].url) == f"{URL}/requests.json?start_date=2024-01-01T00%3A00%3A00Z"
    assert line.asked[0].headers["User-Agent"].startswith("Mahalleh/")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "30"}, 30),
        ({"Retry_After": "Fri, 01 Mar 2024 10:01:10 GMT", "Date": "Fri, 01 Mar 2024 10:00:00 GMT"}, 70),
        ({"Retry_After": "Fri, 01 Mar 2024 10:01:10 GMT"}, 2),  # by which clock? the usual wait then
        ({"Retry_After": "soon"}, 2),
        ({"Retry_After": "0"}, 2),
        ({}, 2),
    ],
)
@pytest.mark.parametrize("busy", [429, 503])
def test_ask__waits_as_long_as_a_busy_server_says(headers, wait, busy):
    line = Line(status(busy, **headers), status(200, b"[1]"))
    assert line.server.ask("requests") == b"[1]"
    assert line.waits == [wait]


def test_ask__comes_back_later_where_the_wait_is_too_long():
    line = Line(status(429, Retry_After=str(int(PATIENCE) + 1)))
    assert fault(line.server.ask, "requests").code == "open311.busy"
    assert (len(line.asked), line.waits) == (1, [])


@pytest.mark.parametrize("answer", [httpx.ReadTimeout("slow"), httpx.ConnectError("dead"), status(502)])
def test_ask__tries_again_with_growing_waits_and_then_gives_up(answer):
    line = Line(answer)
    assert fault(line.server.ask, "requests").code == "open311.no-answer"
    assert len(line.asked) == TRIES == 5
    assert line.waits == [2, 4, 8, 16]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'[{"code": 403, "description": "Key?"}]', "refused"),
        (b"<html/>", "status"),
        (b"", "status"),
    ],
)
def test_ask__does_not_ask_again_what_was_refused(content, code):
    line = Line(status(403, content))
    assert fault(line.server.ask, "requests").code == f"open311.{code}"
    assert len(line.asked) == 1


def test_ask__refuses_an_answer_that_is_too_big_also_when_it_was_packed(monkeypatch):
    monkeypatch.setattr(open311_client, "LIMIT", 2**20)
    assert len(Line(status(200, b"x" * 2**20)).server.ask("requests")) == 2**20
    assert fault(Line(status(200, b"x" * (2**20 + 1))).server.ask, "requests").code == "open311.too-big"
    bomb = gzip.compress(b"x" * (2**20 + 1))
    assert len(bomb) < 2000
    packed = Line(status(200, bomb, Content_Encoding="gzip"))
    assert fault(packed.server.ask, "requests").code == "open311.too-big"


def test_ask__follows_a_redirect_on_the_same_server():
    line = Line(status(302, Location="/other/requests.json?a=1"), status(200, b"[2]"))
    assert line.server.ask("requests", page="2") == b"[2]"
    assert str(line.asked[1].url) == "https://city.example/other/requests.json?a=1"


@pytest.mark.parametrize(
    "target",
    [
        "http://city.example/open311/v2/requests.json",
        "file:///etc/passwd",
        "ftp://city.example/requests.json",
        "https://other.example/requests.json",
        "https://city.example:8443/requests.json",
        "//169.254.169.254/latest",
        "http://[",
    ],
)
def test_ask__follows_to_no_other_scheme_or_server(target):
    line = Line(status(301, Location=target))
    assert fault(line.server.ask, "requests").code == "open311.moved"
    assert len(line.asked) == 1


def test_ask__follows_no_circle():
    line = Line(status(302, Location=f"{URL}/requests.json"))
    assert fault(line.server.ask, "requests").code == "open311.moved"
    assert len(line.asked) == 1 + 3


def test_services__turns_to_xml_where_there_is_no_json():
    body = b"<services><service><service_code>1</service_code></service></services>"
    line = Line(status(404), status(200, body), status(200))
    assert [one.code for one in line.server.services()] == ["1"]
    line.server.ask("requests")
    assert [request.url.path.rpartition(".")[2] for request in line.asked] == ["json", "xml", "xml"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (status(404, b"Not found"), "status"),
        (status(200, b"<!DOCTYPE html><html></html>"), "web-page"),
        (status(200, b"<services><service>"), "broken"),
        (status(200, b""), "empty"),
    ],
)
def test_services__says_what_is_wrong_with_the_address(answer, code):
    assert fault(Line(answer).server.services).code == f"open311.{code}"


def test_services__asks_a_dead_server_in_one_form_only():
    line = Line(httpx.ConnectError("dead"))
    assert fault(line.server.services).code == "open311.no-answer"
    assert len(line.asked) == TRIES


def test_address__sends_parameters_along_and_names_only_the_jurisdiction():
    given = f"{URL}/?jurisdiction_id=dc.gov&api_key=SECRET&page_size=500"
    line = Line(httpx.Response(200, json=SERVICES), url=given)
    line.server.services()
    assert dict(line.asked[0].url.params) == {
        "jurisdiction_id": "dc.gov",
        "api_key": "SECRET",
        "page_size": "500",
    }
    assert line.asked[0].url.path == "/open311/v2/services.json"
    assert line.server.shown == f"{URL}?jurisdiction_id=dc.gov"


@pytest.mark.parametrize(
    "given",
    ["", "city.example", "ftp://city.example", "https://", "https://me:pw@city.example", "http://a:x"],
)
def test_address__refuses_what_is_none(given):
    told = fault(address, given)
    assert told.code == "open311.bad-url"
    assert "pw" not in told.text()
