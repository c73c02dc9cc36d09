"""Public pages: the same for all, without a cookie, packed and kept. What is no text is no address."""

from __future__ import annotations

import gzip

import pytest
from django.core.cache import cache, caches
from django.test import Client


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
    counted = set(cache._cache)
    assert counted
    for number in range(settings.CACHES["pages"]["OPTIONS"]["MAX_ENTRIES"] + 50):
        caches["pages"].set(f"public:{number}", "x")
    client.get("/en/?nothing=1")
    assert counted <= set(cache._cache)
    assert len(caches["pages"]._cache) <= settings.CACHES["pages"]["OPTIONS"]["MAX_ENTRIES"]


@pytest.mark.parametrize(
    "path", ["/en/areas/%00/", "/en/?topic=%00", "/en/tell/?area=%00", "/en/reports/%00/"]
)
def test_address_that_is_no_text__is_not_there(city, path):
    assert Client(SERVER_NAME="localhost").get(path).status_code == 404
