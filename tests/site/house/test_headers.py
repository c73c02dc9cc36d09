"""Headers on every answer: of every address, to strangers and to staff, and where there is no address."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.site.house import addresses
from tests.site.house.test_matrix import STAFF

NEVER_KEPT = ("staff", "open", "allauth")
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
    rules = {name: sources for name, *sources in (rule.split() for rule in policy.split("; "))}
    assert {source for sources in rules.values() for source in sources} == {"'none'", "'self'", "data:"}
    assert rules.keys() >= {"form-action", "base-uri", "frame-ancestors"}  # which know no default
    assert rules["frame-ancestors"] == rules["base-uri"] == ["'none'"]
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    # a browser posts no form under no-referrer, so pages that hold forms name themselves to this site
    assert headers["Referrer-Policy"] == ("same-origin" if way in NEVER_KEPT else "no-referrer")
    caching = headers["Cache-Control"]
    assert ("no-store" in caching) if way in NEVER_KEPT else caching


def ask(how, address):
    """The answer of an address, checked; whose cookies matter is for the caller."""
    answer = how(address.url())
    try:
        check(answer, address.way)
        assert address.way != "public" or answer.cookies == {}
        return answer
    except AssertionError as error:
        raise AssertionError(f"{address.path}: {error}") from error
    finally:
        addresses.read_whole(answer)


def test_headers__stand_on_files(settings, tmp_path):
    (tmp_path / "some.css").write_text("p {}", encoding="utf-8")
    settings.STATIC_ROOT = str(tmp_path)
    answer = Client(SERVER_NAME="localhost").get("/static/some.css")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"p {}")
    check(answer, "public")


def test_headers__stand_on_every_answer_to_a_stranger(furnished):
    client = Client(SERVER_NAME="localhost")
    every = addresses.every()
    assert len(every) > 80
    for address in every:
        for how in (client.get, client.head):
            answer = ask(how, address)
            assert address.way != "machine" or answer.cookies == {}


def test_headers__stand_on_every_answer_to_who_may_see_it(furnished, entered):
    browsers = {role: entered(role) for role in sorted({sorted(allowed)[0] for allowed in STAFF.values()})}
    for address in addresses.every():
        role = sorted(STAFF[address.name])[0] if address.way == "staff" else "coordinator"
        ask(browsers[role].get, address)


@pytest.mark.parametrize("path", NOWHERE)
def test_headers__stand_where_there_is_no_address(furnished, path):
    check(Client(SERVER_NAME="localhost").get(path), "public")


def test_headers__stand_on_what_was_refused(furnished):
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    for address in addresses.by_way("staff", "open", "allauth"):
        check(client.post(address.url(), {}), address.way)
