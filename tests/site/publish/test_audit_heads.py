"""The heads of the audit log that anyone may keep: on the page of methods and in a feed, drawn once a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from defusedxml import ElementTree
from django.core.cache import caches
from django.db import transaction
from django.test import Client

from mahalleh.cli import run as cli
from mahalleh_site.house import rooms
from mahalleh_site.people import audit, queries
from mahalleh_site.people.daily import sweep
from mahalleh_site.people.models import AuditEntry
from tests import clock
from tests.site.listen.alerts.test_feeds import ATOM, FEED, check

ENTRY = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "link": (1, 1), "content": (1, 1)}


def asked(path):
    answer = Client(SERVER_NAME="localhost").get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def three(squares, monkeypatch):
    """Three days' work; the command speaks English."""
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "en")
    caches["pages"].clear()
    for before in (2, 1, 0):
        sweep(by="system:daily", today=clock.TODAY - timedelta(days=before))
    return queries.published_heads(most=9)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_page__shows_the_newest_head_and_not_how_much_was_done(three, language):
    page = asked(f"/{language}/methods/")
    assert three[0].hash in page
    assert three[1].hash not in page
    assert f"/{language}/methods/audit.atom" in page
    part = page.split('id="audit-log"')[1].split("</section>")[0].replace(three[0].hash, "")
    assert str(AuditEntry.objects.count()) not in part.replace(str(clock.TODAY.day), "")


def test_page__before_the_first_day_says_so(squares):
    caches["pages"].clear()
    assert "None is published yet." in asked("/en/methods/")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_feed__tells_each_day_as_rfc_4287_asks(three, language):
    feed = ElementTree.fromstring(asked(f"/{language}/methods/audit.atom"))
    check(feed, FEED)
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        check(entry, ENTRY)
    assert [entry.findtext(f"{ATOM}content") for entry in entries] == [head.hash for head in three]
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 3


def test_public__stands_still_between_daily_drawings(three):
    """No deed changes a byte: what was drawn stands until the next day's work, which may be done again."""
    paths = [f"/{language}/methods/{end}" for language in ("fa", "en") for end in ("", "audit.atom")]
    before, version = [asked(path) for path in paths], rooms.public_version()
    for _deed in range(3):
        with transaction.atomic():
            audit.record(by="system:test", verb="read-report", object="report:sealed")
    sweep(by="system:daily", today=clock.TODAY)
    assert rooms.public_version() == version
    caches["pages"].clear()
    assert [asked(path) for path in paths] == before
    sweep(by="system:daily", today=clock.TODAY + timedelta(days=1))
    assert rooms.public_version() != version
    assert [asked(path) for path in paths] != before


def test_verify__knows_a_head_that_was_kept_and_no_other(three, capsys):
    audit.follow()  # this test's transaction never ends
    spaced = " ".join((three[2].hash[:32].upper(), three[2].hash[32:]))
    assert cli(["audit", "verify", "--head", spaced]) == 0
    assert f"The head {three[2].hash} stands in the log" in capsys.readouterr().err
    assert cli(["audit", "verify", "--head", "0" * 63 + "1"]) == 6
    assert "nowhere in this log" in capsys.readouterr().err


def test_restored__is_said_only_where_something_is_missing(three, capsys, django_capture_on_commit_callbacks):
    from mahalleh_site.people import outside

    audit.follow()
    assert cli(["audit", "restored"]) == 6
    held = outside.read()
    outside.write(outside.Head(held.number + 4, "f" * 64, held.key))  # the database is the older one
    capsys.readouterr()
    assert cli(["audit", "verify"]) == 6
    assert "mahalleh audit restored" in capsys.readouterr().err
    with django_capture_on_commit_callbacks(execute=True):
        assert cli(["audit", "restored"]) == 0
    assert cli(["audit", "verify"]) == 0
    assert AuditEntry.objects.first().facts["before"] == held.number + 4


def test_day__of_a_head_is_the_day_it_was_drawn_for(three):
    assert [head.day for head in three] == [clock.TODAY - timedelta(days=back) for back in range(3)]
    assert isinstance(three[0].day, date)
