"""Two clients that others wrote, and our own, talk to our server over a real connection."""

import io
import itertools
import warnings
from datetime import timedelta

import polars as pl
import pytest
from django.utils import timezone

from mahalleh.sources import READERS
from mahalleh.topics import Topic
from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import Report
from tests.city import middle, squares
from tests.site.listen import uploads
from tests.site.listen.moderating import publish


@pytest.fixture
def base(town, live_server, settings):
    settings.ALLOWED_HOSTS, settings.ADDRESS = ["*"], live_server.url
    return f"{live_server.url}/open311/v2"


@pytest.fixture
def transactional(transactional_db):
    """The server answers from threads of its own, so what a test stores must be committed."""


pytestmark = pytest.mark.usefixtures("transactional")


@pytest.fixture
def shown(send, town):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=False)
    return sent.report


@pytest.fixture
def three(monkeypatch):
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)  # it is written for Python 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("three")


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport__reads_services_and_requests(base, shown, form):
    from georeport import GeoReport

    client = GeoReport(base, output_format=form)
    assert {each["service_code"] for each in client.get_service_list()} == {"lighting", "quarrel", "theft"}
    definition = client.get_service_definition("lighting")
    assert "lighting" in str(definition)
    found = client.get_service_request(shown.number)
    assert found["description"] == "The lamp is out."
    assert found["service_request_id"] == shown.number


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport__narrows_requests_by_day_service_and_state(base, shown, form):
    from georeport import GeoReport

    client = GeoReport(base, output_format=form)
    days = {"start_date": f"{shown.day}T00:00:00Z", "end_date": f"{shown.day}T23:59:59Z"}
    (found,) = [client.get_service_requests(service_code="lighting", status="open", **days)]
    (told,) = found if isinstance(found, list) else [found]  # of XML it makes one thing out of a list of one
    assert told["service_request_id"] == shown.number
    if form == "json":
        assert client.get_service_requests(status="closed", **days) == []


def test_three__reads_and_posts_a_report_with_a_photo(base, shown, town, three):
    code = setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="three")
    client = three.Three(base, api_key=code)
    assert client.discovery()["endpoints"][0]["url"] == base
    assert {each["service_code"] for each in client.services()} == {"lighting", "quarrel", "theft"}
    assert client.services("lighting")["service_code"] == "lighting"
    assert [each["service_request_id"] for each in client.requests()] == [shown.number]
    lon, lat = middle("b")
    photo = ("lamp.jpg", io.BytesIO(uploads.jpeg()), "image/jpeg")
    (told,) = client.post("lighting", lat=lat, long=lon, description="Dark.", name="N N", media=photo)
    assert client.post_response.status_code == 201
    report = Report.objects.get(number=told["service_request_id"])
    assert (report.area_id, report.photos.count()) == ("b", 1)
    assert [each["service_request_id"] for each in client.request(shown.number)] == [shown.number]
    assert client.token(told["service_request_id"])[0]["service_request_id"] == told["service_request_id"]
    refused = three.Three(base, api_key="wrong").post("lighting", lat=lat, long=lon)
    assert refused[0]["code"] == 403


def test_our_own_client__makes_events_of_what_is_published_alone(base, shown, send, settings, tmp_path):
    send(words="Not for everyone.", area="b")
    reading = READERS["open311"](
        base,
        places=squares(),
        topics=[Topic("lamps", {"en": "Lamps", "fa": "چراغ"}, categories=("lighting",))],
        since=timezone.localdate() - timedelta(days=100),  # two windows
        until=timezone.localdate(),
        spool=tmp_path / "spool",
        zone=settings.TIME_ZONE,
        wait=lambda _seconds: None,
    )
    events = pl.concat([frame for batch in reading.batches() for frame in batch.frames])
    assert events.select("area", "cell", "topic").rows() == [("a", shown.cell, "lamps")]
    assert events["time"].dt.date().to_list() == [shown.day]
