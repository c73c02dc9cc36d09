"""An area's Atom feed against RFC 4287, word by word, and with texts that mean harm."""

from __future__ import annotations

import re
from datetime import date, datetime, time

import pytest
from defusedxml import ElementTree
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Report
from mahalleh_site.places.actions import promises
from mahalleh_site.places.models import Area, Promise, Topic
from mahalleh_site.releases.models import Release
from tests.site.listen.moderating import publish

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = '</content><script>alert("x")</script>&amp; ]]> \x00\x0b \ufffe é چراغ 🔦'
TAG = re.compile(
    r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+"
)  # RFC 4151, section 2.1
# RFC 4287, section 4.1: what a feed and an entry must and may hold here, and how often
FEED = {
    "id": (1, 1),
    "title": (1, 1),
    "subtitle": (0, 1),
    "updated": (1, 1),
    "author": (1, 1),
    "link": (2, 2),
}
ENTRY = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "link": (1, 1), "content": (1, 1)}


def read(area="a", language="en"):
    """The feed as a reader gets it, parsed."""
    caches["pages"].clear()
    answer = Client(SERVER_NAME="localhost").get(f"/{language}/areas/{area}/feed.atom")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.cookies == {}
    return ElementTree.fromstring(answer.content)


def check(element, allowed):
    """The children that RFC 4287 asks for, as often as it says, and no others."""
    names = [child.tag.removeprefix(ATOM) for child in element if child.tag != f"{ATOM}entry"]
    for name, (least, most) in allowed.items():
        assert least <= names.count(name) <= most, name
    assert set(names) <= set(allowed)
    assert TAG.fullmatch(element.findtext(f"{ATOM}id"))  # 4.2.6: an IRI
    assert element.findtext(f"{ATOM}title")
    moment = datetime.fromisoformat(element.findtext(f"{ATOM}updated"))  # 3.3: RFC 3339, with an offset
    assert moment.time() == time.min
    assert moment.tzinfo is not None
    for link in element.findall(f"{ATOM}link"):  # 4.2.7
        assert re.fullmatch(r"https?://[^/]+/(fa|en)/\S*", link.get("href"))
        assert link.get("rel") in ("self", "alternate")


def check_feed(feed):
    """A whole feed; its entries."""
    assert feed.tag == f"{ATOM}feed"
    check(feed, FEED)
    assert sorted(link.get("rel") for link in feed.findall(f"{ATOM}link")) == ["alternate", "self"]
    assert feed.find(f"{ATOM}author").findtext(f"{ATOM}name")  # 4.2.1 and 3.2.1
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        check(entry, ENTRY)
        assert entry.find(f"{ATOM}content").get("type", "text") == "text"  # 4.1.3.1: text where it isn't said
    names = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(names)) == len(names)
    days = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert days == sorted(days, reverse=True)
    if days:
        assert feed.findtext(f"{ATOM}updated") == days[0]
    return entries


@pytest.fixture
def published(send, town):
    """A report that a moderator shows, with words that mean harm."""
    report = send(may_publish=True, words="Mr X of door 4 broke the lamp.").report
    publish(by=town.people["coordinator"], report=report, text=HOSTILE, edited=True)
    return Report.objects.get(pk=report.pk)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_feed__without_news_is_whole(town, language):
    feed = read(language=language)
    assert check_feed(feed) == []
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language


@pytest.mark.parametrize("language", ["fa", "en"])
def test_feed__tells_reports_promises_and_publications(published, town, language):
    Release.objects.create(
        number=7,
        epsilon=1,
        threshold=5,
        freq="W",
        first=date(2026, 1, 1),
        last=date(2026, 2, 1),
        rows=1,
        hidden=0,
    )
    entries = check_feed(read(language=language))
    links = {entry.find(f"{ATOM}link").get("href").partition(f"/{language}/")[2] for entry in entries}
    assert links == {f"reports/{published.number}/", "areas/a/", "data/"}
    assert check_feed(read("b", language)) != []  # a publication is for all, the rest is not
    assert len(check_feed(read("b", language))) == 1


def test_feed__carries_hostile_text_as_text(published):
    feed = read()
    texts = [entry.findtext(f"{ATOM}content") for entry in check_feed(feed)]
    told = HOSTILE.replace("\x00", "").replace("\x0b", "\ufffd").replace("\ufffe", "\ufffd")
    assert told in texts
    assert {element.tag for element in feed.iter()} <= {
        f"{ATOM}{name}" for name in ("feed", "entry", "name", *FEED, *ENTRY)
    }


def test_feed__tells_the_day_in_the_city_and_nothing_finer(published):
    moments = {element.text for element in read().iter(f"{ATOM}updated")}
    assert moments == {f"{timezone.localdate().isoformat()}T00:00:00+03:30"}  # Tehran has no summer time


def test_feed__shows_nothing_that_is_not_shown_to_all(published, send, town):
    send(words="A secret of my own.")
    before = check_feed(read())
    assert len(before) == 2  # the published report, and the answer that is owed about it
    text = ElementTree.tostring(read(), encoding="unicode")
    assert "secret" not in text
    assert "Mr X" not in text
    handling.mark_private(by=town.people["coordinator"], report=published, is_private=True)
    assert check_feed(read()) == []


def test_feed__says_a_thing_anew_when_its_state_changes(published, town):
    before = {entry.findtext(f"{ATOM}id") for entry in check_feed(read())}
    again = {entry.findtext(f"{ATOM}id") for entry in check_feed(read())}
    handling.answer(
        by=town.people["coordinator"],
        report=published,
        member_key=town.member_key("coordinator"),
        verb="answer",
        words="Mended.",
        public_words="The lamp works again.",
    )
    after = check_feed(read())
    assert before == again
    assert before.isdisjoint({entry.findtext(f"{ATOM}id") for entry in after})
    assert "The lamp works again." in [entry.findtext(f"{ATOM}content") for entry in after]


def test_feed__of_careful_topics_is_empty(town):
    promises.make(
        subject="report:X",
        area=Area.objects.get(pk="a"),
        topic=Topic.objects.get(pk="quarrel"),
        what="act",
        organisation=town.homes["ngo"],
        on=timezone.localdate(),
        due_on=timezone.localdate(),
        open_to_all=True,
    )
    assert Promise.objects.count() == 1
    assert check_feed(read()) == []


def test_feed__of_no_area_is_not_there(town):
    assert Client(SERVER_NAME="localhost").get("/en/areas/nowhere/feed.atom").status_code == 404
