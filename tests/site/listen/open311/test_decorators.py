"""The doors for programs: sizes, types, methods, languages, and a server that cannot store just now."""

import io

import pytest
from defusedxml import ElementTree
from django.db import OperationalError
from django.test import Client

from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.listen.telling.photo_files import PhotoError
from mahalleh_site.listen.telling.photo_pool import Pool
from tests.city import middle
from tests.site.listen import uploads

REQUESTS = "/open311/v2/requests.json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def client(town):
    return Client(SERVER_NAME="localhost", enforce_csrf_checks=True, headers={"Accept-Language": "en"})


@pytest.fixture
def lamp(town):
    lon, lat = middle("c")
    code = setup.make_api_key(by="system:test", organisation=town.homes["ngo"], name="an app")
    return {"api_key": code, "service_code": "lighting", "lat": lat, "long": lon}


def test_too_much__is_refused_unread_and_not_in_part(client, lamp, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post(REQUESTS, {**lamp, "media": io.BytesIO(b"x" * 1000)})
    assert (answer.status_code, answer.json()[0]["code"]) == (413, 413)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500
    answer = client.post("/open311/v2/requests.xml", {**lamp, "description": "x" * 501})
    assert answer.status_code == 413
    assert ElementTree.fromstring(answer.content).find("error/code").text == "413"
    assert client.post(REQUESTS, b"", FORM, CONTENT_LENGTH="many").status_code == 413
    assert Report.objects.count() == 0


@pytest.mark.parametrize("kind", ["application/json", "text/xml", "text/plain"])
def test_body__of_another_type_is_refused_in_words(client, lamp, kind):
    answer = client.post(REQUESTS, b"{}", kind)
    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json()[0]["description"]


def test_too_many_fields__are_refused(client, lamp, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    assert client.post(REQUESTS, lamp).status_code == 400


def test_photo__is_drawn_anew_and_kept_and_what_is_none_is_refused(client, lamp):
    good = client.post(REQUESTS, {**lamp, "media": [io.BytesIO(uploads.jpeg()), io.BytesIO(uploads.png())]})
    assert good.status_code == 201
    assert Report.objects.get().photos.count() == 2
    Report.objects.all().delete()
    bad = client.post(REQUESTS, {**lamp, "media": io.BytesIO(b"<svg/>")})
    assert bad.status_code == 400
    assert bad.json()[0]["description"].startswith("Photo 1: ")
    assert (Report.objects.count(), Photo.objects.count()) == (0, 0)


def test_photo__that_cannot_be_drawn_now_is_asked_for_again(client, lamp, monkeypatch):
    def busy(*_args, **_more):
        raise PhotoError("busy")

    monkeypatch.setattr(Pool, "drawn", busy)
    answer = client.post(REQUESTS, {**lamp, "media": io.BytesIO(uploads.jpeg())})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert Report.objects.count() == 0


def test_media_url__is_not_fetched_and_the_answer_says_so(client, lamp):
    answer = client.post(REQUESTS, {**lamp, "media_url": "http://127.0.0.1:1/photo.jpg"})
    assert answer.status_code == 201
    assert "not fetched" in answer.json()[0]["service_notice"]
    assert Photo.objects.count() == 0


def test_failure__to_store_is_told_and_a_second_try_is_taken(client, lamp, monkeypatch):
    def locked(*_args, **_more):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(intake, "send", locked)
        answer = client.post(REQUESTS, lamp)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "nothing was stored" in answer.json()[0]["description"]
    assert client.post(REQUESTS, lamp).status_code == 201


def test_methods__are_told_to_other_pages_and_to_programs(client):
    asked = client.options(REQUESTS)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET, POST")
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    for path, allowed in (("services.json", "GET"), ("openapi.json", "GET"), ("tokens/x.xml", "GET")):
        answer = client.post(f"/open311/v2/{path}")
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert client.get("/open311/v2/servicerequestupdates.json").headers["Allow"] == "POST"
    head = client.head("/open311/v2/services.json")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("requests", "application/json"), ("nothing/here.xml", "text/xml"), ("services.csv", "text/xml")],
)
def test_unknown_address__is_told_in_a_format_of_the_interface(client, path, kind):
    answer = client.get(f"/open311/v2/{path}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"


@pytest.mark.parametrize(
    ("header", "locale", "language"),
    [("en", "", "en"), ("fa", "", "fa"), ("en", "fa", "fa"), ("fa", "en-GB", "en"), ("de", "xx", "fa")],
)
def test_language__is_the_one_asked_for_else_the_citys(client, header, locale, language):
    address = "/open311/v2/services/none.json"
    answer = client.get(address, {"locale": locale}, headers={"Accept-Language": header})
    assert answer.headers["Content-Language"] == language
    named = client.get("/open311/v2/services.json", {"locale": locale}, headers={"Accept-Language": header})
    names = {each["service_code"]: each["service_name"] for each in named.json()}
    assert names["lighting"] == {"en": "Lighting", "fa": "روشنایی"}[language]
