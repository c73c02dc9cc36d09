"""What staff do with a report: where it leads, what is sealed, who is told, and what is refused whole."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.desk.queries import reading
from mahalleh_site.listen.models import Message, NeedCount, Report, Step
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.actions import give_role
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import AuditEntry, OrganisationKey
from mahalleh_site.people.permissions import NotAllowedError, Refused
from mahalleh_site.places.models import Promise, Topic
from mahalleh_site.sealed import form_token, sealing
from tests.site.listen.moderating import publish
from tests.site.listen.test_intake import everything

SECRET = "marker-of-what-was-said"


@pytest.fixture
def lead(town):
    """Whoever works on reports about lighting, and the key that goes with it."""
    return {"by": town.people["coordinator"], "member_key": town.member_key("coordinator")}


def again(report):
    return Report.objects.select_related("topic", "area", "lead").get(pk=report.pk)


def said_to(sent):
    """What the resident reads of an organisation."""
    return [said.text for said in receipts.opened(again(sent.report), sent.receipt).said if not said.mine]


def counted():
    return sum(NeedCount.objects.values_list("n", flat=True))


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def test_take__opens_a_new_report_and_names_who_works_on_it(send, lead):
    report = send().report
    handling.take(by=lead["by"], report=report)
    assert (again(report).status, again(report).assigned) == ("open", lead["by"])
    assert Step.objects.get().verb == "take"
    assert AuditEntry.objects.first().verb == "take-report"


def test_take__gives_it_to_a_colleague_of_the_same_organisation_alone(send, town, lead):
    report = send().report
    officer, partner = town.people["officer"], town.people["partner"]
    with pytest.raises(NotAllowedError):
        handling.take(by=lead["by"], report=report, user=officer)
    give_role(by="system:test", user=partner, organisation=town.homes["municipality"], role="partner")
    handling.take(by=lead["by"], report=report, user=partner)
    assert again(report).assigned == partner


@pytest.mark.parametrize(
    ("verb", "status", "outcome", "days"),
    [
        ("answer", "closed", "done", None),
        ("decline", "declined", "declined", None),
        ("promise", "promised", "promised", 30),
    ],
)
def test_answer__leads_on_settles_what_was_owed_and_is_read_with_the_receipt(
    send, lead, verb, status, outcome, days
):
    sent = send(may_publish=True)
    due = in_days(days) if days else None
    handling.answer(**lead, report=sent.report, verb=verb, words=SECRET, public_words="Soon.", due_on=due)
    assert (again(sent.report).status, again(sent.report).assigned) == (status, lead["by"])
    assert said_to(sent) == [SECRET]
    assert SECRET not in everything()
    first = Promise.objects.order_by("pk").first()
    assert (first.outcome, first.words, first.role) == (outcome, "Soon.", "coordinator")
    owed = Promise.objects.filter(ended_on=None)
    assert [promise.due_on for promise in owed] == ([due] if due else [])


@pytest.mark.parametrize("days", [None, -1, rules.PROMISE_DAYS + 1])
def test_promise__needs_a_day_that_can_be_kept(send, lead, days):
    sent = send()
    due = None if days is None else in_days(days)
    with pytest.raises(NotAllowedError):
        handling.answer(**lead, report=sent.report, verb="promise", words="Soon.", due_on=due)
    assert said_to(sent) == []


def test_answer_after_somebody_was_quicker__is_refused_whole(send, lead):
    sent = send()
    stale = again(sent.report)
    handling.answer(**lead, report=sent.report, verb="answer", words="First.")
    before = AuditEntry.objects.count()
    with pytest.raises(NotAllowedError):
        handling.answer(**lead, report=stale, verb="decline", words="Second.")
    assert said_to(sent) == ["First."]
    assert again(sent.report).status == "closed"
    assert AuditEntry.objects.count() == before


def test_reply__takes_up_what_is_new_and_ends_nothing(send, lead):
    sent = send()
    handling.reply(**lead, report=sent.report, words="Which lamp?")
    assert (again(sent.report).status, said_to(sent)) == ("open", ["Which lamp?"])
    assert Promise.objects.get().ended_on is None
    handling.answer(**lead, report=sent.report, verb="answer", words="Done.")
    handling.reply(**lead, report=sent.report, words="Thank you.")
    assert again(sent.report).status == "closed"


def test_note__is_for_colleagues_and_not_for_the_receipt(send, town):
    sent = send("theft")
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    handling.note(by=coordinator, report=sent.report, member_key=member_key, words=SECRET)
    note = Message.objects.get(kind="note")
    assert note.organisation == town.homes["municipality"]
    key = sealing.by_member(sent.report, town.people["officer"], town.member_key("officer"))
    assert sealing.words(note, key) == SECRET
    assert said_to(sent) == []
    assert SECRET not in everything()


def test_forward__gives_the_other_one_the_key_the_promise_and_a_sealed_reason(send, town, lead):
    sent = send()
    with pytest.raises(seal.SealError):
        sealing.by_member(sent.report, town.people["partner"], town.member_key("partner"))
    handling.take(by=lead["by"], report=sent.report)
    handling.forward(**lead, report=sent.report, to=town.homes["ngo"], reason=SECRET)
    report = again(sent.report)
    assert (report.lead, report.assigned, report.status) == (town.homes["ngo"], None, "new")  # to them
    assert Promise.objects.get().organisation == town.homes["ngo"]
    key = sealing.by_member(report, town.people["partner"], town.member_key("partner"))
    assert sealing.reason(Step.objects.get(verb="forward"), key) == SECRET
    assert SECRET not in everything()


def test_forward__is_refused_to_itself_and_to_who_has_no_key(send, town, lead):
    report = send().report
    with pytest.raises(NotAllowedError):
        handling.forward(**lead, report=report, to=town.homes["municipality"], reason="x")
    OrganisationKey.objects.filter(organisation=town.homes["ngo"]).update(retired_on=timezone.localdate())
    assert holding.current([town.homes["ngo"]], "reports") == []
    with pytest.raises(NotAllowedError):
        handling.forward(**lead, report=report, to=town.homes["ngo"], reason="x")
    assert again(report).lead == town.homes["municipality"]


@pytest.mark.parametrize("leave", [False, True])
def test_forward__of_what_is_careful_goes_to_the_police_with_the_residents_leave_alone(send, town, leave):
    report, police = send("quarrel", police_may_read=leave).report, town.homes["police"]
    assert (police in reading.others(report)) is leave
    given = {"report": report, "member_key": town.member_key("partner"), "to": police, "reason": "x"}
    if leave:
        handling.forward(by=town.people["partner"], **given)
        assert Report.objects.get().lead == police
    else:
        with pytest.raises(NotAllowedError):
            handling.forward(by=town.people["partner"], **given)


@pytest.mark.parametrize("leave", [False, True])
def test_forward__of_what_became_careful_later_goes_to_the_police_with_the_residents_leave_alone(
    send, town, lead, leave
):
    """The stricter counts: what the topic was when the resident spoke, or what it is."""
    sent = send()
    Topic.objects.filter(pk="lighting").update(sensitivity="careful")
    key = sealing.by_receipt(sent.report, sent.receipt)
    own_report.change_leave(sent.report, key, sent.shown, may_publish=False, police_may_read=leave)
    given = {**lead, "report": again(sent.report), "to": town.homes["police"], "reason": "x"}
    if leave:
        handling.forward(**given)
        assert Report.objects.get().lead == town.homes["police"]
        return
    with pytest.raises(NotAllowedError):
        handling.forward(**given)
    Report.objects.update(police_may_read=True)
    with pytest.raises(NotAllowedError):
        handling.forward(**given)


def test_handed_on_by_a_coordinator__names_the_coordinators_organisation_and_not_the_one_that_led(send, town):
    sent = send("theft")
    coordinator = town.people["coordinator"]
    given = {"member_key": town.member_key("coordinator"), "to": town.homes["ngo"], "reason": "x"}
    handling.forward(by=coordinator, report=sent.report, **given)
    step = Report.objects.get().steps.get(verb="forward")
    assert (step.by, step.organisation) == (coordinator, town.homes["municipality"])


@pytest.mark.parametrize("leave", [False, True])
def test_forward__of_what_is_sealed_goes_to_the_police_with_the_residents_leave_alone(send, town, leave):
    report = send("harm", police_may_read=leave).report
    who = {"by": town.people["social-worker"], "member_key": town.member_key("social-worker")}
    if not leave:
        with pytest.raises(NotAllowedError):
            handling.forward(**who, report=report, to=town.homes["police"], reason="x")
        assert report.envelopes.count() == 1
        return
    handling.forward(**who, report=report, to=town.homes["police"], reason="x")
    assert sealing.by_member(again(report), town.people["officer"], town.member_key("officer"))


def test_merge__counts_once_and_tells_both_and_part_undoes_it(send, lead):
    first, second = send(), send()
    assert counted() == 2
    handling.merge(**lead, report=second.report, into=first.report, reason="The same lamp.")
    assert (again(second.report).status, again(first.report).also, counted()) == ("merged", 1, 1)
    handling.reply(**lead, report=again(first.report), words="We come on Monday.")
    assert said_to(second) == said_to(first) == ["We come on Monday."]
    handling.part(by=lead["by"], report=again(second.report))
    assert (again(second.report).status, again(first.report).also, counted()) == ("open", 0, 2)
    handling.reply(**lead, report=again(first.report), words="It is done.")
    assert said_to(second) == ["We come on Monday."]


def test_merge__brings_along_those_that_followed(send, lead):
    first, second = send(), send(may_publish=True)
    publish(by=lead["by"], report=second.report, text="Dark.", edited=False)
    intake.also(second.report, token=form_token.new(Report.ROOM), language="en")
    handling.merge(**lead, report=second.report, into=first.report, reason="The same lamp.")
    assert again(first.report).also == 2
    assert set(Report.objects.filter(status="merged").values_list("merged_into", flat=True)) == {
        first.report.pk
    }


def test_merge__is_refused_with_another_topic_care_or_state_and_with_itself(send, town, lead):
    report, ended, apart = send().report, send().report, send().report
    handling.answer(**lead, report=ended, verb="answer", words="Done.")
    handling.mark_private(by=lead["by"], report=apart, is_private=True)
    for into in (report, ended, apart, send("theft").report):
        with pytest.raises(NotAllowedError):
            handling.merge(**lead, report=again(report), into=into, reason="x")
    with pytest.raises(Refused):  # one that nobody here knows of
        handling.merge(**lead, report=again(report), into=send("harm").report, reason="x")
    assert again(report).status == "new"


@pytest.fixture
def helper(town):
    """Whoever works on what is sealed to the counselling centre."""
    return {"by": town.people["social-worker"], "member_key": town.member_key("social-worker")}


@pytest.mark.parametrize(("mine", "other"), [(True, False), (False, True)])
def test_merge__is_refused_where_one_resident_lets_the_police_read_and_the_other_does_not(
    send, helper, mine, other
):
    """The leave of one would open what the other one wrote."""
    report = send("harm", police_may_read=mine).report
    into = send("harm", police_may_read=other).report
    with pytest.raises(NotAllowedError):
        handling.merge(**helper, report=report, into=into, reason="x")
    assert again(report).status == "new"


def test_merge__of_two_with_the_same_leave_is_possible(send, helper):
    report, into = send("harm", police_may_read=True).report, send("harm", police_may_read=True).report
    handling.merge(**helper, report=report, into=into, reason="The same.")
    assert again(report).status == "merged"


def test_merge__is_refused_into_one_that_follows_another(send, lead):
    first, second, third = send().report, send().report, send().report
    handling.merge(**lead, report=second, into=first, reason="The same lamp.")
    with pytest.raises(NotAllowedError):
        handling.merge(**lead, report=third, into=again(second), reason="x")


def test_merge__takes_what_was_shown_and_promised_down(send, lead):
    first, second = send().report, send(may_publish=True).report
    publish(by=lead["by"], report=second, text="Dark.", edited=False)
    handling.merge(**lead, report=again(second), into=first, reason="The same lamp.")
    assert again(second).public_text == ""
    promise = Promise.objects.get(subject=f"report:{second.number}")
    assert (promise.outcome, promise.open_to_all) == ("dropped", False)


@pytest.mark.parametrize("verb", ["answer", "decline", "promise"])
@pytest.mark.parametrize(
    ("topic", "consent", "is_private", "kept"),
    [
        ("lighting", True, False, True),
        ("lighting", True, True, False),
        ("lighting", False, False, False),
        ("quarrel", True, False, False),
    ],
)
def test_public_words__are_kept_where_they_may_be_shown_and_nowhere_else(
    send, town, verb, topic, consent, is_private, kept
):
    report = send(topic, may_publish=consent).report
    role = "coordinator" if topic == "lighting" else "partner"
    who = {"by": town.people[role], "member_key": town.member_key(role)}
    if is_private:
        handling.mark_private(by=who["by"], report=report, is_private=True)
    due = in_days(3) if verb == "promise" else None
    handling.answer(
        **who, report=again(report), verb=verb, words="To you.", public_words="To all.", due_on=due
    )
    assert ("To all." in everything()) is kept
    assert "To you." not in everything()


def test_accept_and_refuse__decide_whether_it_counts(send, lead):
    held, joke = send(held=True).report, send().report
    assert counted() == 1
    handling.accept(by=lead["by"], report=held)
    assert (again(held).status, counted()) == ("new", 2)
    handling.refuse(**lead, report=joke, reason=SECRET)
    assert (again(joke).status, counted()) == ("refused", 1)
    assert SECRET not in everything()
    handling.accept(by=lead["by"], report=again(joke))
    assert (again(joke).status, counted()) == ("new", 2)


@pytest.mark.parametrize(("topic", "consent"), [("lighting", False), ("quarrel", True)])
def test_publish__needs_the_residents_leave_and_an_open_topic(send, town, topic, consent):
    report = send(topic, may_publish=consent).report
    who = town.people["coordinator" if topic == "lighting" else "partner"]
    with pytest.raises(NotAllowedError):
        publish(by=who, report=report, text="Dark.", edited=False)
    assert again(report).public_text == ""


def test_publish__shows_that_it_was_edited_and_keeps_the_original_and_private_takes_it_down(send, lead):
    sent = send(may_publish=True)
    publish(by=lead["by"], report=sent.report, text="A lamp is out.", edited=True)
    report = again(sent.report)
    assert (report.public_text, report.public_edited) == ("A lamp is out.", True)
    assert receipts.opened(report, sent.receipt).said[0].text == "The lamp is out."
    assert Promise.objects.get().open_to_all
    handling.mark_private(by=lead["by"], report=report, is_private=True)
    assert again(report).public_text == ""
    assert not Promise.objects.get().open_to_all


@pytest.mark.parametrize(
    "action", ["take", "answer", "reply", "forward", "merge", "part", "accept", "refuse", "publish", "note"]
)
def test_deed__of_somebody_elsewhere_is_refused_and_changes_nothing(send, town, action):
    report, other = send().report, send().report
    partner, member_key = town.people["partner"], town.member_key("partner")
    more = {
        "answer": {"member_key": member_key, "verb": "answer", "words": "x"},
        "reply": {"member_key": member_key, "words": "x"},
        "note": {"member_key": member_key, "words": "x"},
        "forward": {"member_key": member_key, "to": town.homes["ngo"], "reason": "x"},
        "merge": {"member_key": member_key, "into": other, "reason": "x"},
        "refuse": {"member_key": member_key, "reason": "x"},
        "publish": {"member_key": member_key, "text": "x", "edited": False},
    }
    before = (AuditEntry.objects.count(), Message.objects.count(), Step.objects.count())
    with pytest.raises(Refused):
        getattr(handling, action)(by=partner, report=report, **more.get(action, {}))
    assert (AuditEntry.objects.count(), Message.objects.count(), Step.objects.count()) == before
    assert again(report).status == "new"
