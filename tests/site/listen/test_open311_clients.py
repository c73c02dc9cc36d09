"""Two clients that others wrote talk to our server over a real connection."""

import itertools
import warnings

import pytest

from mahalleh_site.listen.actions import setup, staff
from mahalleh_site.listen.models import Report
from tests.city import middle


@pytest.fixture
def base(town, live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    return f"{live_server.url}/open311/v2"


@pytest.fixture
def transactional(transactional_db):
    """The server answers from threads of its own, so what a test stores must be committed."""


pytestmark = pytest.mark.usefixtures("transactional")


@pytest.fixture
def shown(send, town):
    sent = send(may_publish=True)
    staff.publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=False)
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
    found = client.get_service_request(shown.key)
    assert "The lamp is out." in str(found)


def test_three__reads_and_posts_a_report_with_a_photo(base, shown, town, three):
    code = setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="three")
    client = three.Three(base, api_key=code)
    assert client.discovery()["endpoints"][0]["url"] == base
    assert {each["service_code"] for each in client.services()} == {"lighting", "quarrel", "theft"}
    assert client.services("lighting")["service_code"] == "lighting"
    assert [each["service_request_id"] for each in client.requests()] == [shown.key]
    lon, lat = middle("b")
    (told,) = client.post("lighting", lat=lat, long=lon, description="Dark.", name="N N")
    assert client.post_response.status_code == 201
    assert Report.objects.get(key=told["service_request_id"]).area_id == "b"
    assert client.token(told["service_request_id"])[0]["service_request_id"] == told["service_request_id"]
    refused = three.Three(base, api_key="wrong").post("lighting", lat=lat, long=lon)
    assert refused[0]["code"] == 403
