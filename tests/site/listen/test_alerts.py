"""Hearing of an area by mail: asking, confirming, being told, stopping; and that nothing is given away."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from mahalleh_site.listen import alert_tasks
from mahalleh_site.listen.actions import staff
from mahalleh_site.listen.models import Alert, Step
from mahalleh_site.listen.queries import news
from mahalleh_site.places import promises
from mahalleh_site.places.models import Area, Promise, Topic

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 2)
ADDRESS = "somebody@mail.example"


def promise(town, subject="report:X", topic="lighting", area="a", **more):
    given = {"made_on": MONDAY, "due_on": MONDAY + 7 * DAY, "what": "answer", **more}
    return Promise.objects.create(
        subject=subject,
        area=Area.objects.get(pk=area),
        topic=Topic.objects.get(pk=topic),
        organisation=town.homes["municipality"],
        **given,
    )


def test_news__of_a_promise_that_ended_is_of_that_day(town):
    promise(town, ended_on=MONDAY + 2 * DAY, outcome="done")
    assert news.latest(MONDAY + 2 * DAY) == {}
    assert news.latest(MONDAY + 3 * DAY) == {"a": MONDAY + 2 * DAY}


def test_news__of_a_late_promise_is_of_the_day_after_it_was_due(town):
    promise(town, area="b")
    assert news.latest(MONDAY + 8 * DAY) == {}
    assert news.latest(MONDAY + 9 * DAY) == {"b": MONDAY + 8 * DAY}


def test_news__of_a_promise_kept_late_is_of_the_day_it_ended(town):
    promise(town, ended_on=MONDAY + 20 * DAY, outcome="done")
    assert news.latest(MONDAY + 15 * DAY) == {"a": MONDAY + 8 * DAY}
    assert news.latest(MONDAY + 30 * DAY) == {"a": MONDAY + 20 * DAY}


@pytest.mark.parametrize("topic", ["quarrel", "harm"])
def test_news__says_nothing_of_careful_and_sealed_topics(town, topic):
    promise(town, topic=topic, ended_on=MONDAY, outcome="done")
    assert news.latest(MONDAY + 30 * DAY) == {}


def test_news__says_nothing_of_promises_that_were_dropped(town):
    promise(town, ended_on=MONDAY + 9 * DAY, outcome="dropped")
    assert news.latest(MONDAY + 30 * DAY) == {}


def test_news__of_reports_is_of_those_that_are_shown(town, send):
    today = timezone.localdate()
    report = send(may_publish=True).report
    send(area="b")
    staff.take(by=town.people["coordinator"], report=report)
    assert news.latest(today + DAY) == {}
    staff.publish(by=town.people["coordinator"], report=report, text="The lamp is out.", edited=False)
    assert news.latest(today + DAY) == {"a": today}
    Step.objects.filter(report=report, verb="publish").update(day=today - DAY)
    Step.objects.filter(report=report, verb="take").update(day=today - 3 * DAY)
    assert news.latest(today) == {"a": today - DAY}
    staff.mark_private(by=town.people["coordinator"], report=report, private=True)
    assert news.latest(today + DAY) == {}


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
    told = [[(each.day, each.state) for each in news.of_area(area, MONDAY + n * DAY)] for n in (7, 8, 99)]
    assert told == [[(MONDAY, "made")], [(MONDAY + 8 * DAY, "late")], []]  # 8 + 90 = 98 is the last day
    promises.show(subject="report:X", open_to_all=False)
    assert news.of_area(area, MONDAY + 7 * DAY) == []


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
    assert alert_tasks.tell(timezone.localdate()) == 0
    tomorrow = timezone.localdate() + DAY
    assert alert_tasks.tell(tomorrow) == 1
    assert alert_tasks.tell(tomorrow) == alert_tasks.tell(tomorrow + DAY) == 0
    told = mail.outbox[1]
    assert told.to == [ADDRESS]
    assert client.get(link(told, "")).headers["Location"] == "/en/areas/a/"
    stop = link(told, "stop/")
    client.get(stop)
    assert Alert.objects.count() == 1
    client.post(stop)
    assert Alert.objects.count() == 0
    assert client.get(link(told, "")).headers["Location"] == "/en/"
