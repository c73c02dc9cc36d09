"""The app is enough for a kind of conversation of which neither it nor listen has heard: letters."""

import base64
import hashlib
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection

from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.sealed import form_token, queries, rules, sealing
from mahalleh_site.sealed.actions import forgetting, sending, steps, talking
from tests.site.sealed.conftest import TODAY, member, opened_key
from tests.site.sealed.letters import (
    COURSE,
    KEEPING,
    TABLES,
    Letter,
    LetterEnvelope,
    LetterFile,
    LetterMessage,
    LetterStep,
)

FIRST = "first@city.example"


def reader():
    """Who could open what is sealed to the centre from the beginning."""
    from mahalleh_site.people.models import User

    return User.objects.get(email=FIRST)


def stored():
    """Everything that stands in the letters' tables, as bytes."""
    with connection.cursor() as cursor:
        rows = []
        for model in TABLES:
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            rows += [
                b"|".join(bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in row)
                for row in cursor.fetchall()
            ]
    return b"\n".join(rows)


def test_app__needs_nothing_of_listen():
    for path in Path(sys.modules["mahalleh_site.sealed"].__file__).parent.rglob("*.py"):
        assert "mahalleh_site.listen" not in path.read_text(encoding="utf-8"), path


def test_letter__opens_by_its_receipt_and_by_a_member_and_is_readable_nowhere(write):
    sent = write("marker of words", contact="marker of contact")
    assert b"marker" not in stored()
    assert sent.token.receipt.encode() not in stored()
    assert sent.token.content_key not in stored()

    found = queries.of_receipt(Letter.objects.all(), seal.grouped(sent.token.receipt).lower())
    by_receipt = queries.key_by_receipt(found, sent.token.receipt)
    by_member = sealing.by_member(found, reader(), opened_key(reader()))
    assert by_receipt == by_member == sent.token.content_key
    said = queries.said(found, by_receipt)
    assert [(each.kind, each.text, each.mine) for each in said] == [
        ("words", "marker of words", True),
        ("contact", "marker of contact", True),
    ]
    assert queries.said(found, None) == []


def test_letter__opens_to_nobody_else(write, centre):
    sent = write()
    newcomer = member(centre, "second")  # has a key, but nobody gave access
    with pytest.raises(seal.SealError):
        sealing.by_member(sent.letter, newcomer, opened_key(newcomer))
    other = write()
    with pytest.raises(seal.SealError):
        queries.key_by_receipt(sent.letter, other.token.receipt)
    assert queries.of_receipt(Letter.objects.all(), "0" * 24) is None
    assert queries.of_receipt(Letter.objects.all(), "no receipt at all") is None
    assert sealing.by_member_all([], reader(), opened_key(reader())) == {}


def test_form__gives_one_letter_however_often_it_is_sent(write):
    first = write()
    again = write("other words", token=first.token)
    assert again.letter.pk == first.letter.pk
    assert (Letter.objects.count(), LetterMessage.objects.count()) == (1, 1)


def test_form__that_fails_for_another_reason_is_not_taken_for_one_that_was_sent(write):
    sent = write()

    def clash():
        copy = Letter(**sending.identity(Letter, form_token.new(Letter.ROOM)), day=TODAY, changed_on=TODAY)
        copy.number = sent.letter.number
        copy.save(force_insert=True)
        return copy

    with pytest.raises(IntegrityError):
        sending.once(Letter.objects.all(), form_token.new(Letter.ROOM), clash, same=lambda known: True)


def test_form__of_another_room_is_none(write):
    token = form_token.new("another room")
    assert form_token.read(token.text, "another room") == token
    assert form_token.read(token.text, Letter.ROOM) is None
    assert form_token.read("", Letter.ROOM) is None
    assert form_token.read(token.text[:-2], "another room") is None


def test_form__holds_six_hours(monkeypatch):
    token = form_token.new(Letter.ROOM)
    now = form_token.time.time()
    for hours, holds in ((5.9, True), (6.1, False), (-0.1, False)):
        monkeypatch.setattr(form_token.time, "time", lambda at=now + 3600 * hours: at)
        assert (form_token.read(token.text, Letter.ROOM) is not None) == holds, hours


def test_token__tells_no_secret_where_it_is_printed():
    token = form_token.new(Letter.ROOM)
    for secret in (token.receipt, token.text, repr(token.content_key)):
        assert secret not in repr(token)


def test_files__wait_under_their_form_and_open_with_the_letter(write):
    token = form_token.new(Letter.ROOM)
    assert sending.keep_drafts(LetterFile, [b"one", b"two", b"three"], token, on=TODAY, most=2) == 2
    assert sending.keep_drafts(LetterFile, [b"four"], token, on=TODAY, most=2) == 2
    letter = write(token=token).letter
    files = [sealing.attachment(each, letter.form_digest, token.content_key) for each in letter.files.all()]
    assert files == [b"one", b"two"]
    sending.keep_drafts(LetterFile, [b"never sent"], form_token.new(Letter.ROOM), on=TODAY, most=2)
    assert forgetting.sweep_drafts(LetterFile, before=TODAY) == 0
    assert forgetting.sweep_drafts(LetterFile, before=TODAY + timedelta(1)) == 1
    assert LetterFile.objects.count() == 2


def test_said__by_both_sides(write, centre):
    letter = write().letter
    key = sealing.by_member(letter, reader(), opened_key(reader()))
    talking.say(letter, rules.ANSWER, "come on Monday", key=key, on=TODAY, organisation=centre)
    talking.say(letter, rules.NOTE, "call her first", key=key, on=TODAY, organisation=centre)
    to_resident = queries.said(letter, key, without={rules.NOTE, rules.CONTACT})
    assert [(each.text, each.mine, each.organisation) for each in to_resident] == [
        ("marker", True, ""),
        ("come on Monday", False, centre.name),
    ]
    assert [each.note for each in queries.said(letter, key)] == [False, False, True]


def test_words__cannot_be_moved_to_another_place(write):
    letter = write(contact="at home").letter
    key = sealing.by_member(letter, reader(), opened_key(reader()))
    words, contact = letter.messages.all()
    words.box = contact.box
    with pytest.raises(seal.SealError):
        sealing.words(words, key)


def test_contact__is_replaced_and_taken_back(write):
    sent = write(contact="first")
    talking.leave_contact(sent.letter, "second", key=sent.token.content_key, on=TODAY)
    said = queries.said(sent.letter, sent.token.content_key, without={rules.WORDS})
    assert [each.text for each in said] == ["second"]
    talking.leave_contact(sent.letter, "", key=sent.token.content_key, on=TODAY)
    assert not sent.letter.messages.filter(kind=rules.CONTACT).exists()


def test_shared__opens_to_another_service_too(write, db):
    from mahalleh_site.people import actions

    sent = write()
    other = actions.save_organisation(by="system:test", name_fa="د", name_en="D", kind="ngo")
    helper = member(other, "helper")
    with pytest.raises(seal.SealError):
        sealing.by_member(sent.letter, helper, opened_key(helper))
    for _again in range(2):
        talking.share(sent.letter, sent.token.content_key, holding.current([other], "help"))
    assert sealing.by_member(sent.letter, helper, opened_key(helper)) == sent.token.content_key
    assert LetterEnvelope.objects.count() == 2


def test_steps__follow_the_table_and_write_history(write, centre):
    sent = write()
    held = steps.locked(Letter.objects.all())[sent.letter.pk]
    about = {"course": COURSE, "by": reader(), "organisation": centre}
    key = sent.token.content_key
    steps.step(held, "take", on=TODAY - timedelta(1), **about)
    assert (held.status, held.ended_on) == ("open", None)
    steps.step(held, "answer", on=TODAY, reason="she asked", key=key, **about)
    held.save()
    steps.mention(held, "look", on=TODAY, by=reader())
    with pytest.raises(NotAllowedError):
        steps.step(held, "answer", on=TODAY, **about)
    letter = Letter.objects.get()
    assert (letter.status, letter.changed_on, letter.ended_on) == ("answered", TODAY, TODAY)
    history = list(letter.steps.values_list("verb", "before", "after", "by__name"))
    assert history == [
        ("take", "new", "open", "first"),
        ("answer", "open", "answered", "first"),
        ("look", "answered", "answered", "first"),
    ]
    _taken, answered, looked = letter.steps.all()
    assert sealing.reason(answered, key) == "she asked"
    assert (b"she asked" in stored(), sealing.reason(looked, key)) == (False, "")


def test_forgotten__nothing_sealed_is_left_and_the_history_stays(write, centre):
    token = form_token.new(Letter.ROOM)
    sending.keep_drafts(LetterFile, [b"picture"], token, on=TODAY, most=2)
    sent, kept = write(token=token, contact="at home"), write()
    steps.step(sent.letter, "withdraw", course=COURSE, on=TODAY, reason="why", key=token.content_key)
    sent.letter.save()
    forgetting.forget([sent.letter], on=TODAY)
    letter = Letter.objects.get(pk=sent.letter.pk)
    for part in (LetterEnvelope, LetterMessage, LetterFile):
        assert not part.objects.filter(letter=letter).exists(), part
    assert list(letter.steps.values_list("verb", "box")) == [("withdraw", None)]
    assert (bytes(letter.by_receipt), letter.words_purged_on, letter.contact_purged_on) == (b"", TODAY, TODAY)
    assert bytes(sent.letter.by_receipt) == b""
    assert queries.key_by_receipt(letter, token.receipt) is None
    assert queries.of_receipt(Letter.objects.all(), token.receipt) == letter
    assert queries.said(kept.letter, kept.token.content_key)[0].text == "marker"  # another one's stay
    forgetting.forget([], on=TODAY)


def test_forgetting__finds_every_table_of_parts():
    assert set(forgetting.parts(Letter)) == {LetterEnvelope, LetterMessage, LetterFile, LetterStep}


def test_forgetting__is_due_in_its_time(write):
    sent = write(contact="at home")
    rows = Letter.objects.all()
    assert not queries.words_due(rows, KEEPING, TODAY + timedelta(9999)).exists()  # it is open
    Letter.objects.update(status="answered", ended_on=TODAY)
    for days, contact, words in ((19, 0, 0), (20, 1, 0), (60, 1, 1)):
        day = TODAY + timedelta(days)
        due = queries.contact_due(rows, KEEPING, day).count(), queries.words_due(rows, KEEPING, day).count()
        assert due == (contact, words), days
    forgetting.forget_contacts([sent.letter], on=TODAY)
    assert not queries.contact_due(rows, KEEPING, TODAY + timedelta(20)).exists()
    assert [each.kind for each in queries.said(sent.letter, sent.token.content_key)] == ["words"]
    Letter.objects.update(status="refused", ended_on=TODAY)
    assert queries.words_due(rows, KEEPING, TODAY + timedelta(14)).exists()
    assert not queries.words_due(rows, KEEPING, TODAY + timedelta(13)).exists()
    forgetting.forget([sent.letter], on=TODAY)
    assert not queries.words_due(rows, KEEPING, TODAY + timedelta(14)).exists()


def test_names_and_purposes__never_change(settings):
    """Another word in any of these, and nothing that is stored would be found or opened."""

    def hashed(data: bytes, key: bytes, purpose: str, size: int = 32) -> bytes:
        return hashlib.blake2b(data, key=key, person=purpose.encode(), digest_size=size).digest()

    secret = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32).digest()
    room = hashed(b"", secret, "letters")
    token = form_token.new(Letter.ROOM)
    raw = base64.urlsafe_b64decode(token.text)[:28]
    assert token.digest == hashed(raw, room, "once")
    assert token.content_key == hashed(raw, room, "report key")
    assert seal.read_code(token.receipt) == token.receipt
    fields = sending.identity(Letter, token)
    assert fields["receipt_digest"] == hashed(token.receipt.encode(), room, "receipt place")
    key = hashlib.blake2b(token.receipt.encode(), person=b"receipt key", digest_size=32).digest()
    letter = Letter(**fields)
    for box, opened_by, about in (
        (fields["by_receipt"], key, f"letter:{token.number}"),
        (sealing.message_box(letter, "words", "x", token.content_key), token.content_key, None),
        (sealing.reason_box(letter, "x", token.content_key), token.content_key, f"step:{token.number}"),
        (sealing.attachment_box(b"ab", b"x", token.content_key), token.content_key, "photo:6162"),
    ):
        opened = seal.unlock(box, opened_by, about=about or f"message:{token.number}:words:resident")
        assert opened in (b"x", token.content_key)
