"""Coming back with a receipt: adding, contact, “is it better?”."""

import pytest

from mahalleh_site.house.rooms import waiting
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places.models import Promise
from mahalleh_site.sealed import form_token
from tests.site.listen.moderating import publish


@pytest.fixture
def closed(send, town):
    """A report that the municipality answered as done."""
    sent = send()
    coordinator = town.people["coordinator"]
    member_key = town.member_key("coordinator")
    handling.answer(by=coordinator, report=sent.report, member_key=member_key, verb="answer", words="Done.")
    sent.report.refresh_from_db()
    return sent


def key_of(sent):
    return receipts.opened(sent.report, sent.receipt).key


def test_added__stands_in_the_conversation(send):
    sent = send()
    own_report.add(sent.report, key_of(sent), words="Still dark.", pictures=[b"p"])
    page = receipts.opened(sent.report, sent.receipt)
    assert [said.text for said in page.said] == ["The lamp is out.", "Still dark."]
    assert len(page.photos) == 1


def test_added__is_three_photos_at_most(send):
    sent = send()
    own_report.add(sent.report, key_of(sent), words="", pictures=[b"1", b"2"])
    with pytest.raises(NotAllowedError):
        own_report.add(sent.report, key_of(sent), words="", pictures=[b"3", b"4"])


def test_contact__is_changed_and_taken_back(send):
    sent = send(contact="first")
    assert receipts.opened(sent.report, sent.receipt).contact == "first"
    own_report.leave_contact(sent.report, key_of(sent), contact="second")
    assert receipts.opened(sent.report, sent.receipt).contact == "second"
    own_report.leave_contact(sent.report, key_of(sent), contact="")
    assert receipts.opened(sent.report, sent.receipt).contact == ""


@pytest.mark.parametrize(
    ("better", "status"),
    [("yes", "closed"), ("somewhat", "closed"), ("no", "reopened"), ("worse", "reopened")],
)
def test_better__opens_again_what_is_not(closed, better, status):
    assert receipts.opened(closed.report, closed.receipt).asks_better
    own_report.say_better(closed.report, better=better)
    closed.report.refresh_from_db()
    assert closed.report.status == status


def test_not_better__reaches_whoever_closed_it_and_is_owed_an_answer_again(closed, town):
    own_report.say_better(closed.report, better="no")
    closed.report.refresh_from_db()
    assert closed.report.assigned == town.people["coordinator"]
    assert any(closed.report.number in item.url for item in waiting(town.people["coordinator"]))
    owed = Promise.objects.get(ended_on=None)
    assert owed.due_on == closed.report.due_on


def test_better__is_asked_once_it_is_answered_and_not_before(send):
    sent = send()
    with pytest.raises(NotAllowedError):
        own_report.say_better(sent.report, better="yes")


def test_follower__who_says_no_opens_the_leading_report_again(send, town):
    sent = send(may_publish=True)
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    publish(by=coordinator, report=sent.report, text="The lamp is out.", edited=False)
    form = form_token.new(Report.ROOM)
    mine = intake.also(sent.report, token=form, language="en")
    handling.answer(by=coordinator, report=sent.report, member_key=member_key, verb="answer", words="Done.")
    own_report.say_better(mine, better="no")
    sent.report.refresh_from_db()
    assert sent.report.status == "reopened"


def test_withdrawn__cannot_be_added_to(send):
    sent = send()
    key = key_of(sent)
    own_report.withdraw(sent.report)
    with pytest.raises(NotAllowedError):
        own_report.add(sent.report, key, words="More.")
    assert receipts.opened(receipts.find(sent.receipt), sent.receipt).said == ()
