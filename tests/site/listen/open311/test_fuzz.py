"""Schemathesis asks every address of the interface for what its author did not think of."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.open311 import payloads, views
from mahalleh_site.wsgi import application
from tests.site.listen.moderating import publish

SCHEMA = schemathesis.openapi.from_wsgi("/open311/v2/openapi.json", application)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
FEW = settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
FORM = "application/x-www-form-urlencoded"
KINDS = (
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded",
    "text/xml",
    "application/json",
    "",
)


@pytest.fixture(autouse=True)
def _kept_connection():
    """Between requests Django closes old connections; that of a test holds what the test has stored."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def open_city(town, send, monkeypatch):
    """A published report, and a program's key that may send as much as it likes."""
    monkeypatch.setattr(views, "A_MINUTE", 10**6)
    report = send(may_publish=True).report
    publish(by=town.people["coordinator"], report=report, text="The lamp is out.", edited=False)
    return setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="fuzz")


@SCHEMA.parametrize()
@FEW
def test_interface__answers_whatever_is_asked_as_it_says(case, open_city):
    """No error of the server; each answer has a status, a type and a shape that the description names."""
    if case.operation.method.upper() == "POST" and isinstance(case.body, dict):
        case.body["api_key"] = open_city
    case.call_and_validate(checks=CHECKS)


def test_description__is_itself_in_order():
    SCHEMA.validate()
    assert len(list(SCHEMA.get_all_operations())) == 8


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/discovery.json", {}),
        ("/services.json", {"query": {"locale": "fa"}}),
        ("/services/{code}.json", {"path_parameters": {"code": "lighting"}}),
        ("/requests.json", {"query": {"status": "open", "page_size": 1}}),
        ("/requests/{number}.json", {}),
        ("/tokens/{number}.json", {}),
    ],
)
def test_every_good_answer__is_as_described(open_city, path, given):
    if "{number}" in path:
        given = {"path_parameters": {"number": Report.objects.get().number}}
        Report.objects.update(channel=Report.Channel.OPEN311)
    answer = SCHEMA[path]["GET"].Case(**given).call_and_validate(checks=CHECKS)
    assert answer.status_code == 200
    assert answer.json()  # neither an empty list nor an empty object: it was looked at


def test_description__lets_no_further_field_pass(open_city, monkeypatch):
    plain = payloads._request
    monkeypatch.setattr(payloads, "_request", lambda *about: {**plain(*about), "phone": "0900"})
    with pytest.raises(FailureGroup, match="phone"):
        SCHEMA["/requests.json"]["GET"].Case().call_and_validate(checks=CHECKS)


WORDS = st.text(max_size=30)
NAMES = ("description", "first_name", "last_name", "email", "phone", "device_id", "account_id", "media_url")
PLACES = st.one_of(
    st.fixed_dictionaries({"address_id": st.sampled_from("abcd")}),
    st.fixed_dictionaries({"address_string": st.sampled_from(["Alef", "دال", "nowhere"])}),
    st.fixed_dictionaries({"lat": st.floats(35.69, 35.72), "long": st.floats(51.39, 51.45)}),
    st.fixed_dictionaries({"lat": WORDS, "long": st.floats()}),
)


@FEW
@given(place=PLACES, more=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, WORDS)))
def test_reports__are_either_stored_and_numbered_or_refused(open_city, place, more):
    sent = {"api_key": open_city, "service_code": "theft", **more, **place}
    before = Report.objects.count()
    answer = (
        SCHEMA["/requests.json"]["POST"].Case(body=sent, media_type=FORM).call_and_validate(checks=CHECKS)
    )
    stored = Report.objects.count() - before
    assert (answer.status_code, stored) in ((201, 1), (400, 0))
    if _inside(place, by=0):
        assert stored == 1
    if not _inside(place, by=0.001):  # less is a kerb's width, and is let pass
        assert stored == 0
    if stored:
        assert Report.objects.filter(number=answer.json()[0]["service_request_id"], topic="theft").exists()


def _inside(place, *, by):
    if "address_id" in place or "address_string" in place:
        return place.get("address_string") != "nowhere"
    try:
        lat, lon = float(place["lat"]), float(place["long"])
    except ValueError:
        return False
    return 35.70 - by <= lat <= 35.71 + by and 51.40 - by <= lon <= 51.44 + by


@FEW
@given(body=st.binary(max_size=200), kind=st.sampled_from(KINDS))
def test_posted_bytes__never_break_it(open_city, body, kind):
    answer = Client(SERVER_NAME="localhost").generic("POST", "/open311/v2/requests.json", body, kind)
    assert answer.status_code in (400, 403, 415)
    assert Report.objects.count() == 1


@FEW
@given(path=st.text(max_size=30))
def test_any_path_below_it__is_answered(open_city, path):
    for start in ("requests/", "services/", "tokens/", ""):
        address = f"/open311/v2/{start}{path}.xml".replace("?", "").replace("#", "")
        assert Client(SERVER_NAME="localhost").generic("GET", address).status_code in (200, 301, 404)
