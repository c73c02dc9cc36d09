"""Headers on every answer: of every address, to strangers and to staff, and where there is no address."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.site.house import addresses
from tests.site.house.conftest import ROLES

NEVER_KEPT = ("staff", "open", "allauth")
WITHOUT_COOKIE = ("public", "machine")
NOWHERE = (
    "/en/nothing-here/",
    "/static/ui/mahalleh.css",
    "/static/nothing",
    "/en/?measure=%ff",
    "/%ff",
    "/en/tell/?area=%00",
)


def check(answer, way):
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    # a browser posts no form under no-referrer, so pages that hold forms name themselves to this site
    assert headers["Referrer-Policy"] == ("same-origin" if way in NEVER_KEPT else "no-referrer")
    caching = headers["Cache-Control"]
    assert ("no-store" in caching) if way in NEVER_KEPT else caching


@pytest.mark.parametrize("role", [None, *ROLES])
def test_headers__stand_on_the_answer_of_every_address(furnished, entered, role):
    client = entered(role) if role else Client(SERVER_NAME="localhost")
    every = addresses.every()
    assert len(every) > 80
    for address in every:
        for ask in (client.get, client.head):
            answer = ask(address.url())
            try:
                check(answer, address.way)
                if address.way in WITHOUT_COOKIE:
                    assert answer.cookies == {}
            except AssertionError as error:
                raise AssertionError(f"{address.path}: {error}") from error
            finally:
                answer.close()


@pytest.mark.parametrize("path", NOWHERE)
def test_headers__stand_where_there_is_no_address(furnished, path):
    check(Client(SERVER_NAME="localhost").get(path), "public")


def test_headers__stand_on_what_was_refused(furnished):
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    for address in addresses.by_way("staff", "open", "allauth"):
        check(client.post(address.url(), {}), address.way)
