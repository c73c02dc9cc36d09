"""Public pages: the same for all, without a cookie, packed and kept. What is no text is no address."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.core.cache import cache, caches
from django.test import Client

import mahalleh_site
from mahalleh_site.people import limits
from mahalleh_site.publish import views as publish_views


def test_headers__ask_for_https_where_it_is_served(city, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client(SERVER_NAME="localhost").get("/en/").headers["Location"].startswith("https://")
    assert Client(SERVER_NAME="localhost").get("/healthz").status_code == 200


def test_public_pages__are_the_same_bytes_for_everyone_and_come_packed(city):
    first = Client(SERVER_NAME="localhost", headers={"Accept-Encoding": "gzip"}).get("/en/")
    again = Client(SERVER_NAME="localhost", headers={"Accept-Encoding": "gzip", "Cookie": "a=b"}).get("/en/")
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.content == again.content
    kept = Client(SERVER_NAME="localhost", headers={"If-None-Match": first.headers["ETag"]}).get("/en/")
    assert (kept.status_code, kept.content) == (304, b"")


def test_public_pages__refuse_a_foreign_host(city):
    assert Client(SERVER_NAME="evil.example").get("/en/").status_code == 400


def test_public_pages__come_unpacked_to_who_cannot_unpack(city):
    packed = Client(SERVER_NAME="localhost", headers={"Accept-Encoding": "gzip"}).get("/en/topics/")
    plain = Client(SERVER_NAME="localhost").get("/en/topics/")
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] == plain.headers["ETag"]


def test_limits__outlive_a_flood_of_addresses(city, settings):
    """Whoever asks for many addresses cannot push the counts of wrong passwords out of memory."""
    cache.clear()
    client = Client(SERVER_NAME="localhost")
    client.post("/en/accounts/login/", {"login": "a@b.example", "password": "wrong words here"})
    counted = limits.count("sign-in", limits.hashed("a@b.example"), seconds=60)
    assert counted == 2
    for number in range(settings.CACHES["pages"]["OPTIONS"]["MAX_ENTRIES"] + 50):
        caches["pages"].set(f"public:{number}", "x")
    client.get("/en/?nothing=1")
    assert limits.count("sign-in", limits.hashed("a@b.example"), seconds=60) == 3
    assert len(caches["pages"]._cache) <= settings.CACHES["pages"]["OPTIONS"]["MAX_ENTRIES"]


@pytest.mark.parametrize(
    "path", ["/en/areas/%00/", "/en/?topic=%00", "/en/tell/?area=%00", "/en/reports/%00/"]
)
def test_address_that_is_no_text__is_not_there(city, path):
    assert Client(SERVER_NAME="localhost").get(path).status_code == 404


@pytest.fixture
def views(monkeypatch):
    """How often the first page's view was asked, its memory empty at first."""
    asked = []
    query = publish_views.queries.city_map
    monkeypatch.setattr(
        publish_views.queries, "city_map", lambda **chosen: asked.append(chosen) or query(**chosen)
    )
    caches["pages"].clear()
    return asked


def test_unknown_parameters__neither_pass_by_the_kept_page_nor_make_another(city, views):
    client = Client(SERVER_NAME="localhost")
    first = client.get("/en/")
    strange = ("x=1", "utm_source=a&fbclid=b", "topic=nothing", "show=%F0%9F%92%A3", "topic=" + "9" * 500)
    for query in (*strange, *(f"x={number}" for number in range(30)), "topic=", "q=text"):
        assert client.get(f"/en/?{query}").content == first.content, query
    assert len(views) == 1
    assert len(caches["pages"]._cache) == 1


def test_known_parameters__make_one_page_in_whatever_order_and_number(city, views):
    client = Client(SERVER_NAME="localhost")
    first = client.get("/en/?show=count&sort=now").content
    for query in ("sort=now&show=count", "show=rate&sort=now&show=count", "a=b&show=count&sort=now&c"):
        assert client.get(f"/en/?{query}").content == first
    assert [(asked["show"], asked["sort"]) for asked in views] == [("count", "now")]


def test_nothing_that_a_visitor_wrote__stands_in_a_kept_page(city):
    caches["pages"].clear()
    Client(SERVER_NAME="localhost").get("/en/?marker-of-name=marker-of-value&topic=marker-of-topic")
    assert "marker-of" not in Client(SERVER_NAME="localhost").get("/en/").content.decode()


def test_search__is_answered_and_never_kept(city):
    caches["pages"].clear()
    page = Client(SERVER_NAME="localhost").get("/en/find/?q=marker&x=1").content.decode()
    assert "marker" in page
    assert not caches["pages"]._cache


def test_code__reads_no_host_but_to_refuse_one():
    """Whoever needs a whole address takes `ui.address`."""
    root = Path(mahalleh_site.__file__).parent
    named = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.suffix in (".py", ".html", ".txt", ".xml")
        and re.search(
            r"build_absolute_uri|get_host|request\.scheme|HTTP_HOST", path.read_text(encoding="utf-8")
        )
    }
    giving = {"server/environ.py"}  # hands on what the connection said
    assert named - giving == {"ui/middleware.py", "sealed/decorators.py", "people/keys/views.py"}
