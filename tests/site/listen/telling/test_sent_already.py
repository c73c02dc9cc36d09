"""One form, sent again: the same content is the same report; other content is not lost behind a thank-you."""

import re

import pytest
from django.test import Client

from mahalleh_site.listen.models import Report
from mahalleh_site.sealed import form_token
from tests.site.listen.telling.test_pages import WORDS, client, hidden, photo, post, what

__all__ = ["client"]  # a fixture
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")
OTHER = "Somebody was robbed at the corner."


def receipt(page):
    return CODE.search(page.content.decode()).group()


@pytest.fixture
def last(client):
    """The last step of a form about a lamp."""
    return post(client, what(client), name="Alef")


def again(client, last, **changed):
    """The form's last step once more, with something changed."""
    return client.post("/en/tell/send/", hidden(last) | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"words": OTHER},
        {"topic": "theft"},
        {"area": "b", "cell": ""},
        {"contact": "0912"},
        {"may_publish": "on"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_same_form__with_other_content_is_never_thanked_and_shows_what_is_kept(client, last, changed):
    first = post(client, last)
    second = again(client, last, **changed)
    page = second.content.decode()
    assert second.status_code == 409
    assert "This form was sent already" in page
    assert "Thank you" not in page
    assert WORDS in page
    assert receipt(second) == receipt(first)
    assert Report.objects.count() == 1


def test_what_was_written_now__goes_on_as_a_new_report_with_its_own_receipt(client, last):
    first = post(client, last)
    refused = again(client, last, words=OTHER, topic="theft")
    on = post(client, refused)
    assert "What you are sending" in on.content.decode()
    assert OTHER in on.content.decode()
    sent = post(client, on)
    assert sent.status_code == 201
    assert receipt(sent) != receipt(first)
    assert set(Report.objects.values_list("topic", flat=True)) == {"lighting", "theft"}


def test_contact_and_leave__that_were_entered_now_are_shown_and_go_on(client, last):
    post(client, last)
    refused = again(client, last, contact="0912 345 6789", may_publish="on")
    page = refused.content.decode()
    assert "0912 345 6789" in page
    assert "✓ My neighbours may read this" in page
    on = post(client, refused)
    form = on.context["form"]
    assert form["contact"].value() == "0912 345 6789"
    assert "checked" in str(form["may_publish"])
    sent = post(client, on, contact="0912 345 6789", may_publish="on")
    assert sent.status_code == 201
    assert Report.objects.filter(may_publish=True).count() == 1


def test_photos__of_the_form_that_was_sent_have_to_be_chosen_again(client):
    last = post(client, what(client, photos=[photo(), photo()]), name="Alef")
    post(client, last)
    assert "Photos have to be chosen again." in again(client, last, words=OTHER).content.decode()


def test_browsers_back__to_change_the_words_is_the_way_of_the_case(client, last):
    """Sent; the browser's Back; “Change the words”; another matter; sent."""
    first = post(client, last)
    back = again(client, last, back="what")
    where = post(client, None, step="what", topic="theft", words=OTHER, form=hidden(back)["form"])
    more = post(client, where, name="Alef")
    second = post(client, more)
    assert second.status_code == 409
    assert receipt(second) == receipt(first)


def test_same_form__with_the_same_content_is_the_same_report(client, last):
    assert receipt(again(client, last)) == receipt(again(client, last))
    assert Report.objects.count() == 1


def test_photos_of_a_form_that_was_sent__are_not_lost_in_silence(client, last):
    post(client, last)
    what(client, form=hidden(last)["form"], photos=[photo()])
    second = again(client, last)
    assert second.status_code == 409
    assert "Photos have to be chosen again." in second.content.decode()


def test_form_of_a_withdrawn_report__says_so_and_begins_a_new_one(client, last):
    first = post(client, last)
    client.post("/en/receipt/open/", {"receipt": receipt(first), "do": "withdraw"})
    second = again(client, last)
    assert second.status_code == 409
    assert "You withdrew it." in second.content.decode()


def test_persian__says_it_too(client, last):
    post(client, last)
    page = client.post("/fa/tell/send/", hidden(last) | {"words": OTHER}).content.decode()
    assert "این فرم پیش‌تر فرستاده شده است" in page


def test_old_form__of_another_room_is_none(client, last):
    assert form_token.read(hidden(last)["form"], "other") is None
    assert Client(SERVER_NAME="localhost").post("/en/tell/send/", {"step": "send"}).status_code == 400
