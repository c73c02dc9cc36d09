"""A report from another program leaves no trace of who told it, and nothing told in trust comes back."""

import io
import pickle

import h3
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from mahalleh_site.listen import public_words
from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from tests.site.drawing import redraw
from tests.site.listen import uploads
from tests.site.listen.moderating import publish
from tests.site.listen.test_intake import everything

ADDRESS, AGENT = "203.0.113.78", "Marker-Program/3.1"
TRUSTED = {
    "description": "marker-of-words",
    "first_name": "marker-of-first",
    "last_name": "marker-of-last",
    "phone": "marker-of-phone",
    "email": "marker-of@example.org",
    "device_id": "marker-of-device",
    "account_id": "marker-of-account",
    "media_url": "https://marker-of-media.example/",
}
POINT = {"lat": "35.7053412", "long": "51.4251298"}
BASE = "/open311/v2/"


@pytest.fixture
def api_key(town):
    return setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="an app")


@pytest.fixture
def client(town):
    return Client(
        SERVER_NAME="localhost",
        REMOTE_ADDR=ADDRESS,
        HTTP_USER_AGENT=AGENT,
        HTTP_X_FORWARDED_FOR=ADDRESS,
        HTTP_REFERER="https://marker-of-referrer.example/",
        HTTP_COOKIE="a=marker-of-cookie",
    )


def test_sender__leaves_no_trace(client, api_key, capfd, caplog):
    photo = io.BytesIO(uploads.jpeg())
    photo.name = "marker-of-name.jpg"
    given = {**TRUSTED, **POINT, "api_key": api_key, "service_code": "theft", "media": photo}
    sent = client.post(f"{BASE}requests.json", given)
    assert sent.status_code == 201
    receipt = sent.json()[0]["service_notice"].splitlines()[0].split()[-1]
    refused = client.post(f"{BASE}requests.json", {**given, "lat": "0.1234567"})
    assert refused.status_code == 400
    marks = [ADDRESS, AGENT, "marker-of", "35.7053", "51.4251", "0.1234", receipt, receipt.replace("-", "")]
    kept = {
        "database": everything(),
        "cache": "".join(repr(pickle.dumps(getattr(cache, "_cache", {}))) for cache in caches.all()),
        "logs": caplog.text + "".join(capfd.readouterr()),
        "folder": "".join(
            path.read_bytes().decode("latin-1") for path in settings.VAR.rglob("*") if path.is_file()
        ),
        "refusal": refused.content.decode(),
    }
    assert "Theft" in kept["database"]  # the search would find what is there
    assert {
        (place, mark) for place, text in kept.items() for mark in (*marks, api_key) if mark in text
    } == set()
    assert Session.objects.count() == 0
    assert client.cookies == {}


def test_answers__give_back_nothing_that_was_told_in_trust(client, api_key, town):
    given = {**TRUSTED, **POINT, "api_key": api_key, "service_code": "lighting"}
    sent = client.post(f"{BASE}requests.json", given).json()[0]
    key, receipt = sent["service_request_id"], sent["service_notice"].splitlines()[0].split()[-1]
    paths = [f"requests/{key}", "requests", f"tokens/{key}", "services"]
    hidden = [client.get(f"{BASE}{path}.{form}") for path in paths for form in ("json", "xml")]
    assert [answer.status_code for answer in hidden[:2]] == [404, 404]
    assert hidden[2].json() == []
    report = Report.objects.get()
    opened = receipts.opened(report, receipt).key
    own_report.change_leave(report, opened, receipt, may_publish=True, police_may_read=False)
    publish(by=town.people["coordinator"], report=report, text="The lamp is out.", edited=True)
    shown = [client.get(f"{BASE}{path}.{form}") for path in paths for form in ("json", "xml")]
    assert {answer.status_code for answer in shown} == {200}
    for answer in (*hidden, *shown):
        text = answer.content.decode()
        assert not [mark for mark in ("marker-of", "35.7053", "51.4251") if mark in text]
    (told,) = shown[2].json()
    middle = h3.cell_to_latlng(h3.latlng_to_cell(float(POINT["lat"]), float(POINT["long"]), 9))
    assert (told["lat"], told["long"]) == tuple(round(degrees, 5) for degrees in middle)


@pytest.mark.parametrize(
    "change",
    [
        {"may_publish": False},
        {"is_private": True},
        {"public_text": ""},
        {"topic_id": "quarrel"},
        {"topic_id": "harm"},
        *({"status": status} for status in ("held", "merged", "withdrawn", "refused")),
    ],
)
def test_requests__hold_only_what_the_public_may_see(client, send, town, change):
    report = send(may_publish=True).report
    key = report.number
    publish(by=town.people["coordinator"], report=report, text="The lamp is out.", edited=True)
    redraw()
    assert [each["service_request_id"] for each in client.get(f"{BASE}requests.json").json()] == [key]
    Report.objects.update(**change)  # by whoever may, so that its mark is right again
    Report.objects.update(public_mark=public_words.mark(Report.objects.values().get()))
    redraw()
    assert client.get(f"{BASE}requests.json").json() == []
    assert client.get(f"{BASE}requests.json", {"service_request_id": key}).json() == []
    refused, unknown = (client.get(f"{BASE}requests/{each}.json") for each in (key, "NONE"))
    assert (refused.status_code, refused.content) == (unknown.status_code, unknown.content)
