"""Where the keys of what residents sent exist: in envelopes and under the receipt, and in no third place."""

from __future__ import annotations

import base64

import pytest

from mahalleh_site.listen.models import Envelope, Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.sealed import digests, form_token, sealing
from tests.site import kept
from tests.site.listen.test_intake import everything

RANDOM = 24  # bytes of a form's word that are not the time
BLOCK = 24 + 256 + 16  # a box of one block: nonce, padded text, mac
ENVELOPE = 32 + 32 + 16  # a sealed key: the sealer's public key, the key, mac


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR = tmp_path


def key_of(sent):
    return sealing.by_receipt(sent.report, sent.receipt)


@pytest.mark.parametrize(
    ("topic", "receivers"),
    [
        ("lighting", {"municipality"}),
        ("theft", {"municipality", "police"}),
        ("quarrel", {"municipality", "ngo"}),
        ("harm", {"counselling"}),
    ],
)
def test_report__brings_its_key_in_envelopes_and_under_its_receipt_and_in_no_third_box(
    send, topic, receivers
):
    """Every byte that a report brings is accounted for: a copy for emergencies would be one too many."""
    values, files, caches = kept.values(), kept.files(), kept.cached()
    sent = send(topic, contact="door 4")
    brought = kept.values() - values
    assert {
        column: sorted(len(value) for value in found.elements() if value)
        for column, found in kept.by_column(brought, bytes).items()
    } == {
        "listen_report.form_digest": [32],
        "listen_report.receipt_digest": [32],
        "listen_report.by_receipt": [BLOCK],
        "listen_report.leave": [BLOCK],
        "listen_report.public_mark": [],
        "listen_message.box": [BLOCK, BLOCK],  # words, contact
        "listen_envelope.box": [ENVELOPE] * len(receivers),
        **({} if topic == "harm" else {"places_promise.mark": []}),
    }
    written = kept.by_column(brought, str).values()
    assert max(len(text) for found in written for text in found) <= len("report:") + 11
    assert (kept.files(), kept.cached()) == (files, caches)
    homes = Envelope.objects.filter(report=sent.report).values_list("organisation__kind", flat=True)
    assert set(homes) == receivers


def test_reports__have_a_key_each_which_opens_no_other(send):
    first, second = send(), send()
    assert key_of(first) != key_of(second)
    with pytest.raises(seal.SealError):
        sealing.words(first.report.messages.get(), key_of(second))
    with pytest.raises(seal.SealError):
        sealing.by_receipt(first.report, second.receipt)


def test_reports__photos_open_with_their_reports_key(send):
    sent = send()
    own_report.add(sent.report, key_of(sent), words="", pictures=[b"jpeg"])
    about = f"photo:{bytes(sent.report.form_digest).hex()}"
    assert seal.unlock(sent.report.photos.get().box, key_of(sent), about=about) == b"jpeg"


def test_form__follows_from_a_word_that_is_stored_nowhere(send, monkeypatch):
    made = []
    new = form_token.new
    monkeypatch.setattr(form_token, "new", lambda room: made.append(new(room)) or made[-1])
    send()
    word = base64.urlsafe_b64decode(made[0].text)[:RANDOM]
    dump = everything()
    for piece in (word[:12], word[12:]):
        for written in (piece.decode("latin-1"), piece.hex(), base64.b64encode(piece).decode()):
            assert written not in dump


def test_form__that_the_server_did_not_make_is_none():
    made = base64.urlsafe_b64decode(form_token.new(Report.ROOM).text)
    for place in range(len(made)):
        changed = made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :]
        assert form_token.read(base64.urlsafe_b64encode(changed).decode(), Report.ROOM) is None


def test_key__follows_from_the_forms_word_and_from_nothing_that_is_stored(monkeypatch):
    """With number and digest alike the keys differ: who has the row and the city's key computes neither."""
    digest = form_token.digest

    def alike(data, *, room, purpose):
        return b"d" * 32 if purpose == "once" else digest(data, room=room, purpose=purpose)

    monkeypatch.setattr(form_token, "digest", alike)
    monkeypatch.setattr(seal, "name", lambda *_given, **_more: "7KQ2M0ZD3VA")
    first, second = form_token.new(Report.ROOM), form_token.new(Report.ROOM)
    assert (first.number, first.digest) == (second.number, second.digest)
    assert first.content_key != second.content_key
    assert first.receipt != second.receipt


def test_row__holds_nothing_that_opens_it(send):
    report = send().report
    for value in Report.objects.filter(pk=report.pk).values().get().values():
        if isinstance(value, (bytes, memoryview)) and len(value) == 32:
            with pytest.raises(seal.SealError):
                seal.unlock(report.by_receipt, bytes(value), about=f"report:{report.number}")


def test_receipt__is_in_no_piece_in_the_database_and_gives_no_part_of_the_number(send):
    sent = send()
    dump = everything().upper()
    assert sent.report.number in dump  # the search would find what is there
    pieces = {sent.receipt[start : start + 6] for start in range(len(sent.receipt) - 5)}
    assert {piece for piece in pieces if piece in dump} == set()


def test_receipt__is_looked_up_by_a_hash_under_the_citys_own_key(send, settings):
    sent = send()
    assert bytes(sent.report.receipt_digest) == digests.receipt_digest(sent.receipt, room=Report.ROOM)
    settings.SECRET_KEY = "another key " * 5
    assert bytes(sent.report.receipt_digest) != digests.receipt_digest(sent.receipt, room=Report.ROOM)


def test_receipt__of_what_a_partner_enters_is_not_written_down(send, town):
    values = kept.values()
    sent = send(channel="spoken", by=town.people["partner"], organisation=town.homes["ngo"])
    assert AuditEntry.objects.first().verb == "enter-report"
    assert sent.receipt not in str(kept.by_column(kept.values() - values, str))
