"""Whoever polls learns nothing: no deed of a resident changes a public answer before the next drawing.

Every public address is asked for, in both languages: its status, body and headers, and whether the cache
answered, which is a matter of time. What staff do without publishing is tried alike.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from mahalleh_site.house import daily, rooms
from mahalleh_site.listen.actions import counting, intake
from mahalleh_site.listen.desk.actions import handling, setup
from mahalleh_site.listen.models import Report, ShownReport
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.people import demo
from mahalleh_site.people.keys import holding
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.models import Area, Promise, Topic
from mahalleh_site.sealed import form_token, sealing
from tests.site.house import addresses

LANGUAGES = ("fa", "en")
WORKERS = {"open": "coordinator", "careful": "coordinator", "sealed": "social-worker"}
DAY = timedelta(days=1)
PAGES = 30  # that come from the cache, at least: fewer, and the test asks for nothing
LOOKS = ("count", "merge", "say that it is not", "count again")  # deeds after which everything is asked for


# --- asking for everything


def every():
    """Every address that asks for no role, and how it is asked; one that nobody can fill in fails here."""
    for address in addresses.by_way("public", "machine"):
        if address.localized:
            yield from ((address.url(language), {}) for language in LANGUAGES)
            continue
        urls = [address.url()]
        if "<str:form>" in address.path:
            urls.append(urls[0].replace(".json", ".xml"))
        yield from ((url, {"HTTP_ACCEPT_LANGUAGE": each}) for url in urls for each in LANGUAGES)
    where = Area.objects.exclude(district=None).order_by("pk").first().district_id  # that of the reports
    yield from ((f"/{language}/districts/{where}/", {}) for language in LANGUAGES)
    yield "/static/ui/mahalleh.css", {}


@contextmanager
def looks():
    """Whether each look into the cache of pages found something."""
    cache, seen = caches["pages"], []
    real = cache.get

    def get(key, *rest, **more):
        value = real(key, *rest, **more)
        seen.append(value is not None)
        return value

    cache.get = get
    try:
        yield seen
    finally:
        del cache.get


def answer(url, how):
    """What an address answers, and whether the cache of pages did."""
    with looks() as found:
        told = Client(SERVER_NAME="localhost").get(url, **how)
        body = b"".join(told.streaming_content) if told.streaming else told.content
    headers = {name: value for name, value in told.headers.items() if name != "Date"}
    return told.status_code, body, headers, told.cookies.output(), found


class Poll:
    """Asks for everything public, and tells which answers are others than at the first time."""

    def __init__(self):
        self.asked = {(url, *how.values()): (url, how) for url, how in every()}
        self.all()  # from now on pages come from the cache
        self.before = self.all()
        assert sum(found == [True] for *_rest, found in self.before.values()) > PAGES

    def all(self):
        return {name: answer(url, how) for name, (url, how) in self.asked.items()}

    def changed(self):
        """The addresses that answer otherwise, from the cache or, as once an hour, made anew."""
        kept = self.all()
        caches["pages"].clear()
        made = self.all()  # ... and are in the cache again
        return sorted(
            name
            for name, before in self.before.items()
            if kept[name] != before or made[name][:-1] != before[:-1]
        )


# --- deeds


class Told:
    """A report that somebody sent, with its receipt, and those who work on it."""

    def __init__(self, topic, *, held=False, may_publish=False):
        form = form_token.new(Report.ROOM)
        told = intake.Submission(topic, Area.objects.first(), None, "It is dark.", may_publish=may_publish)
        self.report, self.receipt = intake.send(told, token=form, held=held), form.receipt
        self.worker = User.objects.get(email=f"{WORKERS[topic.sensitivity]}@demo.invalid")
        self.key = holding.open_key(self.worker, demo.OPEN_TO_ALL)

    @property
    def now(self):
        return Report.objects.select_related("topic", "area", "lead").get(pk=self.report.pk)

    def by_resident(self, deed, **said):
        """A deed that takes the report's own key."""
        deed(self.now, sealing.by_receipt(self.now, self.receipt), **said)

    def allows(self, *, neighbours=False, police=False):
        """Says anew who else may read it."""
        given = {"receipt": self.receipt, "may_publish": neighbours, "police_may_read": police}
        self.by_resident(own_report.change_leave, **given)

    def work(self, deed, **said):
        """A deed of staff that opens the report."""
        deed(by=self.worker, report=self.now, member_key=self.key, **said)

    def answered(self, verb="answer", **said):
        due = timezone.localdate() + DAY if verb == "promise" else None
        self.work(handling.answer, verb=verb, words="We looked.", due_on=due, **said)


def vote(told):
    """“I have this too”."""
    intake.also(told.now, token=form_token.new(Report.ROOM), language="en")


def life(topic, *, shown=None):
    """Everything that can be done with reports about a topic without publishing: name and deed, in order.

    `shown`: a report that is published already; residents act on it, and staff without publishing.
    """
    reports = {}

    def sent(name, **how):
        reports[name] = Told(topic, **how)

    first = (lambda: reports["first"]) if shown is None else (lambda: shown)
    second = lambda: reports["second"]  # noqa: E731
    if shown is None:
        yield "send", lambda: sent("first")
    yield "send another", lambda: sent("second", may_publish=True)
    yield "send one that is held", lambda: sent("held", held=True)
    yield "count", lambda: counting.count(by="system:test")
    yield "accept", lambda: handling.accept(by=reports["held"].worker, report=reports["held"].now)
    yield "add", lambda: first().by_resident(own_report.add, words="Still dark.", pictures=[b"p"])
    yield "leave contact", lambda: first().by_resident(own_report.leave_contact, contact="0900")
    yield "take back contact", lambda: first().by_resident(own_report.leave_contact, contact="")
    if shown is None:
        yield "allow all", lambda: first().allows(neighbours=True, police=True)
        yield "allow nobody", lambda: first().allows()
    yield "open", lambda: handling.read(by=first().worker, report=first().now)
    yield "take", lambda: handling.take(by=first().worker, report=first().now)
    yield "note", lambda: first().work(handling.note, words="Look.")
    yield "reply", lambda: first().work(handling.reply, words="Where?")
    yield "merge", lambda: second().work(handling.merge, into=first().now, reason="the same")
    yield "part", lambda: handling.part(by=second().worker, report=second().now)
    yield "merge again", lambda: second().work(handling.merge, into=first().now, reason="the same")
    if shown is not None:
        yield "have it too", lambda: vote(shown)
    yield "allow nobody", lambda: first().allows()
    yield "promise", lambda: first().answered("promise")
    yield "answer", lambda: first().answered()
    yield "say that it is better", lambda: own_report.say_better(first().now, better="yes")
    yield "say that it is not", lambda: own_report.say_better(first().now, better="no")
    yield "decline", lambda: first().answered("decline")
    yield "reopen", lambda: own_report.say_better(first().now, better="worse")
    yield "withdraw what follows", lambda: own_report.withdraw(second().now)
    yield "refuse", lambda: reports["held"].work(handling.refuse, reason="a joke")
    yield "withdraw", lambda: own_report.withdraw(first().now)
    yield "count again", lambda: counting.count(by="system:test")


@pytest.fixture
def drawn(furnished, settings, tmp_path):
    """The furnished city with a careful topic and receivers for sealed ones, its standing drawn.

    In a folder of its own: what is counted goes into files, which no transaction takes back.
    """
    settings.VAR = shutil.copytree(settings.VAR, tmp_path / "var")
    careful = Topic.objects.filter(sensitivity="open", kind="need").order_by("pk").last()
    Topic.objects.filter(pk=careful.pk).update(sensitivity="careful")
    counselling = Organisation.objects.get(kind="counselling")
    for topic in Topic.objects.filter(sensitivity="sealed"):
        setup.add_route(by="system:test", organisation=counselling, topic=topic)
    caches["pages"].clear()
    daily.work(by="system:test", today=timezone.localdate())


def topic_of(care):
    return Topic.objects.filter(sensitivity=care, kind="need").order_by("pk").first()


def published():
    told = Told(topic_of("open"), may_publish=True)
    told.work(handling.publish, text="It is dark here.", edited=True)
    return told


# --- what polling shows


WHY = "asks for every public address some ten times"


@pytest.mark.slow(WHY)
@pytest.mark.parametrize("care", ["open", "careful", "sealed"])
def test_public__answers_alike_whatever_is_done_with_a_report(drawn, care):
    poll, version = Poll(), rooms.public_version()
    for name, deed in life(topic_of(care)):
        deed()
        assert rooms.public_version() == version, name
        assert name not in LOOKS or poll.changed() == [], name


@pytest.mark.slow(WHY)
def test_public__answers_alike_whatever_is_done_with_a_shown_report_without_publishing(drawn):
    shown = published()
    poll, version = Poll(), rooms.public_version()
    for name, deed in life(topic_of("open"), shown=shown):
        deed()
        assert rooms.public_version() == version, name
        assert name not in LOOKS or poll.changed() == [], name


@pytest.mark.slow(WHY)
def test_public__tells_on_the_next_day_what_was_done(drawn):
    shown = published()
    poll = Poll()
    own_report.withdraw(shown.now)
    assert poll.changed() == []
    daily.work(by="system:test", today=timezone.localdate() + DAY)
    now = poll.all()
    assert (
        now["/en/areas/" + shown.report.area_id + "/",]
        != poll.before["/en/areas/" + shown.report.area_id + "/",]
    )
    assert answer(f"/en/reports/{shown.report.number}/", {})[0] == 404


def test_late_promises__are_told_from_the_next_drawing_on_and_no_earlier(drawn):
    told = Told(topic_of("open"))
    page = f"/en/areas/{told.report.area_id}/"
    Promise.objects.filter(subject=f"report:{told.report.number}").update(due_on=timezone.localdate() - DAY)
    assert "No promise is late." in answer(page, {})[1].decode()
    daily.work(by="system:test", today=timezone.localdate())  # once a day, however often it is asked for
    assert "No promise is late." in answer(page, {})[1].decode()
    daily.work(by="system:test", today=timezone.localdate() + DAY)
    assert "Promises that are late: fewer than 5" in answer(page, {})[1].decode()


def test_words__that_staff_publish_are_shown_at_once(drawn):
    told = Told(topic_of("open"), may_publish=True)
    page, before = f"/en/areas/{told.report.area_id}/", rooms.public_version()
    assert "It is dark here." not in answer(page, {})[1].decode()
    told.work(handling.publish, text="It is dark here.", edited=True)
    assert "It is dark here." in answer(page, {})[1].decode()
    told.answered(public_words="Two new lamps.")
    assert "Two new lamps." in answer(page, {})[1].decode()
    told.work(handling.publish, text="", edited=False)
    assert "It is dark here." not in answer(page, {})[1].decode()
    assert rooms.public_version() != before
    assert not ShownReport.objects.filter(pk=told.report.pk).exists()


def test_new_city__says_that_nothing_is_drawn_yet(furnished):
    assert "Not counted yet" in answer("/en/done/", {})[1].decode()
