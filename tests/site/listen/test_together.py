"""Reports that are followed together: one's trouble is never another's silence; nothing stays too long."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mahalleh_site.listen.actions import intake, purge
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Envelope, Message, Report, Step
from mahalleh_site.listen.queries import keeping
from mahalleh_site.listen.rules import Way, receivers
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.people.permissions import NotAllowedError, Refused
from mahalleh_site.places.models import Promise
from mahalleh_site.sealed import form_token
from tests.site.listen.moderating import publish

TODAY = timezone.localdate()


@pytest.fixture
def by(town):
    """The coordinator of the municipality, with the key opened."""
    return {"by": town.people["coordinator"], "member_key": town.member_key("coordinator")}


@pytest.fixture
def partner(town):
    return {"by": town.people["partner"], "member_key": town.member_key("partner")}


def again(report):
    return Report.objects.get(pk=report.pk)


def answers(sent):
    page = receipts.opened(receipts.find(sent.receipt), sent.receipt)
    return [said.text for said in page.said if not said.mine]


def shown(send, by):
    sent = send(may_publish=True)
    publish(by=by["by"], report=sent.report, text="The lamp is out.", edited=False)
    return sent


def test_i_have_this_too__after_it_was_handed_on_blocks_no_answer(send, town, by, partner):
    leading = shown(send, by)
    handling.forward(**by, report=leading.report, to=town.homes["ngo"], reason="x")
    form = form_token.new(Report.ROOM)
    intake.also(again(leading.report), token=form, language="en")
    handling.answer(**partner, report=again(leading.report), verb="answer", words="Done.")
    assert answers(leading) == ["Done."]
    assert receipts.opened(receipts.find(form.receipt), form.receipt).said[0].text == "Done."


def test_joined_reports__are_handed_on_together(send, town, by, partner):
    leading, follower = send(), send()
    handling.merge(**by, report=follower.report, into=leading.report, reason="x")
    handling.forward(**by, report=again(leading.report), to=town.homes["ngo"], reason="x")
    handling.answer(**partner, report=again(leading.report), verb="answer", words="Done.")
    assert answers(leading) == answers(follower) == ["Done."]


def test_follower_that_nobody_can_open__keeps_no_other_from_the_answer(send, by):
    leading, follower = send(), send()
    handling.merge(**by, report=follower.report, into=leading.report, reason="x")
    Envelope.objects.filter(report=follower.report).delete()
    handling.answer(**by, report=again(leading.report), verb="answer", words="Done.")
    assert answers(leading) == ["Done."]


def test_follower__keeps_its_words_while_the_matter_is_open(send, by):
    leading, follower = send(), send(contact="door 4")
    handling.merge(**by, report=follower.report, into=leading.report, reason="x")
    assert purge.purge(by="system:test", today=TODAY + timedelta(4000)) == purge.Purged(0, 0, 0)
    handling.answer(**by, report=again(leading.report), verb="answer", words="Done.")
    assert purge.purge(by="system:test", today=TODAY + timedelta(180)).words == 2


def test_withdrawn__keeps_nothing_sealed_and_takes_nothing_any_more(send, by):
    sent = shown(send, by)
    key = receipts.opened(sent.report, sent.receipt).key
    handling.note(**by, report=sent.report, words="x")
    handling.answer(**by, report=again(sent.report), verb="answer", words="x", public_words="Soon.")
    own_report.withdraw(again(sent.report))
    report = again(sent.report)
    assert not Message.objects.exists()
    assert not Envelope.objects.exists()
    assert not Step.objects.exclude(box=None).exists()
    assert bytes(report.by_receipt) == b""
    assert {(promise.words, promise.open_to_all) for promise in Promise.objects.all()} == {("", False)}
    for late in (
        lambda: own_report.leave_contact(report, key, contact="door 4"),
        lambda: own_report.add(report, key, words="x"),
        lambda: publish(by=by["by"], report=report, text="x", edited=True),
    ):
        with pytest.raises((NotAllowedError, Refused)):
            late()
    assert not Message.objects.exists()


def test_contact_left_again__goes_in_its_own_time(send, by, settings):
    sent = send(contact="first")
    key = receipts.opened(sent.report, sent.receipt).key
    days = settings.CITY.of(Listen).contact_days
    handling.answer(**by, report=sent.report, verb="answer", words="x")
    purge.purge(by="system:test", today=TODAY + timedelta(days))
    own_report.say_better(again(sent.report), better="no")
    own_report.leave_contact(again(sent.report), key, contact="second")
    handling.answer(**by, report=again(sent.report), verb="answer", words="x")
    assert purge.purge(by="system:test", today=TODAY + timedelta(days)).contacts == 1


def test_forgotten_report__is_not_asked_about_and_cannot_be_opened_again(send, by, settings):
    sent = send()
    handling.answer(**by, report=sent.report, verb="answer", words="x")
    purge.purge(by="system:test", today=TODAY + timedelta(settings.CITY.of(Listen).words_days))
    assert not receipts.opened(again(sent.report), sent.receipt).asks_better
    with pytest.raises(NotAllowedError):
        own_report.say_better(again(sent.report), better="no")
    assert not Promise.objects.filter(ended_on=None).exists()


def test_answered_report_that_is_withdrawn__leaves_its_follower_answered(send, by):
    leading, follower = send(), send()
    handling.merge(**by, report=follower.report, into=leading.report, reason="x")
    handling.answer(**by, report=again(leading.report), verb="answer", words="Done.")
    own_report.withdraw(again(leading.report))
    assert (again(follower.report).status, again(follower.report).merged_into) == ("closed", None)
    assert not Promise.objects.filter(ended_on=None).exists()


def test_withdrawn_follower__acts_no_more(send, by):
    leading, follower = send(), send()
    handling.merge(**by, report=follower.report, into=leading.report, reason="x")
    handling.answer(**by, report=again(leading.report), verb="answer", words="Done.")
    own_report.withdraw(again(follower.report))
    with pytest.raises(NotAllowedError):
        own_report.say_better(again(follower.report), better="no")
    assert (again(leading.report).status, again(leading.report).also) == ("closed", 0)


def test_joined_report__is_shown_no_longer_by_itself(send, by):
    first, second = shown(send, by), send(may_publish=True)
    handling.merge(**by, report=first.report, into=second.report, reason="x")
    assert not Promise.objects.filter(subject=f"report:{first.report.number}", open_to_all=True).exists()


def test_police__read_a_sealed_report_beside_its_service_and_never_in_its_place():
    ways = [Way(7, "police", topic="harm", area="a"), Way(1, "counselling", topic="harm")]
    where = {"topic": "harm", "area": "a", "district": None, "care": "sealed"}
    assert receivers(ways, police=True, **where) == (1, 7)
    assert receivers(ways, police=False, **where) == (1,)


def test_audit__names_no_sealed_report(send, town):
    sent = send("harm")
    worker, member_key = town.people["social-worker"], town.member_key("social-worker")
    handling.read(by=worker, report=sent.report)
    handling.answer(by=worker, member_key=member_key, report=sent.report, verb="answer", words="x")
    assert sent.report.number not in str(list(AuditEntry.objects.values_list("object", "facts")))
    assert AuditEntry.objects.filter(object="report:sealed").count() >= 2


def test_audit__names_no_sealed_report_that_is_joined_with_another(send, town):
    one, other = send("harm"), send("harm")
    worker, member_key = town.people["social-worker"], town.member_key("social-worker")
    handling.merge(by=worker, member_key=member_key, report=one.report, into=other.report, reason="x")
    handling.part(by=worker, report=again(one.report))
    told = str(list(AuditEntry.objects.values_list("object", "facts")))
    assert one.report.number not in told
    assert other.report.number not in told
    assert AuditEntry.objects.get(verb="merge-report").facts == {"into": "report:sealed"}


def test_audit__quotes_nothing_that_was_written(send, town, by):
    """What is done with a report is written down; what was said, and why, is not."""
    marker, sent, other = "marker-of-what-was-written", send(may_publish=True), send()
    publish(by=by["by"], report=sent.report, text=marker, edited=True)
    handling.take(by=by["by"], report=sent.report)
    handling.note(**by, report=sent.report, words=marker)
    handling.reply(**by, report=sent.report, words=marker)
    handling.merge(**by, report=other.report, into=sent.report, reason=marker)
    handling.part(by=by["by"], report=again(other.report))
    handling.answer(**by, report=sent.report, verb="answer", words=marker, public_words=marker)
    handling.refuse(**by, report=again(other.report), reason=marker)
    third = send().report
    handling.forward(**by, report=third, to=town.homes["ngo"], reason=marker)
    told = AuditEntry.objects.filter(verb__endswith="-report")
    assert told.count() >= 9
    assert marker not in str(list(told.values_list("object", "facts")))
    assert {type(value) for entry in told for value in entry.facts.values()} <= {int, bool, str}


def test_promise_that_is_put_off__is_not_one_that_was_kept(send, by):
    from mahalleh_site.places.queries import promises

    sent = send()
    for days in (1, 30, 60):
        due = TODAY + timedelta(days)
        handling.answer(**by, report=again(sent.report), verb="promise", words="x", due_on=due)
    kept = promises.answers(TODAY, TODAY + timedelta(1))
    assert sum(kept.values()) == kept["a", promises.IN_TIME] == 1  # the first answer; nothing was done


def test_forward__that_cannot_open_the_leading_report_is_refused_whole(send, town, by):
    leading, follower = send(), send()
    handling.merge(**by, report=follower.report, into=leading.report, reason="x")
    Envelope.objects.filter(report=leading.report).update(box=b"x" * 80)
    before = (Envelope.objects.count(), AuditEntry.objects.count())
    with pytest.raises(seal.SealError):
        handling.forward(**by, report=again(leading.report), to=town.homes["ngo"], reason="x")
    assert (Envelope.objects.count(), AuditEntry.objects.count()) == before
    assert again(leading.report).lead == town.homes["municipality"]


def test_forward__leaves_out_a_follower_that_cannot_be_opened_and_no_other(send, town, by):
    leading, shut, follower = send(), send(), send()
    for each in (shut, follower):
        handling.merge(**by, report=each.report, into=again(leading.report), reason="x")
    Envelope.objects.filter(report=shut.report).delete()
    handling.forward(**by, report=again(leading.report), to=town.homes["ngo"], reason="x")
    handed = Envelope.objects.filter(organisation=town.homes["ngo"]).values_list("report", flat=True)
    assert set(handed) == {leading.report.pk, follower.report.pk}


def test_contact_left_after_its_day__is_said_to_go_with_the_next_days_work(send, by, settings):
    sent = send(contact="first")
    handling.answer(**by, report=sent.report, verb="answer", words="x")
    days = settings.CITY.of(Listen).contact_days
    assert keeping.contact_until(again(sent.report), TODAY) == TODAY + timedelta(days)
    later = TODAY + timedelta(days + 5)
    purge.purge(by="system:test", today=later)
    assert keeping.contact_until(again(sent.report), later) is None
    key = receipts.opened(sent.report, sent.receipt).key
    own_report.leave_contact(again(sent.report), key, contact="second")
    said = keeping.contact_until(again(sent.report), later)
    assert said == later + timedelta(1)
    assert purge.purge(by="system:test", today=said).contacts == 1


def test_contact_of_a_follower__goes_after_the_end_of_the_leading_report(send, by, settings):
    leading, follower = send(), send(contact="door 4")
    handling.merge(**by, report=follower.report, into=leading.report, reason="x")
    assert keeping.contact_until(again(follower.report), TODAY) is None
    handling.answer(**by, report=again(leading.report), verb="answer", words="Done.")
    last = TODAY + timedelta(settings.CITY.of(Listen).contact_days)
    assert keeping.contact_until(again(follower.report), TODAY) == last
