"""Whoever can write to the database publishes nothing, allows nothing and puts no words into another's mouth.

The attacks write rows as SQL would: past every action, with all old rows at hand, but without the city's
secret key, a receipt or a member's key.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone

from mahalleh_site.house import rooms
from mahalleh_site.listen import leave, public_words
from mahalleh_site.listen.alerts import queries as alerts
from mahalleh_site.listen.desk.actions import handling, setup
from mahalleh_site.listen.desk.queries import reading
from mahalleh_site.listen.models import Message, Report, ShownReport
from mahalleh_site.listen.open311 import payloads
from mahalleh_site.listen.queries import published
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts, similar
from mahalleh_site.people.keys import seal
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places import public_words as places_words
from mahalleh_site.places.models import Promise, ShownPromise, Topic
from mahalleh_site.sealed import sealing, taken_back
from tests.site.drawing import redraw
from tests.site.listen.moderating import publish

TODAY = timezone.localdate()
DAY = timedelta(days=1)
FORGED = "The mayor is a thief."
SHOWN = {"The lamp is out.", "named", "page"}


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR = tmp_path


def row(report):
    """A report's columns as they stand, to be put back later."""
    return Report.objects.filter(pk=report.pk).values().get()


def write(report, **columns):
    """As SQL would, and a drawing then: what is copied for the public."""
    Report.objects.filter(pk=report.pk).update(**columns)
    redraw()


def forge(report, **columns):
    """As SQL would, in what the public reads, where a row is put in if there is none."""
    names = ("number", "topic_id", "area_id", "cell", "day", "status", "changed_on", "due_on")
    made = {**{name: getattr(report, name) for name in names}, "moved_on": TODAY}
    ShownReport.objects.update_or_create(pk=report.pk, defaults=columns, create_defaults={**made, **columns})


def copied(report):
    """The public's copy of a report, as it stands."""
    return ShownReport.objects.filter(pk=report.pk).values().get()


def tomorrow(monkeypatch):
    """Another day begins, and nothing is drawn yet."""
    monkeypatch.setattr(timezone, "localdate", lambda *_given: TODAY + DAY)


def seen(report):
    """Whether and what of a report any public reader gives."""
    caches["pages"].clear()
    found = Report.objects.select_related("area", "topic").get(pk=report.pk)
    page = Client(SERVER_NAME="localhost").get(f"/en/reports/{report.number}/")
    told = [
        *(each.report.public_text for each in published.lately(found.area)),
        *(each.report.public_text for each in similar.near(found.topic, found.area, found.cell, FORGED)),
        *(each["description"] for each in payloads.requests(payloads.published())),
        *(each.report.public_text for each in alerts.of_area(found.area) if each.report),
        *(["named"] if similar.named(found.number) else []),
    ]
    if page.status_code == 200:
        told.append("page")
    return told


def by_desk(town):
    return {"by": town.people["coordinator"], "member_key": town.member_key("coordinator")}


def key_of(sent):
    return sealing.by_receipt(sent.report, sent.receipt)


# --- publishing


def test_text__written_into_the_database_is_shown_nowhere(send):
    sent = send(may_publish=True)
    write(sent.report, public_text=FORGED)
    assert seen(sent.report) == []
    assert Report.objects.get(pk=sent.report.pk).public_text == ""
    assert not ShownReport.objects.exists()
    forge(sent.report, public_text=FORGED)
    assert seen(sent.report) == []


def test_published_text__is_shown_and_changed_or_moved_is_not(send, town):
    first, second = send(may_publish=True), send(may_publish=True)
    publish(by=town.people["coordinator"], report=first.report, text="The lamp is out.", edited=True)
    assert set(seen(first.report)) == SHOWN
    known = row(first.report)
    words = {name: known[name] for name in ("public_text", "public_edited", "public_mark", "leave_version")}
    place = {"area_id": "a", "topic_id": "lighting"}
    changes = (
        {"public_text": FORGED}, {"public_edited": False}, {"area_id": "b"}, {"topic_id": "theft"},
        {"leave_version": 2},
    )  # fmt: skip
    for changed in changes:
        write(first.report, **{**words, **place, **changed})
        assert seen(first.report) == []
        assert not ShownReport.objects.filter(pk=first.report.pk).exists()
        forge(first.report, **{**words, **place, **changed})
        assert seen(first.report) == []
    for put in (write, forge):
        put(second.report, **words)
        assert seen(second.report) == []
    write(second.report, public_text="", public_mark=b"")
    write(first.report, **words, **place)
    assert set(seen(first.report)) == SHOWN


def test_text_that_was_taken_down__is_not_shown_when_its_row_is_put_back(send, town):
    sent, coordinator = send(may_publish=True), town.people["coordinator"]
    publish(by=coordinator, report=sent.report, text="The lamp is out.", edited=True)
    known, copy = row(sent.report), copied(sent.report)
    publish(by=coordinator, report=sent.report, text="", edited=True)
    assert seen(sent.report) == []
    write(sent.report, **known)
    assert seen(sent.report) == []
    forge(sent.report, **copy)
    assert seen(sent.report) == []
    publish(by=coordinator, report=sent.report, text="The lamp is out.", edited=True)
    assert set(seen(sent.report)) == SHOWN


def test_consent__written_into_the_database_publishes_nothing(send, town):
    sent = send(may_publish=False)
    write(sent.report, may_publish=True)
    with pytest.raises(NotAllowedError, match="در پایگاه داده تغییر کرده"):
        publish(by=town.people["coordinator"], report=sent.report, text="x", edited=True)
    assert receipts.opened(Report.objects.get(pk=sent.report.pk), sent.receipt).leave_broken
    page = reading.page(Report.objects.get(pk=sent.report.pk), user=town.people["coordinator"],
                        member_key=town.member_key("coordinator"), today=TODAY)  # fmt: skip
    assert page.leave_broken


def test_statement_of_another_report__does_not_hold(send, town):
    yes, no = send(may_publish=True), send(may_publish=False)
    write(no.report, may_publish=True, leave=row(yes.report)["leave"])
    with pytest.raises(NotAllowedError):
        publish(by=town.people["coordinator"], report=no.report, text="x", edited=True)


def test_statement_of_a_colleague_with_the_database__is_not_the_residents(send):
    """Who has the report's key can make a statement, and the receipt shows that it is not its holder's."""
    sent = send(may_publish=False)
    found = Report.objects.get(pk=sent.report.pk)
    leave.state(found, leave.Leave(1, True, False, "open"), key=key_of(sent), receipt=seal.new_code())
    found.save()
    leave.checked(found, key_of(sent))
    with pytest.raises(seal.SealError):
        leave.checked(found, key_of(sent), receipt=sent.receipt)
    assert receipts.opened(found, sent.receipt).leave_broken


def test_statement_with_the_residents_key__takes_the_residents_signature(send):
    """The public key stands in the statement, so a colleague knows it; the signature is what is missing."""
    sent = send(may_publish=False)
    found, key = Report.objects.get(pk=sent.report.pk), key_of(sent)
    about = f"leave:{found.number}"
    head = leave._HEAD.pack(1, True, False, 0) + found.topic_id.encode()
    box = {
        by: seal.signer(sent.receipt) + seal.signed(about.encode() + b":" + head, by) + head
        for by in (sent.receipt, seal.new_code())
    }
    found.leave = seal.lock(box.pop(sent.receipt), key, about=about)
    found.may_publish = True
    assert leave.checked(found, key).may_publish  # so the next one fails by its signature alone
    found.leave = seal.lock(*box.values(), key, about=about)
    found.may_publish = True
    found.save()
    for given in ({}, {"receipt": sent.receipt}):
        with pytest.raises(seal.SealError):
            leave.checked(found, key, **given)


def test_statement_of_another_report__signed_by_its_own_resident_does_not_hold_here(send):
    """A colleague opens one report and locks what its resident signed under the key of another."""
    yes, no = send(may_publish=True), send(may_publish=False)
    said = seal.unlock(yes.report.leave, key_of(yes), about=f"leave:{yes.report.number}")
    found = Report.objects.get(pk=no.report.pk)
    found.leave = seal.lock(said, key_of(no), about=f"leave:{found.number}")
    found.may_publish = True
    with pytest.raises(seal.SealError):
        leave.checked(found, key_of(no))


def test_mark__takes_the_citys_secret_key(send, town, settings):
    """Who has the program and the database, and no secret of the city, makes no mark that holds."""
    sent = send(may_publish=True)
    known, secret = row(sent.report), settings.SECRET_KEY
    known |= {"public_text": FORGED, "public_edited": False}
    owed = Promise.objects.values().get() | {"words": FORGED}
    settings.SECRET_KEY = "a guess " * 8
    report_mark, promise_mark = public_words.mark(known), places_words.mark(owed)
    settings.SECRET_KEY = secret
    assert not public_words.hold({**known, "public_mark": report_mark})
    assert not places_words.hold({**owed, "mark": promise_mark})
    assert public_words.hold({**known, "public_mark": public_words.mark(known)})
    assert places_words.hold({**owed, "mark": places_words.mark(owed)})


# --- the resident's later word


def change(sent, **more):
    given = {"may_publish": False, "police_may_read": False, **more}
    report = Report.objects.get(pk=sent.report.pk)
    own_report.change_leave(report, key_of(sent), sent.shown, **given)
    return Report.objects.get(pk=sent.report.pk)


def test_later_no__takes_it_down_at_the_next_drawing_and_not_at_once(send, town):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    stands, copy = rooms.public_version(), copied(sent.report)
    change(sent)
    assert (rooms.public_version(), copied(sent.report)) == (stands, copy)
    assert set(seen(sent.report)) == SHOWN
    redraw(TODAY + DAY)
    assert seen(sent.report) == []
    assert not ShownReport.objects.exists()


def test_later_no__holds_when_the_day_ends_drawn_or_not_and_whatever_is_put_back(send, town, monkeypatch):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    copy = copied(sent.report)
    change(sent)
    tomorrow(monkeypatch)
    assert seen(sent.report) == []
    forge(sent.report, **copy)
    assert seen(sent.report) == []


@pytest.mark.parametrize("no", ["leave", "withdrawing"])
def test_later_no__holds_though_somebody_hid_the_mark_from_it(send, town, monkeypatch, no):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    known, copy = row(sent.report), copied(sent.report)
    Report.objects.filter(pk=sent.report.pk).update(public_text="", public_mark=b"")
    if no == "leave":
        change(sent)
    else:
        own_report.withdraw(sent.report)
    write(sent.report, **known)
    assert seen(sent.report) == []
    tomorrow(monkeypatch)
    forge(sent.report, **copy)
    assert seen(sent.report) == []


@pytest.mark.parametrize("no", ["leave", "withdrawing"])
def test_later_no__that_the_database_could_not_keep_has_won_all_the_same(send, town, monkeypatch, no):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)

    def full(*_given, **_more):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Report, "save", full)
        with pytest.raises(OperationalError), transaction.atomic():
            change(sent) if no == "leave" else own_report.withdraw(sent.report)
    assert Report.objects.filter(pk=sent.report.pk, may_publish=True).exists()
    with pytest.raises(NotAllowedError):  # the row says yes still
        publish(by=town.people["coordinator"], report=sent.report, text="x", edited=True)
    redraw()
    assert seen(sent.report) == []
    tomorrow(monkeypatch)
    assert seen(sent.report) == []


def test_later_no__of_a_follower_keeps_it_from_the_police_where_the_other_goes(send, town):
    first, second = send("quarrel", police_may_read=True), send("quarrel", police_may_read=True)
    given = {"by": town.people["partner"], "member_key": town.member_key("partner")}
    handling.merge(**given, report=second.report, into=first.report, reason="x")
    change(second)
    Report.objects.filter(pk=second.report.pk).update(police_may_read=True)  # as SQL would
    setup.add_route(
        by="system:test", organisation=town.homes["police"], topic=Topic.objects.get(pk="quarrel")
    )
    police = {"organisation": town.homes["police"]}
    second.report.envelopes.filter(**police).delete()
    handling.forward(**given, report=first.report, to=town.homes["police"], reason="x")
    assert first.report.envelopes.filter(**police).exists()
    assert not second.report.envelopes.filter(**police).exists()


def test_later_no__ends_what_an_older_yes_put_back_would_allow(send, town):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    known = row(sent.report)
    change(sent)
    redraw()
    assert seen(sent.report) == []
    with pytest.raises(NotAllowedError):
        publish(by=town.people["coordinator"], report=sent.report, text="x", edited=True)
    write(sent.report, **known)
    assert seen(sent.report) == []
    assert receipts.opened(Report.objects.get(pk=sent.report.pk), sent.receipt).leave_broken
    with pytest.raises(NotAllowedError, match="در پایگاه داده تغییر کرده"):
        publish(by=town.people["coordinator"], report=sent.report, text="x", edited=True)


def test_later_yes__holds_by_the_receipt_alone(send, town):
    sent = send(may_publish=False)
    changed = change(sent, may_publish=True)
    assert leave.checked(changed, key_of(sent), receipt=sent.receipt) == leave.Leave(2, True, False, "open")
    publish(by=town.people["coordinator"], report=changed, text="The lamp is out.", edited=True)
    assert set(seen(sent.report)) == SHOWN
    assert changed.steps.filter(verb="leave", by=None).exists()


def test_same_word_again__changes_nothing(send, town):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    assert change(sent, may_publish=True).leave_version == 1
    assert set(seen(sent.report)) == SHOWN


@pytest.mark.parametrize(("topic", "reader"), [("quarrel", "partner"), ("harm", "social-worker")])
def test_police__get_the_key_by_a_later_yes_and_lose_it_by_a_later_no(send, town, topic, reader):
    setup.add_route(by="system:test", organisation=town.homes["police"], topic=Topic.objects.get(pk=topic))
    sent = send(topic)
    police = {"organisation": town.homes["police"]}
    assert not sent.report.envelopes.filter(**police).exists()
    changed = change(sent, police_may_read=True, may_publish=True)
    assert not changed.may_publish  # the topic is not open
    assert changed.envelopes.filter(**police).exists()
    given = {"by": town.people[reader], "member_key": town.member_key(reader)}
    handling.forward(**given, report=changed, to=town.homes["police"], reason="x")
    changed = change(sent)
    assert not changed.envelopes.filter(**police).exists()
    assert changed.lead.kind == ("ngo" if topic == "quarrel" else "counselling")


@pytest.mark.parametrize(("topic", "reader"), [("quarrel", "partner"), ("harm", "social-worker")])
def test_leave_for_the_police__written_into_the_database_hands_nothing_on(send, town, topic, reader):
    sent = send(topic)
    write(sent.report, police_may_read=True)
    given = {"by": town.people[reader], "member_key": town.member_key(reader)}
    with pytest.raises(NotAllowedError, match="در پایگاه داده تغییر کرده"):
        handling.forward(**given, report=sent.report, to=town.homes["police"], reason="x")
    assert not sent.report.envelopes.filter(organisation=town.homes["police"]).exists()


def handed_on(town, reader, report):
    """Whether staff can hand a report on to the police, and the police then hold its key."""
    given = {"by": town.people[reader], "member_key": town.member_key(reader)}
    police = town.homes["police"]
    with suppress(NotAllowedError):
        handling.forward(**given, report=Report.objects.get(pk=report.pk), to=police, reason="x")
    return report.envelopes.filter(organisation=police).exists()


ROWS = {
    "its topic's care": lambda _report, topic: Topic.objects.filter(pk=topic).update(sensitivity="open"),
    "its topic": lambda report, _topic: Report.objects.filter(pk=report.pk).update(topic="lighting"),
}


@pytest.mark.parametrize("changed", ROWS)
def test_careful_report__made_an_open_one_in_the_database_is_not_handed_to_the_police(send, town, changed):
    sent = send("quarrel")
    ROWS[changed](sent.report, "quarrel")
    assert not handed_on(town, "partner", sent.report)
    page = receipts.opened(Report.objects.get(pk=sent.report.pk), sent.receipt)
    assert page.leave_broken is (changed == "its topic")  # a city may handle a topic otherwise


def test_careful_report__made_an_open_one_in_the_database_does_not_go_with_another(send, town):
    """Neither with one that it follows, nor into one that the police read."""
    first, follows, joins = send("quarrel", police_may_read=True), send("quarrel"), send("quarrel")
    given = {"by": town.people["partner"], "member_key": town.member_key("partner")}
    write(follows.report, merged_into=first.report, status="merged")
    Topic.objects.filter(pk="quarrel").update(sensitivity="open")
    assert handed_on(town, "partner", first.report)
    assert not follows.report.envelopes.filter(organisation=town.homes["police"]).exists()
    write(joins.report, lead=first.report.lead)
    write(first.report, police_may_read=False)
    with pytest.raises(NotAllowedError, match="پلیس"):
        handling.merge(**given, report=joins.report, into=first.report, reason="x")
    assert not joins.report.envelopes.filter(organisation=town.homes["police"]).exists()


def test_report_of_an_open_topic__goes_to_the_police_and_never_where_its_row_was_changed(send, town):
    sent, other = send(), send()
    assert handed_on(town, "coordinator", sent.report)
    write(other.report, topic="theft")
    assert not handed_on(town, "coordinator", other.report)


def test_topic_that_the_city_opens_later__still_asks_those_who_told_before(send, town):
    sent, client = send("quarrel"), Client(SERVER_NAME="localhost")
    Topic.objects.filter(pk="quarrel").update(sensitivity="open")
    page = client.post("/en/receipt/open/", {"receipt": sent.shown}).content.decode()
    assert "was changed in the database" not in page
    assert 'name="police_may_read"' in page
    assert 'name="may_publish"' not in page
    changed = change(sent, may_publish=True)
    assert not changed.may_publish
    assert not handed_on(town, "partner", changed)
    assert change(sent, police_may_read=True).police_may_read
    assert handed_on(town, "partner", changed)
    changed = change(sent)  # and a no takes the key, though the topic is open
    assert not changed.envelopes.filter(organisation=town.homes["police"]).exists()
    assert changed.lead == town.homes["ngo"]


def test_statement_that_does_not_open__is_held_to_have_been_careful(send):
    sent = send("lighting")
    write(sent.report, leave=b"another")
    found = Report.objects.get(pk=sent.report.pk)
    assert leave.care(found, key_of(sent), receipt=sent.receipt) == "careful"
    Topic.objects.filter(pk="lighting").update(sensitivity="sealed")
    found = Report.objects.get(pk=sent.report.pk)
    assert leave.care(found, key_of(sent), receipt=sent.receipt) == "sealed"


def test_own_page__changes_who_may_read_it_and_says_so(send, town):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    client = Client(SERVER_NAME="localhost")
    given, tonight = {"receipt": sent.shown, "do": "leave"}, "could read of it goes tonight"
    page = client.post("/en/receipt/open/", {**given, "may_publish": "on"}).content.decode()
    assert tonight not in page  # nothing else than before
    page = client.post("/en/receipt/open/", given).content.decode()
    assert "It was changed." in page
    assert tonight in page
    assert set(seen(sent.report)) == SHOWN
    redraw()
    assert seen(sent.report) == []
    write(sent.report, may_publish=True)
    page = client.post("/en/receipt/open/", {"receipt": sent.shown}).content.decode()
    assert "was changed in the database, and not with the receipt" in page
    page = client.post("/fa/receipt/open/", {"receipt": sent.shown}).content.decode()
    assert "در پایگاه داده تغییر کرده است" in page


# --- whose words they are


def answered(send, town):
    sent = send()
    handling.reply(**by_desk(town), report=sent.report, words="We come on Monday.")
    return sent


def test_answer__moved_into_another_organisations_mouth_is_shown_as_broken(send, town):
    sent = answered(send, town)
    said = receipts.opened(Report.objects.get(), sent.receipt).said[-1]
    assert (said.text, said.organisation, said.broken) == (
        "We come on Monday.", town.homes["municipality"].name, False,
    )  # fmt: skip
    Message.objects.filter(kind="answer").update(organisation=town.homes["police"])
    opened = receipts.opened(Report.objects.get(), sent.receipt)
    assert opened.broken
    assert (opened.said[-1].text, opened.said[-1].organisation, opened.said[-1].broken) == ("", "", True)
    client = Client(SERVER_NAME="localhost")
    page = client.post("/en/receipt/open/", {"receipt": sent.shown}).content.decode()
    assert "Somebody changed this report in the database." in page
    assert "We come on Monday." not in page
    assert town.homes["police"].name_en not in page
    page = client.post("/fa/receipt/open/", {"receipt": sent.shown}).content.decode()
    assert "کسی این گزارش را در پایگاه داده تغییر داده است" in page


def test_residents_words__made_those_of_an_organisation_are_broken_for_staff_too(send, town):
    sent = send()
    Message.objects.filter(kind="words").update(organisation=town.homes["municipality"])
    page = reading.page(Report.objects.get(), **{"user": town.people["coordinator"]},
                        member_key=town.member_key("coordinator"), today=TODAY)  # fmt: skip
    assert page.broken
    assert page.words == ""
    assert [line.broken for line in page.lines] == [True]
    assert receipts.opened(Report.objects.get(pk=sent.report.pk), sent.receipt).broken


def test_note__moved_among_the_answers_is_read_by_no_resident(send, town):
    sent = send()
    handling.note(**by_desk(town), report=sent.report, words="They lie.")
    Message.objects.filter(kind="note").update(kind="answer")
    opened = receipts.opened(Report.objects.get(), sent.receipt)
    assert opened.broken
    assert "They lie." not in [said.text for said in opened.said]


def test_box__of_a_reason_is_read_by_no_resident_as_an_answer(send, town):
    sent = send()
    handling.forward(**by_desk(town), report=sent.report, to=town.homes["ngo"], reason="They lie.")
    box = sent.report.steps.get(verb="forward").box
    home = town.homes["municipality"]
    sent.report.messages.create(kind="answer", organisation=home, day=TODAY, box=box)
    opened = receipts.opened(Report.objects.get(), sent.receipt)
    assert opened.broken
    assert "They lie." not in [said.text for said in opened.said]


@pytest.mark.parametrize(
    "columns", [{"by_receipt": b"x" * 300}, {"form_digest": b"y" * 32}], ids=["key", "photos"]
)
def test_receipt__of_a_damaged_row_gives_a_page_that_says_so(send, columns):
    sent = send()
    Report.objects.get().photos.create(
        day=TODAY, box=sealing.attachment_box(sent.report.form_digest, b"jpeg", key_of(sent))
    )
    write(sent.report, **columns)
    page = Client(SERVER_NAME="localhost").post("/en/receipt/open/", {"receipt": sent.shown})
    assert page.status_code == 200
    assert "Somebody changed this report in the database." in page.content.decode()


def test_public_answer__in_the_ledger_is_the_organisations_own_words_or_none(send, town):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="The lamp is out.", edited=True)
    told = {"report": sent.report, "verb": "answer", "words": "Done.", "public_words": "It was mended."}
    handling.answer(**by_desk(town), **told)
    promise = Promise.objects.get()
    true = {"words": "It was mended.", "organisation": promise.organisation, "outcome": "done"}
    for changed in ({"words": FORGED}, {"organisation": town.homes["police"]}, {"outcome": "declined"}):
        for model in (Promise, ShownPromise):  # what is copied, and the copy itself
            model.objects.update(**changed)
            assert model.objects.get().words == ""
            if model is Promise:
                redraw()
                assert ShownPromise.objects.values("words").get() == {"words": ""}
            caches["pages"].clear()
            page = Client(SERVER_NAME="localhost").get(f"/en/reports/{sent.report.number}/")
            assert page.status_code == 200
            assert not any(words in page.content.decode() for words in ("It was mended.", FORGED))
            model.objects.update(**true)
            redraw()
            assert ShownPromise.objects.get().words == "It was mended."


def test_handed_on__the_words_of_a_promise_do_not_become_the_next_ones(send, town):
    sent = send(may_publish=True)
    due = TODAY + timedelta(days=5)
    told = {"verb": "promise", "words": "Soon.", "public_words": "We mend it.", "due_on": due}
    handling.answer(**by_desk(town), report=sent.report, **told)
    handling.forward(**by_desk(town), report=sent.report, to=town.homes["ngo"], reason="Theirs.")
    owed = Promise.objects.get(ended_on=None)
    assert (owed.organisation, owed.words) == (town.homes["ngo"], "")


# --- what was taken back


def test_taken_back__is_a_file_of_hashes_for_this_account_alone(settings):
    assert taken_back.holds(b"one", room="listen")
    taken_back.add(b"one", room="listen")
    assert not taken_back.holds(b"one", room="listen")
    assert taken_back.holds(b"two", room="listen")
    assert taken_back.holds(b"one", room="other")
    found = taken_back.path().stat()
    assert (found.st_mode & 0o777, found.st_size) == (0o600, 33)
    settings.SECRET_KEY = "another key " * 5
    assert taken_back.holds(b"one", room="listen")
