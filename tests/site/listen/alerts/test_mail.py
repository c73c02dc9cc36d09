"""Hearing of an area by mail: asking, confirming, being told, stopping; and that nothing is given away."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mahalleh_site.listen.alerts import actions, queries, tasks
from mahalleh_site.listen.alerts import mail as alert_mail
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Alert, Step
from mahalleh_site.people.keys import seal
from mahalleh_site.places.actions import promises
from mahalleh_site.places.models import Area, Promise, Topic
from tests.site.drawing import redraw
from tests.site.listen.moderating import publish

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 2)
ADDRESS = "somebody@mail.example"


def promise(town, subject="report:X", topic="lighting", area="a", **more):
    given = {"made_on": MONDAY, "due_on": MONDAY + 7 * DAY, "what": "answer", "open_to_all": True, **more}
    return Promise.objects.create(
        subject=subject,
        area=Area.objects.get(pk=area),
        topic=Topic.objects.get(pk=topic),
        organisation=town.homes["municipality"],
        **given,
    )


def latest(day):
    """What is new before a day, as of its drawing."""
    redraw(day)
    return queries.latest(day)


def tell(day):
    """Mails of a day, after its drawing."""
    redraw(day)
    return tasks.tell(day)


def test_news__of_a_promise_that_ended_is_of_that_day(town):
    promise(town, ended_on=MONDAY + 2 * DAY, outcome="done")
    assert latest(MONDAY + 2 * DAY) == {}
    assert latest(MONDAY + 3 * DAY) == {"a": MONDAY + 2 * DAY}


def test_news__of_a_late_promise_is_of_the_day_after_it_was_due(town):
    promise(town, area="b")
    assert latest(MONDAY + 8 * DAY) == {}
    assert latest(MONDAY + 9 * DAY) == {"b": MONDAY + 8 * DAY}


def test_news__of_an_area_where_something_becomes_late_every_day_is_told_all_the_same(town):
    for days in range(5):
        promise(town, subject=f"report:{days}", due_on=MONDAY + days * DAY)
    assert latest(MONDAY + 5 * DAY) == {"a": MONDAY + 4 * DAY}


def test_news__of_a_promise_kept_late_is_of_the_day_it_ended(town):
    kept = promise(town)
    assert latest(MONDAY + 15 * DAY) == {"a": MONDAY + 8 * DAY}
    promises.end(subject=kept.subject, outcome="done", on=MONDAY + 20 * DAY)
    assert latest(MONDAY + 30 * DAY) == {"a": MONDAY + 20 * DAY}


@pytest.mark.parametrize("topic", ["quarrel", "harm"])
def test_news__says_nothing_of_careful_and_sealed_topics(town, topic):
    promise(town, topic=topic, ended_on=MONDAY, outcome="done")
    assert latest(MONDAY + 30 * DAY) == {}


def test_news__says_nothing_of_promises_that_were_dropped(town):
    promise(town, ended_on=MONDAY + 9 * DAY, outcome="dropped")
    assert latest(MONDAY + 30 * DAY) == {}


def test_news__of_reports_is_of_those_that_are_shown(town, send):
    today = timezone.localdate()
    report = send(may_publish=True).report
    send(area="b")
    handling.take(by=town.people["coordinator"], report=report)
    assert latest(today + DAY) == {}
    publish(by=town.people["coordinator"], report=report, text="The lamp is out.", edited=False)
    assert latest(today + DAY) == {"a": today}
    Step.objects.filter(report=report, verb="publish").update(day=today - DAY)
    Step.objects.filter(report=report, verb="take").update(day=today - 3 * DAY)
    assert latest(today) == {"a": today - DAY}
    handling.mark_private(by=town.people["coordinator"], report=report, is_private=True)
    assert latest(today + DAY) == {}


def test_news_of_area__tells_a_promise_once_in_its_present_state(town):
    area = Area.objects.get(pk="a")
    promises.make(
        subject="report:X",
        area=area,
        topic=Topic.objects.get(pk="lighting"),
        what="act",
        organisation=town.homes["municipality"],
        on=MONDAY,
        due_on=MONDAY + 7 * DAY,
        open_to_all=True,
    )
    for days, news in ((7, [(MONDAY, "made")]), (8, [(MONDAY + 8 * DAY, "late")]), (99, [])):
        redraw(MONDAY + days * DAY)  # 8 + 90 = 98 is the last day
        assert [(each.day, each.state) for each in queries.of_area(area)] == news
    promises.show(subject="report:X", open_to_all=False)
    redraw(MONDAY + 7 * DAY)
    assert queries.of_area(area) == []


# --- through the pages


@pytest.fixture
def mailing(town, settings):
    """A town that sends mail, from an address of its own."""
    settings.HAS_MAIL, settings.HTTPS, settings.ALLOWED_HOSTS = True, False, ["city.example", "localhost"]
    return town


@pytest.fixture
def client(town):
    return Client(SERVER_NAME="localhost")


def ask(client, area="a", address=ADDRESS, language="en"):
    return client.post(f"/{language}/areas/{area}/alerts/ask/", {"address": address})


def link(message, name):
    """The path of a link of a mail."""
    return re.search(rf"http://city\.example(/[a-z]{{2}}/alerts/[0-9A-Z-]+/{name})\s", message.body).group(1)


def test_alert__is_asked_for_confirmed_told_and_stopped(client, mailing):
    asked = ask(client)
    assert (asked.status_code, asked.cookies) == (200, {})
    confirm = link(mail.outbox[0], "confirm/")
    alert = Alert.objects.get()
    assert b"<form" in client.get(confirm).content
    alert.refresh_from_db()
    assert alert.confirmed_on is None  # looking does nothing: programs that check mail look too
    assert b"Alef" in client.post(confirm).content
    promise(mailing, due_on=timezone.localdate(), ended_on=timezone.localdate(), outcome="done")
    assert tell(timezone.localdate()) == 0
    tomorrow = timezone.localdate() + DAY
    assert tell(tomorrow) == 1
    assert tell(tomorrow) == tell(tomorrow + DAY) == 0
    told = mail.outbox[1]
    assert told.to == [ADDRESS]
    assert client.get(link(told, "")).headers["Location"] == "/en/areas/a/"
    stop = link(told, "stop/")
    client.get(stop)
    assert Alert.objects.count() == 1
    client.post(stop)
    assert Alert.objects.count() == 0
    assert client.get(link(told, "")).headers["Location"] == "/en/"


def confirmed(client, **more):
    """An alert that its owner confirmed, today."""
    ask(client, **more)
    client.post(link(mail.outbox[-1], "confirm/"))
    mail.outbox.clear()
    return Alert.objects.order_by("pk").last()


def news_of_today(town, area="a"):
    promise(town, area=area, due_on=timezone.localdate(), ended_on=timezone.localdate(), outcome="done")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_mail__names_no_place_no_topic_and_no_word_of_anyone(client, mailing, send, language):
    area = Area.objects.create(
        id="narmak", name_fa="نارمک", name_en="Narmak", outline="", boundary=[], lon=0, lat=0
    )
    ask(client, area=area.pk, language=language)
    client.post(link(mail.outbox[0], "confirm/"))
    promises.make(
        subject="report:X", area=area, topic=Topic.objects.get(pk="lighting"), what="answer",
        organisation=mailing.homes["municipality"], on=MONDAY, due_on=MONDAY + 7 * DAY, open_to_all=True,
    )  # fmt: skip
    promises.end(subject="report:X", outcome="done", on=timezone.localdate(), words="Mended")
    assert tell(timezone.localdate() + DAY) == 1
    assert [news.promise.words for news in queries.of_area(area)] == ["Mended"]  # which everyone may read
    for message in mail.outbox:
        assert message.subject == {"fa": "محله", "en": "Mahalleh"}[language]
        text = message.message().as_string() + message.body
        for word in ("narmak", "نارمک", "lighting", "روشنایی", "mended", "report"):
            assert word not in text.lower()


def test_mail__can_be_ended_by_a_mail_programs_one_click(mailing, client):
    confirmed(client)
    news_of_today(mailing)
    tell(timezone.localdate() + DAY)
    message = mail.outbox[0].message()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"  # RFC 8058, section 3.1
    address = re.fullmatch(
        r"<http://city\.example(/en/alerts/\S+/stop/)>", message["List-Unsubscribe"]
    ).group(1)
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}
    program = Client(SERVER_NAME="localhost", enforce_csrf_checks=True, headers=elsewhere)
    answer = program.post(
        address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, answer.cookies, Alert.objects.count()) == (200, {}, 0)


def test_links__name_the_city_and_never_what_a_visitor_calls_it(mailing, client, settings):
    settings.ALLOWED_HOSTS = [".city.example", "localhost", "evil.example"]
    Client(SERVER_NAME="evil.example").post("/en/areas/a/alerts/ask/", {"address": ADDRESS})
    assert "evil.example" not in mail.outbox[0].body
    assert "http://city.example/" in mail.outbox[0].body
    settings.ADDRESS = "http://city.example:8443"
    ask(client, area="c")
    assert "http://city.example:8443/" in mail.outbox[1].body
    settings.ADDRESS, settings.ALLOWED_HOSTS = "", ["*"]
    assert ask(client, area="b").status_code == 404  # a city that doesn't know its own address sends no mail
    assert len(mail.outbox) == 2


def test_answer__is_the_same_whether_the_address_was_known(mailing, client):
    confirmed(client)
    known, unknown = ask(client), ask(client, address="another@mail.example")
    assert known.content == unknown.content
    assert [message.to for message in mail.outbox] == [["another@mail.example"]]


def test_address__is_entered_once_an_area(mailing, client):
    for address in (ADDRESS, ADDRESS.upper(), ADDRESS):
        ask(client, address=address)
    ask(client, area="b")
    assert sorted(Alert.objects.values_list("area", flat=True)) == ["a", "b"]


def test_address__and_word_stand_nowhere_in_clear(mailing, client, caplog):
    confirmed(client)
    news_of_today(mailing)
    tell(timezone.localdate() + DAY)
    word = re.search(r"/alerts/([0-9A-Z-]+)/", mail.outbox[0].body).group(1)
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    row = Alert.objects.get()
    kept = b"".join(bytes(each) for each in (row.box, row.digest, row.link_digest))
    for secret in (ADDRESS, word, word.replace("-", "")):
        assert secret not in dump.getvalue() + caplog.text
        assert secret.encode() not in kept
    assert actions.address_of(row) == ADDRESS


def test_address__opens_for_its_own_row_alone(mailing, client):
    ask(client)
    ask(client, area="b")
    one, other = Alert.objects.order_by("pk")
    one.box = other.box
    with pytest.raises(seal.SealError):
        actions.address_of(one)


def test_unconfirmed__is_never_told_and_goes_after_seven_days(mailing, client):
    ask(client)
    news_of_today(mailing)
    mail.outbox.clear()
    today = timezone.localdate()
    assert tell(today + 7 * DAY) == 0
    assert Alert.objects.count() == 1
    assert tell(today + 8 * DAY) == 0
    assert (Alert.objects.count(), mail.outbox) == (0, [])


def test_confirmed__stays(mailing, client):
    confirmed(client)
    assert actions.sweep(today=timezone.localdate() + 400 * DAY) == 0
    assert Alert.objects.count() == 1


# --- what is refused, and what goes wrong


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_asking__from_another_sites_page_is_refused(mailing, headers):
    foreign = Client(SERVER_NAME="localhost", headers=headers)
    assert ask(foreign).status_code == 403
    assert (Alert.objects.count(), mail.outbox) == (0, [])


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "a@b.cc\nBcc: x@y.zz", f"{'a' * 250}@mail.example"])
def test_asking__without_a_good_address_says_so_beside_the_field(mailing, client, address):
    answer = ask(client, address=address)
    assert answer.status_code == 400
    assert 'class="error" id="id_address_error"' in answer.content.decode()
    assert Alert.objects.count() == 0


def test_asking__for_no_area_is_not_there(mailing, client):
    assert ask(client, area="nowhere").status_code == 404
    assert client.get("/en/areas/nowhere/alerts/").status_code == 404


def test_asking__is_limited_by_visitor(mailing, client):
    codes = [ask(client, address=f"n{n}@mail.example").status_code for n in range(11)]
    assert codes == [200] * 10 + [429]
    assert Alert.objects.count() == 10


def test_mails__to_one_address_are_three_a_day_and_the_answer_stays_the_same(mailing, client):
    pages = [ask(Client(SERVER_NAME="localhost"), area=area) for area in "abcd"]
    assert [page.status_code for page in pages] == [200] * 4
    assert len(mail.outbox) == 3


def test_without_mail__the_page_offers_the_feed(town, client):
    page = client.get("/en/areas/a/alerts/").content.decode()
    assert "This city sends no mail yet" in page
    assert '<form method="post"' not in page
    assert "http://localhost/en/areas/a/feed.atom" in page
    assert ask(client).status_code == 404
    assert tell(timezone.localdate()) == 0


def test_page__is_the_same_for_everyone_and_finds_the_feed(mailing, client):
    page = client.get("/en/areas/a/alerts/")
    found = re.search(
        r'<link\s+rel="alternate"\s+type="application/atom\+xml"\s[^>]*href="([^"]+)"', page.content.decode()
    )
    assert found.group(1) == "/en/areas/a/feed.atom"
    assert page.cookies == {}
    assert page.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("word", ["0000-0000-0000-0000-0000-0000", "x", "é", "0" * 500])
def test_links__with_a_strange_word_change_nothing(mailing, client, word):
    ask(client)
    assert b"This link holds no longer" in client.post(f"/en/alerts/{word}/confirm/").content
    assert b"Your address was deleted here." in client.post(f"/en/alerts/{word}/stop/").content
    assert client.get(f"/en/alerts/{word}/").headers["Location"] == "/en/"
    assert Alert.objects.get().confirmed_on is None


def test_links__are_kept_by_no_browser_or_proxy(mailing, client):
    ask(client)
    address = link(mail.outbox[0], "confirm/")
    for answer in (client.get(address), client.post(address), client.get(address.removesuffix("confirm/"))):
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.cookies == {}


class Broken:
    """A mail server that is not there for some addresses; `tried` are all that were to be sent."""

    def __init__(self, *refused):
        self.refused, self.tried = refused, []

    def open(self):
        return True

    def close(self):
        pass

    def send_messages(self, messages):
        self.tried += messages[0].to
        if messages[0].to[0] in self.refused:
            raise SMTPServerDisconnected("not there for " + messages[0].to[0])
        return 1


def test_tell__tries_again_on_the_next_day_what_could_not_be_sent(mailing, client, monkeypatch, caplog):
    names = [f"n{n}@mail.example" for n in range(3)]
    for name in names:
        confirmed(client, address=name)
    news_of_today(mailing)
    server = Broken(names[1])
    monkeypatch.setattr(alert_mail, "get_connection", lambda: server)
    tomorrow = timezone.localdate() + DAY
    assert (tell(tomorrow), server.tried) == (2, names)
    server.refused, server.tried = (), []
    assert (tell(tomorrow + DAY), server.tried) == (1, [names[1]])
    assert "mail.example" not in caplog.text


def test_tell__gives_up_a_server_that_is_not_there(mailing, client, monkeypatch):
    names = [f"n{n}@mail.example" for n in range(5)]
    for name in names:
        confirmed(client, address=name)
    news_of_today(mailing)
    server = Broken(*names)
    monkeypatch.setattr(alert_mail, "get_connection", lambda: server)
    assert (tell(timezone.localdate() + DAY), server.tried) == (0, names[:3])
    assert not Alert.objects.exclude(told_on=None).exists()


def test_tell__passes_over_an_address_that_it_cannot_open(mailing, client):
    confirmed(client, address="one@mail.example")
    confirmed(client, address="two@mail.example")
    Alert.objects.filter(pk=Alert.objects.order_by("pk").first().pk).update(box=b"damaged")
    news_of_today(mailing)
    assert tell(timezone.localdate() + DAY) == 1
    assert [message.to for message in mail.outbox] == [["two@mail.example"]]


def test_claim__is_given_to_one_process_alone(mailing, client):
    alert = confirmed(client)
    same = Alert.objects.get(pk=alert.pk)
    today = timezone.localdate() + DAY
    assert [actions.claim(each, today=today) for each in (alert, same)] == [True, False]


def test_news__of_another_area_and_of_before_are_not_told(mailing, client):
    alert = confirmed(client)
    news_of_today(mailing, area="b")
    promise(mailing, ended_on=timezone.localdate() - DAY, outcome="done", due_on=timezone.localdate())
    assert tell(timezone.localdate() + DAY) == 0
    alert.refresh_from_db()
    assert alert.told_on is None
