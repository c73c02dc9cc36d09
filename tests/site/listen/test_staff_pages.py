"""The pages of those who read and answer reports: what each role finds there, and what it may not notice."""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mahalleh_site.listen.actions import setup, staff
from mahalleh_site.listen.models import Report
from mahalleh_site.people import demo
from mahalleh_site.places.models import Topic

WORDS = "The lamp before door 4 is out."


@pytest.fixture(autouse=True)
def _demonstration(town, settings):
    """The invented people enter by the demonstration's door, which opens their keys."""
    settings.CITY = replace(settings.CITY, mode="demo")


def entered(role="coordinator"):
    client = Client(SERVER_NAME="localhost")
    assert client.post("/en/demo/enter/", {"role": role}).status_code == 302
    return client


def locked(role="coordinator"):
    """Signed in with the key closed again."""
    client = entered(role)
    client.post("/en/me/key/close/")
    return client


def text(answer):
    """What a reader reads."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def page(client, report):
    return client.get(f"/en/listen/{report.key}/")


def do(client, report, verb, **given):
    return client.post(f"/en/listen/{report.key}/do/{verb}/", given)


def listed(client, query=""):
    found = client.get(f"/en/listen/{query}").content.decode()
    return re.findall(r'<h2><a href="/en/listen/([0-9A-Z]+)/"', found)


def now(report):
    return Report.objects.select_related("lead", "assigned").get(pk=report.pk)


def due(report, days):
    Report.objects.filter(pk=report.pk).update(due_on=timezone.localdate() + timedelta(days=days))


def test_queue__has_the_oldest_promise_first_and_says_what_is_late(send):
    first, late = send(words=WORDS).report, send().report
    due(late, -3)
    client = entered()
    assert listed(client) == [late.key, first.key]
    answer = client.get("/en/listen/")
    assert text(answer).count("late since") == 1
    assert answer.content.decode().count('class="late"') == 1
    assert WORDS in text(answer)


def test_queue__shows_no_words_while_the_key_is_closed_and_says_how_to_open_it(send):
    report = send(words=WORDS).report
    client = locked()
    answer = client.get("/en/listen/")
    assert listed(client) == [report.key]
    assert WORDS not in text(answer)
    assert '<a href="/en/me/key/?next=/en/listen/">' in answer.content.decode()


def test_queue__cuts_long_words_short(send):
    send(words="lights " * 80)
    shown = text(entered().get("/en/listen/"))
    assert shown.count("lights") == 160 // len("lights ")
    assert "lights …" in shown


def test_queue__is_narrowed_by_state_topic_district_and_who_works_on_it(send, town):
    mine, free, done = send().report, send(area="d").report, send().report
    theirs = send("theft").report
    coordinator, private = town.people["coordinator"], town.private("coordinator")
    staff.take(by=coordinator, report=mine)
    staff.answer(by=coordinator, report=done, private=private, verb="answer", words="Done.")
    client, district = entered(), free.area.district_id
    assert listed(client) == [mine.key, free.key]
    assert listed(client, "?whose=mine") == [mine.key]
    assert listed(client, "?whose=free") == [free.key]
    assert set(listed(client, "?whose=all")) == {mine.key, free.key, theirs.key}
    assert listed(client, "?status=closed") == [done.key]
    assert listed(client, "?whose=all&topic=theft") == [theirs.key]
    expected = {each.key for each in (mine, free) if each.area.district_id == district}
    assert set(listed(client, f"?district={district}")) == expected
    assert listed(client, "?topic=nonsense&status=nonsense") == [mine.key, free.key]


def test_queue__says_which_may_be_the_same(send):
    one, two = (send(words=f"{WORDS} It is very dark {when}.").report for when in ("at night", "every night"))
    other = send(words="A tree has fallen over the lane and nobody can pass.").report
    body = entered().get("/en/listen/").content.decode()
    assert body.count("Perhaps the same:") == 2
    rows = {
        key: body.split(f'<h2><a href="/en/listen/{key}/"')[1].split("<h2>")[0] for key in listed(entered())
    }
    assert f'href="/en/listen/{two.key}/"' in rows[one.key]
    assert "Perhaps the same:" not in rows[other.key]


@pytest.mark.parametrize("role", ["coordinator", "officer", "partner"])
def test_sealed__is_to_others_as_if_it_were_not(send, role):
    """Not in the queue, the counts, the filters, on today; its page is that of a report that never was."""
    send("lighting"), send("theft"), send("quarrel")
    client = entered(role)
    ways = ("?whose=all&status=all", "?whose=all", "?topic=harm&whose=all", "")
    before = [text(client.get(f"/en/listen/{way}")) for way in ways] + [text(client.get("/en/today/"))]
    report = send("harm").report
    after = [text(client.get(f"/en/listen/{way}")) for way in ways] + [text(client.get("/en/today/"))]
    assert after == before
    assert "Self-harm" not in "".join(after)
    missing = client.get("/en/listen/00000000000/")
    for answer in (
        page(client, report),
        client.post(f"/en/listen/{report.key}/contact/"),
        client.get(f"/en/listen/{report.key}/photos/1.jpg"),
        *(do(client, report, verb, words="x", text="x") for verb in ("take", "reply", "note", "private")),
    ):
        assert answer.status_code == missing.status_code == 404
        assert text(answer) == text(missing)
    assert now(report).status == "new"


def test_sealed__opens_to_its_service_and_to_an_officer_with_the_residents_leave(send, town):
    harm = Topic.objects.get(pk="harm")
    setup.add_route(by="system:test", organisation=town.homes["police"], topic=harm)
    report = send("harm", words=WORDS, police_may_read=True).report
    for role in ("social-worker", "officer"):
        assert WORDS in text(page(entered(role), report))
        assert listed(entered(role), "?whose=all") == [report.key]
    assert page(entered("coordinator"), report).status_code == 404


def test_private__vanishes_for_the_partner_who_marked_it_and_stays_for_the_coordinator(send):
    report = send("quarrel", words=WORDS).report
    partner = entered("partner")
    answer = do(partner, report, "private")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/listen/")
    assert page(partner, report).status_code == 404
    assert listed(partner, "?whose=all&status=all") == []
    assert "Quarrel at home" not in text(partner.get("/en/today/"))
    coordinator = entered()
    assert "private" in text(page(coordinator, report))
    assert do(coordinator, report, "unprivate").status_code == 302
    assert page(partner, report).status_code == 200


def test_report__leads_whoever_has_a_closed_key_to_it_and_back(send, town):
    report = send(words=WORDS).report
    person = town.people["coordinator"]
    person.set_password(demo.OPEN_TO_ALL)
    person.save()
    client = locked()
    away = page(client, report)
    assert away.status_code == 302
    field = re.search(r'name="next" value="([^"]+)"', client.get(away.headers["Location"]).content.decode())
    given = {"do": "open", "password": demo.OPEN_TO_ALL, "next": field.group(1)}
    back = client.post("/en/me/key/", given)
    assert back.headers["Location"] == f"/en/listen/{report.key}/"
    assert WORDS in text(client.get(back.headers["Location"]))
