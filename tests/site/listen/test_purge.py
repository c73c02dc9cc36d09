"""Guard-rail 14: each class of what is kept goes in its time, is announced, and nothing of it stays."""

import sqlite3
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mahalleh_site.listen.actions import intake, purge
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Envelope, Message, NeedCount, Photo, Report, Step
from mahalleh_site.listen.queries import keeping
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.sealed import form_token
from tests.site.listen.moderating import publish

TODAY = timezone.localdate()


def after(days):
    return TODAY + timedelta(days)


@pytest.fixture
def closed(send, town):
    """A report with everything that can be sealed about one, answered as done today."""
    sent = send(words="marker", contact="marker", may_publish=True)
    by, member_key = town.people["coordinator"], town.member_key("coordinator")
    page = receipts.opened(sent.report, sent.receipt)
    own_report.add(sent.report, page.key, words="marker", pictures=[b"marker"])
    publish(by=by, report=sent.report, text="The lamp.", edited=True)
    handling.note(by=by, report=sent.report, member_key=member_key, words="marker")
    ngo = town.homes["ngo"]
    handling.forward(by=by, report=sent.report, member_key=member_key, to=ngo, reason="marker")
    partner, key = town.people["partner"], town.member_key("partner")
    handling.answer(by=partner, report=sent.report, member_key=key, verb="answer", words="marker")
    return sent


def run(day):
    return purge.purge(by="system:test", today=day)


def boxes(report):
    """Every sealed byte string that is kept about a report."""
    rows = [*report.messages.all(), *report.photos.all(), *report.envelopes.all()]
    found = [bytes(row.box) for row in rows]
    found += [bytes(step.box) for step in report.steps.all() if step.box]
    return [*found, bytes(Report.objects.get(pk=report.pk).by_receipt)]


def test_contact__goes_first_and_words_stay(closed, settings):
    days = settings.CITY.of(Listen).contact_days
    assert run(after(days - 1)).contacts == 0
    assert run(after(days)).contacts == 1
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert kinds == {"words", "added", "answer", "note"}
    assert run(after(days)).contacts == 0


def test_words__go_in_their_time_and_what_is_counted_stays(closed, settings):
    days = settings.CITY.of(Listen).words_days
    assert run(after(days - 1)).words == 0
    assert run(after(days)).words == 1
    assert [model.objects.count() for model in (Message, Photo, Envelope)] == [0, 0, 0]
    assert not Step.objects.exclude(box=None).exists()
    report = Report.objects.get()
    assert (bytes(report.by_receipt), report.public_text) == (b"", "")
    assert (report.topic_id, report.area_id, report.status) == ("lighting", "a", "closed")
    assert NeedCount.objects.count() == 1
    assert AuditEntry.objects.filter(verb="purge-reports").exists()


def test_receipt__then_still_tells_what_became_of_it(closed, settings):
    run(after(settings.CITY.of(Listen).words_days))
    page = receipts.opened(receipts.find(closed.receipt), closed.receipt)
    assert (page.said, page.photos, page.contact, page.key) == ((), (), "", None)
    assert page.steps
    assert page.report.words_purged_on == after(settings.CITY.of(Listen).words_days)


def test_open_reports__are_never_touched(send):
    send(contact="door 4")
    assert run(after(5000)) == purge.Purged(0, 0, 0)
    assert Message.objects.count() == 2


def test_reopened__is_kept_again(closed, settings):
    own_report.say_better(closed.report, better="no")
    assert run(after(settings.CITY.of(Listen).words_days)).words == 0


def test_no_report__goes_after_two_weeks(send, town):
    sent = send()
    by, member_key = town.people["coordinator"], town.member_key("coordinator")
    handling.refuse(by=by, report=sent.report, member_key=member_key, reason="A joke.")
    assert run(after(13)).words == 0
    assert run(after(14)).words == 1


def test_photos_of_a_form_never_sent__go_after_a_day(town):
    intake.keep_photos([b"one"], token=form_token.new(Report.ROOM))
    assert run(after(1)).begun == 0
    assert run(after(2)).begun == 1
    assert Photo.objects.count() == 0


def test_notice__is_given_before_and_not_sooner(closed, settings):
    report = Report.objects.get()
    until = after(settings.CITY.of(Listen).words_days)
    first = until - timedelta(settings.CITY.of(Listen).notice_days)
    assert keeping.notice(report, first - timedelta(1)) is None
    assert keeping.notice(report, first) == until
    assert keeping.words_until(report) == until


def test_deleted__is_overwritten_in_the_file(closed):
    """The rows are gone, and SQLite wipes the bytes that they stood in."""
    kept = boxes(closed.report)
    assert len(kept) >= 9
    if connection.vendor != "sqlite":
        run(after(settings.CITY.of(Listen).words_days))
        assert boxes(closed.report) == [b""]
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone()[0] == 1
    held = connection.connection.serialize() if hasattr(connection.connection, "serialize") else b""
    assert all(box in held for box in kept if len(box) < 300)
    run(after(settings.CITY.of(Listen).words_days))
    held = connection.connection.serialize()
    assert not [box for box in kept if box[:40] in held]
    assert sqlite3.sqlite_version_info >= (3, 26)


def test_sealed_report__loses_its_words_and_is_in_no_count(send, town, settings):
    sent = send("harm", words="marker", contact="door 4")
    helper, key = town.people["social-worker"], town.member_key("social-worker")
    handling.answer(by=helper, report=sent.report, member_key=key, verb="answer", words="marker")
    before = AuditEntry.objects.count()
    assert run(after(5000)) == purge.Purged(0, 0, 0)
    assert Message.objects.count() == 0
    assert AuditEntry.objects.count() == before
