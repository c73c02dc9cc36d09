"""Open311 GeoReport v2: the standard's answers in both formats, and nothing that was said in trust."""

import json
from datetime import timedelta

import h3
import pytest
from defusedxml import ElementTree
from django.test import Client
from django.utils import timezone

from mahalleh_site.listen.desk.actions import handling, setup
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.open311 import views
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.places.models import Promise
from mahalleh_site.sealed import sealing
from tests.city import middle
from tests.site.drawing import redraw
from tests.site.listen.moderating import publish

BASE = "/open311/v2/"
FIELDS = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "long", "media_url",
}  # fmt: skip


@pytest.fixture
def client(town):
    return Client(SERVER_NAME="localhost", enforce_csrf_checks=True)


@pytest.fixture
def api_key(town):
    return setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="an app")


@pytest.fixture
def shown(send, town):
    """A report that the public may see."""
    sent = send(words="Secret words.", contact="door 4", may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    return sent.report


def get(client, path, **given):
    return client.get(BASE + path, given, headers={"Accept-Language": "en"})


def post(client, path="requests.json", **given):
    return client.post(BASE + path, given, headers={"Accept-Language": "en"})


def lamp(api_key, **more):
    lon, lat = middle("c")
    return {"api_key": api_key, "service_code": "lighting", "lat": lat, "long": lon, **more}


def test_discovery__names_the_endpoint_in_both_formats(client):
    told = get(client, "discovery.json").json()
    assert told["endpoints"][0]["url"] == "http://localhost/open311/v2"
    assert "text/xml" in told["endpoints"][0]["formats"]
    page = get(client, "discovery.xml")
    assert page.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert page.content.startswith(b"<?xml")
    assert ElementTree.fromstring(page.content).find("endpoints/endpoint/formats/format").text == "text/xml"


def test_services__are_what_somebody_receives_and_never_what_is_sealed(client):
    told = get(client, "services.json").json()
    assert {each["service_code"] for each in told} == {"lighting", "quarrel", "theft"}
    assert all(each["metadata"] is False for each in told)
    listed = ElementTree.fromstring(get(client, "services.xml").content)
    assert {each.text for each in listed.iter("service_code")} == {"lighting", "quarrel", "theft"}
    assert {each.text for each in listed.iter("metadata")} == {"false"}
    assert get(client, "services/harm.json").status_code == 404
    assert get(client, "services/lighting.json").json() == {"service_code": "lighting", "attributes": []}


def test_services__speak_the_language_that_is_asked_for(client):
    assert "روشنایی" in [each["service_name"] for each in get(client, "services.json", locale="fa").json()]


def test_report__is_sent_followed_by_its_receipt_and_keeps_its_words_sealed(client, api_key, town):
    given = lamp(api_key, description="The lamp is out.", first_name="N", last_name="N", phone="0900")
    answer = post(client, **given)
    assert answer.status_code == 201
    (told,) = answer.json()
    report = Report.objects.get(number=told["service_request_id"])
    assert (report.area_id, report.channel) == ("c", "open311")
    assert h3.get_resolution(h3.int_to_str(report.cell)) == 9
    receipt = told["service_notice"].removeprefix("Receipt: ").splitlines()[0]
    assert told["service_notice"].endswith("read here: http://localhost/en/receipt/")
    assert receipts.find(receipt) == report
    assert receipts.opened(report, receipt).contact == "N N 0900"
    key = sealing.by_member(report, town.people["coordinator"], town.member_key("coordinator"))
    assert sealing.words(report.messages.get(kind="words"), key) == "The lamp is out."
    assert get(client, f"tokens/{report.number}.json").json()[0]["service_request_id"] == report.number
    assert (
        get(client, f"requests/{report.number}.json").status_code == 404
    )  # nobody has shown it to the public


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "7KQ2M0ZD3VA97KQ2M0ZD3VA9"}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "nothing"}, 404),
        ({"service_code": "harm"}, 404),
        ({"lat": ""}, 400),
        ({"lat": "x"}, 400),
        ({"lat": "nan"}, 400),
        ({"lat": "0", "long": "0"}, 400),
        ({"lat": "", "address_id": "zz"}, 404),
        ({"lat": "", "address_string": "Atlantis"}, 400),
        ({"description": "x" * 4001}, 400),
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_bad_reports__are_refused_in_words_and_nothing_is_stored(client, api_key, change, status, form):
    answer = post(client, f"requests.{form}", **(lamp(api_key) | change))
    assert answer.status_code == status
    if form == "json":
        (error,) = answer.json()
        code, text = error["code"], error["description"]
    else:
        error = ElementTree.fromstring(answer.content).find("error")
        code, text = int(error.find("code").text), error.find("description").text
    assert code == status
    assert text
    assert Report.objects.count() == 0


@pytest.mark.parametrize(("place", "area"), [({"address_id": "b"}, "b"), ({"address_string": "Dal"}, "d")])
def test_place__may_be_a_neighbourhood(client, api_key, place, area):
    assert post(client, **lamp(api_key, lat="", long="", **place)).status_code == 201
    report = Report.objects.get()
    assert (report.area_id, report.cell) == (area, None)


def test_ended_key__sends_no_more(client, api_key):
    from mahalleh_site.listen.models import ApiKey

    setup.end_api_key(by="system:test", key=ApiKey.objects.get())
    assert post(client, **lamp(api_key)).status_code == 403


def test_flood__of_one_program_is_slowed_and_of_no_other(client, api_key, town, monkeypatch):
    monkeypatch.setattr(views, "A_MINUTE", 1)
    answers = [post(client, **lamp(api_key)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 429]
    assert answers[1].headers["Retry-After"] == "60"
    other = setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="another")
    assert post(client, **lamp(other)).status_code == 201


def test_requests__hold_the_moderated_words_and_the_cell_alone(client, shown):
    (told,) = get(client, "requests.json").json()
    assert told.keys() == FIELDS
    assert told["description"] == "The lamp is out."
    assert "door 4" not in json.dumps(told)
    lat, lon = h3.cell_to_latlng(h3.int_to_str(shown.cell))
    assert (told["lat"], told["long"]) == (round(lat, 5), round(lon, 5))
    assert told["requested_datetime"][10:19] == "T00:00:00"
    assert [name for name, value in told.items() if value is None] == ["status_notes", "zipcode", "media_url"]
    listed = ElementTree.fromstring(get(client, "requests.xml").content)
    assert listed.tag == "service_requests"
    assert listed.find("request/zipcode").text is None
    assert listed.find("request/service_request_id").text == shown.number
    assert get(client, f"requests/{shown.number.lower()}.json").json() == [told]


def test_requests__follow_what_becomes_of_it(client, shown, town):
    by, member_key = town.people["coordinator"], town.member_key("coordinator")
    said = {"words": "Private answer.", "public_words": "The lamp was changed."}
    handling.answer(by=by, report=shown, member_key=member_key, verb="answer", **said)
    (told,) = get(client, "requests.json", status="closed").json()
    assert (told["status"], told["status_notes"]) == ("closed", "The lamp was changed.")
    assert get(client, "requests.json", status="open").json() == []
    assert len(get(client, "requests.json", status="open,closed").json()) == 1
    Promise.objects.update(open_to_all=False)
    redraw()
    assert get(client, "requests.json").json()[0]["status_notes"] is None
    handling.mark_private(by=by, report=shown, is_private=True)
    assert get(client, "requests.json").json() == []


def test_notes__are_the_newest_answer_and_no_older_one_under_it(client, shown, town):
    by, member_key = town.people["coordinator"], town.member_key("coordinator")
    day = timezone.localdate() + timedelta(9)
    promised = {"words": "Soon.", "public_words": "A new lamp was ordered.", "due_on": day}
    handling.answer(by=by, report=shown, member_key=member_key, verb="promise", **promised)
    (told,) = get(client, "requests.json").json()
    assert (told["status"], told["status_notes"]) == ("open", "A new lamp was ordered.")
    assert told["expected_datetime"][:10] == day.isoformat()
    handling.answer(by=by, report=shown, member_key=member_key, verb="answer", words="Done.")
    redraw()  # nothing was published, so it waits for the next one
    (told,) = get(client, "requests.json").json()
    assert (told["status"], told["status_notes"], told["expected_datetime"]) == ("closed", None, None)


def test_requests__are_narrowed_by_code_day_and_number(client, shown):
    day = shown.day
    assert get(client, "requests.json", service_code="theft").json() == []
    assert len(get(client, "requests.json", service_code="theft,lighting").json()) == 1
    assert (
        len(get(client, "requests.json", start_date=f"{day}T00:00:00Z", end_date=f"{day}T23:00:00Z").json())
        == 1
    )
    old = day - timedelta(80)
    assert (
        get(client, "requests.json", start_date=f"{old}T00:00:00Z", end_date=f"{old}T10:00:00Z").json() == []
    )
    Report.objects.update(day=timezone.localdate() - timedelta(400))
    redraw()
    assert get(client, "requests.json").json() == []
    assert len(get(client, "requests.json", service_request_id=f"NONE,{shown.number}").json()) == 1
    assert get(client, "requests.json", page="2", service_request_id=shown.number).json() == []


@pytest.mark.parametrize(
    "given",
    [
        {"start_date": "yesterday"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"start_date": "2026-06-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "9999-12-31T23:59:59Z"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"status": "half"},
        {"page": "0"},
        {"page_size": "1001"},
        {"page": "٣"},
        {"service_code": ",".join("x" * 200)},
    ],
)
def test_filters__that_mean_nothing_are_refused(client, town, given):
    assert get(client, "requests.json", **given).status_code == 400


def test_answers__set_no_cookie_and_may_be_read_from_other_pages(client, shown):
    for path in ("discovery.json", "services.xml", "requests.json", "requests/none.json", "openapi.json"):
        answer = get(client, path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in str(answer.headers)
        assert answer.cookies == {}


def test_wrong_methods_and_formats__are_said(client, town):
    assert client.post(f"{BASE}services.json").status_code == 405
    assert client.delete(f"{BASE}requests.json").headers["Allow"] == "GET, POST"
    assert get(client, "services.csv").status_code == 404
    assert get(client, "requests/none.xml").content.startswith(b"<?xml")


def test_updates_by_programs__are_refused_since_a_person_decides(client, api_key, shown):
    answer = post(client, "servicerequestupdates.json", api_key=api_key, service_request_id=shown.number)
    assert answer.status_code == 403
    assert "named person" in answer.json()[0]["description"]


def test_hostile_words__stay_words_in_xml(client, send, town):
    sent = send(may_publish=True)
    text = "<script>&]]>\x0b\x1f\ufffe"
    publish(by=town.people["coordinator"], report=sent.report, text=text, edited=True)
    listed = ElementTree.fromstring(get(client, "requests.xml").content)
    assert listed.find("request/description").text == "<script>&]]>"
