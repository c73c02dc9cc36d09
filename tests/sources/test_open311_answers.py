"""Answers of Open311 servers, captured and invented: what is read, and what is refused in words."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mahalleh.errors import SourceError
from mahalleh.sources._georeport import Request, Service, moment, refusal, requests, services

NEW_YORK = ZoneInfo("America/New_York")
BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<service_requests><request><service_code>&c;</service_code></request></service_requests>"""
OUTSIDE_FILE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>
<service_requests><request><service_code>&f;</service_code></request></service_requests>"""


def read(body, of=requests):
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return of(body, url="https://c.example")


def fault(body, of=requests):
    with pytest.raises(SourceError) as caught:
        read(body, of)
    return caught.value.faults[0]


@pytest.fixture
def captured(shared):
    return shared / "data" / "open311"


@pytest.mark.shared
def test_requests__reads_torontos_captured_answer(captured):
    found = read((captured / "open311status/files/requests_toronto_multi.xml").read_bytes())
    named = ("CSROWR-12", "Road - Pot hole", "2018-07-30T00:01:00-04:00")
    assert found == [
        Request("101005420892", *named, "-79.272306875", "43.691104288"),
        Request("101005420894", *named, "-79.267190219", "43.695823056"),
    ]


@pytest.mark.shared
def test_requests__reads_chicagos_captured_answer(captured):
    found = read((captured / "open311status/service_requests.json").read_bytes())
    assert [(one.id, one.name) for one in found] == [
        ("14-01100669", "Alley Light Out"),
        ("14-01100627", "Building Violation"),
    ]
    assert [(float(one.lon), float(one.lat)) for one in found] == [
        (-87.66475146237676, 41.858724777757864),
        (-87.6369602073906, 41.759712056258536),
    ]


@pytest.mark.shared
def test_requests__reads_san_franciscos_captured_answers(captured):
    folder = captured / "npm_open311/test/mocks"
    assert [one.id for one in read((folder / "service-requests.xml").read_bytes())] == ["638344", "638349"]
    assert [one.code for one in read((folder / "service-request.xml").read_bytes())] == ["006"]


@pytest.mark.shared
def test_services__reads_giessens_captured_answer_with_its_zeros_and_umlauts(captured):
    found = read((captured / "open311status/files/services_giessen.xml").read_bytes(), services)
    assert found[3] == Service("012", "Verkehrsschild beschädigt")
    assert sorted(one.code for one in found) == [f"{number:03d}" for number in range(10, 18)]


@pytest.mark.shared
def test_services__reads_every_service_of_washingtons_captured_answer(captured):
    body = (captured / "npm_open311/test/mocks/dc-services.xml").read_bytes()
    assert len(read(body, services)) == body.count(b"<service_code>") > 50


@pytest.mark.shared
def test_services__reads_a_captured_list_in_json(captured):
    found = read((captured / "open311status/service_list.json").read_bytes(), services)
    assert [one.code for one in found] == ["001", "002", "003"]


@pytest.mark.shared
def test_refusal__reads_bostons_captured_error(captured):
    body = (captured / "npm_open311/test/mocks/boston-err-submitrequest-base_is_duplicate.xml").read_bytes()
    assert refusal(body) == ("400", "Invalid service request: base is a duplicate")
    assert fault(body).code == "open311.refused"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["discovery-boston.json", "discovery-dc.xml", "dc-services-S0301.xml"])
def test_requests__refuses_captured_answers_to_other_questions(captured, name):
    body = (captured / "npm_open311/test/mocks" / name).read_bytes()
    assert fault(body).code == fault(body, services).code == "open311.other-content"


ONE = {
    "service_request_id": 7,
    "service_code": "a",
    "requested_datetime": "2024-01-01",
    "lat": 1.5,
    "long": 2,
}


@pytest.mark.parametrize(
    "answer",
    [
        [ONE],
        ONE,
        {"service_requests": [ONE]},
        {"requests": [ONE]},
        {"service_requests": {"request": [ONE]}},
        {"service_requests": {"request": ONE}},
        [{"request": ONE}],
        {"Service_Requests": [{key.upper(): value for key, value in ONE.items()}]},
        "\ufeff" + json.dumps([ONE]),
        "<r:service_requests xmlns:r='urn:x'><r:request><r:service_request_id>7</r:service_request_id>"
        "<!-- note --><r:service_code> a </r:service_code><r:requested_datetime>2024-01-01"
        "</r:requested_datetime><r:lat>1.5</r:lat><r:long>2</r:long></r:request></r:service_requests>",
    ],
)
def test_requests__reads_one_request_however_it_is_wrapped(answer):
    assert read(answer) == [Request("7", "a", "", "2024-01-01", "2", "1.5")]


@pytest.mark.parametrize(
    "answer", [[], "null", {"service_requests": []}, {"service_requests": {}}, {}, "<service_requests/>"]
)
def test_requests__reads_nothing_where_there_is_nothing(answer):
    assert read(answer) == []


def test_requests__takes_empty_texts_elements_and_truths_as_absent():
    assert read([{"service_code": "a", "lat": "", "long": None, "service_name": True}]) == [
        Request("", "a", "", "", "", "")
    ]
    assert read("<requests><request><service_code/><lat> </lat></request></requests>") == [
        Request("", "", "", "", "", "")
    ]


def test_requests__keeps_nothing_but_what_is_counted_and_cuts_what_is_too_long():
    told = {
        **ONE,
        "description": "SECRET",
        "address": "SECRET",
        "media_url": "SECRET",
        "status_notes": "SECRET",
    }
    assert "SECRET" not in str(read([told]))
    assert read([{**ONE, "service_name": "x" * 9999}])[0].name == "x" * 200


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!DOCTYPE html><title>Welcome</title>", "web-page"),
        (b"<?xml version='1.0'?><!-- x --><html xmlns='urn:h'><body/></html>", "web-page"),
        (b"<service_requests><request>", "broken"),
        (b'[{"service_code": "a"', "broken"),
        (b"[" * 100_000, "broken"),
        (b'[{"service_code": "\xff"}]', "broken"),
        (b"Service unavailable", "broken"),
        (BILLION_LAUGHS, "trap"),
        (OUTSIDE_FILE, "trap"),
        (b"<!DOCTYPE services SYSTEM 'http://evil.example/x.dtd'><services/>", "trap"),
        (b'["a"]', "other-content"),
        (b'{"data": []}', "other-content"),
        (b"<rss><channel/></rss>", "other-content"),
        (b'[{"code": 403, "description": "No key."}]', "refused"),
        (b'{"errors": [{"code": 400, "description": "No"}]}', "refused"),
        (b'{"error": "no"}', "refused"),
        (b"<errors/>", "refused"),
    ],
)
def test_requests__refuses_an_answer_in_words(answer, code):
    told = fault(answer)
    assert told.code == f"open311.{code}"
    assert "https://c.example" in told.text("en")
    assert "https://c.example" in told.text("fa")


@pytest.mark.parametrize(
    "answer",
    [
        "<errors><error><code>403</code><description>No key.</description></error></errors>",
        "<errors><when>now</when><error><code>403</code><description>No key.</description></error></errors>",
        '[{"code": 403, "description": "No key."}]',
    ],
)
def test_requests__say_in_the_servers_words_why_they_were_refused(answer):
    assert "No key." in fault(answer).text("en")


def test_requests__reads_markup_within_a_text_as_text():
    assert read([{"description": "<html><body>", **ONE}])[0].id == "7"


def test_refusal__cleans_what_would_steer_a_terminal():
    assert refusal(json.dumps([{"code": 1, "description": "a\x1b[31m\nb"}]).encode()) == ("1", "a[31m b")
    assert refusal(b"<html/>") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-07-30T00:01:00-04:00", (datetime(2018, 7, 30, 0, 1), "minute")),
        ("2024-01-15T12:00:00Z", (datetime(2024, 1, 15, 7), "minute")),  # UTC-5 in winter
        ("2024-07-15T12:00:59.123Z", (datetime(2024, 7, 15, 8), "minute")),  # UTC-4 in summer
        ("2024-07-15T12:00:00-05:00", (datetime(2024, 7, 15, 13), "minute")),  # forgets summer time
        ("2024-01-15T12:00:00+0330", (datetime(2024, 1, 15, 3, 30), "minute")),
        ("2024-01-15 12:00 UTC", (datetime(2024, 1, 15, 7), "minute")),
        ("2011-09-1 17:35", (datetime(2011, 9, 1, 17, 35), "minute")),
        ("2024-01-15", (datetime(2024, 1, 15), "day")),
        ("2024-02-30", (None, "minute")),
        ("0001-01-01T00:00:00Z", (None, "minute")),
        ("1403-01-15", (None, "day")),
        ("9999-12-31T23:59:00-12:00", (None, "minute")),
        ("yesterday", (None, "minute")),
        ("", (None, "minute")),
    ],
)
def test_moment__gives_the_citys_wall_time(text, expected):
    assert moment(text, NEW_YORK) == expected
