"""A report arrives: sealed to its receivers and its receipt, counted once, owed an answer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.models import Envelope, Message, NeedCount, Photo, Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.actions import give_role
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import AuditEntry, OrganisationKey
from mahalleh_site.places.models import Area, Promise, Topic
from mahalleh_site.sealed import form_token, sealing
from tests.site.listen.moderating import publish

WORDS = "marker-of-the-words"


def everything() -> str:
    """The whole database as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [bytes(v) if isinstance(v, memoryview) else v for row in cursor.fetchall() for v in row]
    return "\n".join(value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in rows)


def test_report__is_readable_nowhere_in_the_database(send):
    sent = send(words=WORDS, contact="marker-of-the-contact")
    dump = everything()
    assert "Lighting" in dump
    for secret in (WORDS, "marker-of-the-contact", sent.receipt, sent.shown, sent.receipt.lower()):
        assert secret not in dump


def test_report__opens_with_its_receipt_and_with_the_receivers_keys(send, town):
    sent = send(words=WORDS)
    found = receipts.find(sent.shown.lower().replace("-", " "))
    assert found == sent.report
    assert receipts.opened(found, sent.shown).said[0].text == WORDS
    key = sealing.by_member(sent.report, town.people["coordinator"], town.member_key("coordinator"))
    assert sealing.words(sent.report.messages.get(), key) == WORDS


@pytest.mark.parametrize("role", ["officer", "social-worker", "partner"])
def test_report__stays_closed_to_other_organisations(send, town, role):
    sent = send(words=WORDS)
    with pytest.raises(seal.SealError):
        sealing.by_member(sent.report, town.people[role], town.member_key(role))


def test_sealed__is_sealed_to_its_service_alone_and_counted_nowhere(send, town):
    sent = send("harm", words=WORDS)
    homes = set(Envelope.objects.filter(report=sent.report).values_list("organisation__kind", flat=True))
    assert homes == {"counselling"}
    assert NeedCount.objects.count() == Promise.objects.count() == 0
    with pytest.raises(seal.SealError):
        sealing.by_member(sent.report, town.people["coordinator"], town.member_key("coordinator"))


def test_sealed__goes_to_no_organisation_of_coordinators_though_it_has_a_key_for_help(send, town):
    municipality = town.homes["municipality"]
    give_role(by="system:test", user=town.people["partner"], organisation=municipality, role="partner")
    assert OrganisationKey.objects.filter(organisation=municipality, purpose="help", retired_on=None).exists()
    report = send("harm", words=WORDS).report
    assert [envelope.organisation.kind for envelope in report.envelopes.all()] == ["counselling"]


@pytest.mark.parametrize(("topic", "kept"), [("lighting", True), ("quarrel", True), ("harm", False)])
def test_cell__is_kept_of_what_is_not_sealed_alone(send, topic, kept):
    """Nothing finer than the neighbourhood says where somebody asked for help."""
    assert (send(topic).report.cell is not None) is kept


@pytest.mark.parametrize(("topic", "kept"), [("lighting", True), ("quarrel", False), ("harm", False)])
def test_leave_to_publish__is_kept_for_open_topics_alone(send, topic, kept):
    assert send(topic, may_publish=True).report.may_publish is kept


def test_coordinators_key_for_reports_opens_no_sealed_report_of_their_own_organisation(send, town):
    """The municipality also receives a sealed topic: its coordinator still has no share of that key."""
    from mahalleh_site.listen.desk.actions import setup

    harm = Topic.objects.get(pk="harm")
    setup.add_route(by="system:test", organisation=town.homes["municipality"], topic=harm)
    report = send("harm", words=WORDS).report
    assert not report.envelopes.filter(key__shares__user=town.people["coordinator"]).exists()


def test_form_sent_again__is_the_same_report_with_the_same_receipt(send, town):
    form = form_token.new(Report.ROOM)
    telling = intake.Submission(Topic.objects.get(pk="lighting"), Area.objects.get(pk="a"), None, WORDS)
    first = intake.send(telling, token=form)
    second = intake.send(telling, token=form_token.read(form.text, Report.ROOM))
    assert first == second
    assert form_token.read(form.text, Report.ROOM).receipt == form.receipt
    assert (Report.objects.count(), NeedCount.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_word_of_a_form__is_made_here_and_grows_old(monkeypatch):
    form = form_token.new(Report.ROOM)
    assert form_token.read(form.text, Report.ROOM) == form
    assert form_token.read(form.text[:-2] + "AA", Report.ROOM) is None
    for place in (3, -5):  # in the word itself, and in what signs it
        other = form.text[place : place + 1] != "A"
        forged = f"{form.text[:place]}{'A' if other else 'B'}{form.text[place + 1 :]}"
        assert form_token.read(forged, Report.ROOM) is None
    assert (
        form_token.read("", Report.ROOM)
        is form_token.read("x" * 59, Report.ROOM)
        is form_token.read("é", Report.ROOM)
        is None
    )
    now, six_hours = form_token.time.time(), 6 * 3600
    monkeypatch.setattr(form_token.time, "time", lambda: now + six_hours - 61)
    assert form_token.read(form.text, Report.ROOM) == form
    monkeypatch.setattr(form_token.time, "time", lambda: now + six_hours + 61)
    assert form_token.read(form.text, Report.ROOM) is None


def test_nobody_receives__is_said_and_nothing_is_stored(send, town):
    town.homes["municipality"].routes.all().delete()
    with pytest.raises(intake.NobodyReceivesError):
        send()
    assert Report.objects.count() == 0


def test_organisation_without_a_key__receives_nothing(send, town):
    OrganisationKey.objects.filter(organisation=town.homes["municipality"]).update(
        retired_on=timezone.localdate()
    )
    with pytest.raises(intake.NobodyReceivesError):
        send()


def test_accepted__is_counted_once_and_withdrawn_takes_it_back(send):
    sent = send()
    assert [row.n for row in NeedCount.objects.all()] == [1]
    own_report.withdraw(sent.report)
    assert sorted(row.n for row in NeedCount.objects.all()) == [-1, 1]
    assert Message.objects.count() == Photo.objects.count() == 0
    assert Promise.objects.get().outcome == "dropped"


def test_held__counts_when_accepted_and_not_before(send, town):
    sent = send(held=True)
    assert (NeedCount.objects.count(), Promise.objects.count()) == (0, 0)
    handling.accept(by=town.people["coordinator"], report=sent.report)
    assert (NeedCount.objects.count(), Promise.objects.count()) == (1, 1)


def test_promise__is_made_by_the_leading_organisation_for_the_citys_days(send, town, settings):
    sent = send()
    promise = Promise.objects.get()
    assert promise.organisation == town.homes["municipality"]
    assert promise.due_on - promise.made_on == timedelta(settings.CITY.of(Listen).answer_days)
    assert sent.report.due_on == promise.due_on
    assert not promise.open_to_all


def test_photos__wait_sealed_for_their_report_and_go_with_it(town):
    form = form_token.new(Report.ROOM)
    assert intake.keep_photos([b"one", b"two"], token=form) == 2
    assert intake.keep_photos([b"three", b"four"], token=form) == 3
    telling = intake.Submission(Topic.objects.get(pk="lighting"), Area.objects.get(pk="a"), None, WORDS)
    report = intake.send(telling, token=form)
    found = [
        sealing.attachment(picture, report.form_digest, form.content_key) for picture in report.photos.all()
    ]
    assert found == [b"one", b"two", b"three"]
    assert b"three" not in b"".join(bytes(picture.box) for picture in Photo.objects.all())


def test_report__that_breaks_off_is_not_stored_in_part(town, monkeypatch):
    form = form_token.new(Report.ROOM)
    intake.keep_photos([b"one"], token=form)
    telling = intake.Submission(Topic.objects.get(pk="lighting"), Area.objects.get(pk="a"), None, WORDS)

    def broken(*_args, **_more):
        raise OSError(28, "No space left")

    with monkeypatch.context() as patch:
        patch.setattr(intake.sending, "take_drafts", broken)
        with pytest.raises(OSError, match="No space left"):
            intake.send(telling, token=form)
    stored = (Report, Envelope, Message, NeedCount, Promise)
    assert [model.objects.count() for model in stored] == [0, 0, 0, 0, 0]
    assert intake.send(telling, token=form).photos.count() == 1


def test_also__follows_with_a_receipt_of_its_own_and_is_told_the_answer(send, town):
    sent = send(may_publish=True)
    coordinator, member_key = town.people["coordinator"], town.member_key("coordinator")
    publish(by=coordinator, report=sent.report, text="The lamp is out.", edited=False)
    form = form_token.new(Report.ROOM)
    mine = intake.also(sent.report, token=form, language="en")
    assert intake.also(sent.report, token=form, language="en") == mine
    sent.report.refresh_from_db()
    assert (mine.merged_into, sent.report.also) == (sent.report, 1)
    assert sum(NeedCount.objects.values_list("n", flat=True)) == 1
    handling.answer(
        by=coordinator, report=sent.report, member_key=member_key, verb="answer", words="It shines."
    )
    assert receipts.opened(receipts.find(form.receipt), form.receipt).said[0].text == "It shines."


def test_anonymous__leaves_no_entry_in_the_audit_log_and_a_partner_does(send, town):
    before = AuditEntry.objects.count()
    send()
    assert AuditEntry.objects.count() == before
    telling = intake.Submission(Topic.objects.get(pk="lighting"), Area.objects.get(pk="a"), None, WORDS)
    partner, home = town.people["partner"], town.homes["ngo"]
    intake.send(telling, token=form_token.new(Report.ROOM), channel="spoken", by=partner, organisation=home)
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.by) == ("enter-report", f"user:{partner.pk}")
    assert WORDS not in str(entry.facts)
