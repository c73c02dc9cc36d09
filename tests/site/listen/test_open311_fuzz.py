"""Schemathesis asks every address of the interface for what its author did not think of."""

from __future__ import annotations

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from mahalleh_site.listen.actions import setup, staff
from mahalleh_site.listen.models import Report
from mahalleh_site.wsgi import application

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
KINDS = (
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded",
    "text/xml",
    "application/json",
    "",
)


@pytest.fixture
def open_city(town, send):
    """A published report, and a program's key."""
    report = send(may_publish=True).report
    staff.publish(by=town.people["coordinator"], report=report, text="The lamp is out.", edited=False)
    return setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="fuzz")


@SCHEMA.parametrize()
@FEW
def test_interface__answers_whatever_is_asked_as_it_says(case, open_city):
    """No error of the server; each answer has a status, a type and a shape that the description names."""
    if case.operation.method.upper() == "POST" and isinstance(case.body, dict):
        case.body["api_key"] = open_city
    case.call_and_validate(checks=CHECKS)


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
