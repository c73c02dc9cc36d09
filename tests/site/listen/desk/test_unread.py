"""What a resident adds waits until one who answers has read it, also after the answer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mahalleh_site.house.rooms import waiting
from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import purge
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.desk.queries import queue
from mahalleh_site.listen.models import Envelope, Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.people.permissions import NotAllowedError

TODAY = timezone.localdate()


@pytest.fixture
def by(town):
    """The coordinator of the municipality, with the key opened."""
    return {"by": town.people["coordinator"], "member_key": town.member_key("coordinator")}


@pytest.fixture
def closed(send, by):
    """A report that the municipality answered as done."""
    sent = send()
    handling.answer(**by, report=sent.report, verb="answer", words="Done.")
    return sent


@pytest.fixture
def joined(send, by):
    """Two reports that are followed together: the leading one, and the one that follows it."""
    leading, follower = send(), send()
    handling.merge(**by, report=follower.report, into=leading.report, reason="The same lamp.")
    return leading, follower


def again(report):
    return Report.objects.get(pk=report.pk)


def add(sent, words="Still dark.", pictures=()):
    report = receipts.find(sent.receipt)
    own_report.add(report, receipts.opened(report, sent.receipt).key, words=words, pictures=pictures)


def listed(user, **chosen):
    return [report.number for report in queue.queue(user, **chosen)]


def today_of(user):
    return [(item.due, item.text) for item in waiting(user) if "/listen/" in item.url]


@pytest.mark.parametrize("more", [{"words": "Still dark."}, {"words": "", "pictures": [b"p"]}])
def test_added__is_unread_until_one_who_answers_reads_it(send, by, more):
    sent = send()
    assert again(sent.report).unread == 0
    add(sent, **more)
    assert again(sent.report).unread == 1
    handling.read_added(by=by["by"], report=again(sent.report))
    assert again(sent.report).unread == 0


def test_added_that_is_refused__is_not_unread(send):
    sent = send()
    add(sent, words="", pictures=[b"1", b"2"])
    with pytest.raises(NotAllowedError):
        add(sent, words="More.", pictures=[b"3", b"4"])
    assert again(sent.report).unread == 1


def test_reader_of_another_organisation__leaves_it_unread(send, town, by):
    sent = send()
    handling.forward(**by, report=sent.report, to=town.homes["ngo"], reason="x")
    add(sent)
    handling.read_added(by=by["by"], report=again(sent.report))
    assert again(sent.report).unread == 1
    handling.read_added(by=town.people["partner"], report=again(sent.report))
    assert again(sent.report).unread == 0


def test_added_while_the_page_was_opened__stays_unread(send, by):
    sent = send()
    add(sent)
    shown = again(sent.report)
    add(sent, "And the next lamp.")
    handling.read_added(by=by["by"], report=shown)
    assert again(sent.report).unread == 2


def test_closed_report__comes_back_into_the_queue_until_it_is_read(closed, by):
    assert listed(by["by"]) == []
    add(closed)
    assert listed(by["by"]) == listed(by["by"], whose="mine") == [closed.report.number]
    (row,) = queue.rows(list(queue.queue(by["by"])), by["by"], None)
    assert (row.wrote, row.owed, row.late) == (True, False, False)
    assert again(closed.report).status == "closed"
    handling.read_added(by=by["by"], report=again(closed.report))
    assert listed(by["by"]) == []


def test_today__says_that_the_resident_wrote_and_by_when_it_is_looked_at(closed, by):
    Report.objects.filter(pk=closed.report.pk).update(due_on=TODAY - timedelta(90))  # when it was answered
    assert today_of(by["by"]) == []
    add(closed)
    due = TODAY + timedelta(rules.REOPENED_DAYS)
    (item,) = today_of(by["by"])
    assert item[0] == due
    assert "Lighting" in item[1] or "روشنایی" in item[1]
    Report.objects.filter(pk=closed.report.pk).update(due_on=TODAY)
    add(closed, "Hello?")
    assert today_of(by["by"])[0][0] == TODAY  # writing again puts nothing off
    handling.read_added(by=by["by"], report=again(closed.report))
    assert today_of(by["by"]) == []


def test_promised_day__stays_when_the_resident_writes(send, by):
    sent = send()
    due = again(sent.report).due_on
    add(sent)
    assert again(sent.report).due_on == due


def test_follower__who_writes_brings_the_leading_report_back_until_that_is_read(joined, by):
    leading, follower = joined
    handling.answer(**by, report=again(leading.report), verb="answer", words="Done.")
    add(follower)
    assert listed(by["by"]) == [leading.report.number]
    assert [row.wrote for row in queue.rows(list(queue.queue(by["by"])), by["by"], None)] == [True]
    assert len(today_of(by["by"])) == 1
    handling.read_added(by=by["by"], report=again(leading.report))  # the follower's words do not stand there
    assert listed(by["by"]) == [leading.report.number]
    handling.read_added(by=by["by"], report=again(follower.report))
    assert listed(by["by"]) == []


def test_follower__is_read_by_who_answers_for_the_leading_report(joined, town, by):
    leading, follower = joined
    handling.forward(**by, report=again(leading.report), to=town.homes["ngo"], reason="x")
    add(follower)
    handling.read_added(by=by["by"], report=again(follower.report))
    assert again(follower.report).unread == 1
    handling.read_added(by=town.people["partner"], report=again(follower.report))
    assert again(follower.report).unread == 0


def test_follower_that_the_reader_may_not_know_of__brings_nothing_back(joined, by):
    leading, follower = joined
    handling.answer(**by, report=again(leading.report), verb="answer", words="Done.")
    add(follower)
    Envelope.objects.filter(report=follower.report).delete()
    assert listed(by["by"]) == []


def test_closed_report_in_the_queue__is_not_proposed_to_be_followed_with(closed, send, by):
    from mahalleh_site.listen.desk.queries import reading

    add(closed)
    new = send()
    assert reading.alike(new.report, by["by"], by["member_key"]) == []
    reports = list(queue.queue(by["by"]))
    assert len(reports) == 2
    assert [row.alike for row in queue.rows(reports, by["by"], by["member_key"])] == [(), ()]


@pytest.mark.parametrize("gone", ["withdrawn", "forgotten"])
def test_what_is_forgotten__waits_no_longer(closed, by, settings, gone):
    add(closed)
    if gone == "withdrawn":
        own_report.withdraw(again(closed.report))
    else:
        purge.purge(by="system:test", today=TODAY + timedelta(settings.CITY.of(Listen).words_days))
    assert again(closed.report).unread == 0
    assert listed(by["by"]) == []


def test_reading__leaves_no_trace_but_the_one_of_opening(closed, by):
    add(closed)
    before = AuditEntry.objects.count()
    handling.read_added(by=by["by"], report=again(closed.report))
    assert AuditEntry.objects.count() == before


def test_sealed_reports__are_not_opened_to_be_compared(send, town, monkeypatch):
    for _ in range(2):
        send("harm", words="The very same words, twice.")
    helper, key = town.people["social-worker"], town.member_key("social-worker")
    reports = list(queue.queue(helper))
    assert len(reports) == 2
    assert [row.alike for row in queue.rows(reports, helper, key)] == [(), ()]
