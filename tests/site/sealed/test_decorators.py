"""Residents' forms: taken from anyone, from this site alone, and answered in words whatever breaks."""

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from mahalleh_site.sealed import decorators
from mahalleh_site.sealed.decorators import Residents

TOO_MUCH = "send less"


@pytest.fixture
def residents(monkeypatch):
    """A room's forms, whose page for refusals is its own words."""

    def rendered(request, template, words, status):
        return HttpResponse(f"{template}|{words['title']}|{words['text']}", status=status)

    monkeypatch.setattr(decorators, "render", rendered)
    return Residents(room="letters", template="letters/refused.html", too_much=TOO_MUCH)


def sent(residents, view=lambda request: HttpResponse("kept"), method="post", data=None, **headers):
    """The answer to a form."""
    request = getattr(RequestFactory(SERVER_NAME="localhost"), method)("/", data or {}, headers=headers)
    return residents.form("anyone may write")(view)(request)


def test_form__is_taken_and_says_why_it_is_open(residents):
    answer = sent(residents)
    assert (answer.status_code, answer.content) == (200, b"kept")
    assert "no-store" in answer.headers["Cache-Control"]
    view = residents.form("anyone may write")(lambda request: HttpResponse())
    assert view.open_because == "anyone may write"
    assert view.csrf_exempt


def test_form__is_no_page_to_look_at(residents):
    assert sent(residents, method="get").status_code == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),  # no page can forge the first
        ({"Origin": "null"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://evil.example"}, 403),
    ],
)
def test_form__of_another_site_is_refused(residents, headers, status):
    seen = []
    answer = sent(residents, lambda request: seen.append(1) or HttpResponse(), **headers)
    assert (answer.status_code, len(seen)) == (status, status == 200)


@pytest.mark.parametrize("length", ["40000001", "much"])
def test_form__that_is_too_large_is_not_read(residents, settings, length):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 40_000_000
    request = RequestFactory(SERVER_NAME="localhost").post("/", {})
    request.META["CONTENT_LENGTH"] = length
    answer = residents.form("anyone may write")(lambda request: HttpResponse())(request)
    assert answer.status_code == 413
    assert TOO_MUCH.encode() in answer.content
    assert not hasattr(request, "_post")


def test_form__with_a_character_that_no_database_takes_is_refused(residents):
    assert sent(residents, data={"words": "a\x00b"}).status_code == 400


@pytest.mark.parametrize("fault", [OperationalError("marker"), OSError("marker")])
def test_form__that_could_not_be_kept_is_answered_and_logged_without_words(residents, fault, caplog):
    def broken(request):
        raise fault

    answer = sent(residents, broken)
    assert answer.status_code == 503
    assert answer.content.startswith(b"letters/refused.html|")
    assert "marker" not in answer.content.decode() + caplog.text
    assert caplog.records[0].event == type(fault).__name__
