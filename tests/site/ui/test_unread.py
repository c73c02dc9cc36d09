"""What was not read is told on a page, in both languages, and nothing is stored."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.site.house.test_headers import check


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(("status", "word"), [(408, "slow"), (503, "minute"), (411, "read")])
def test_unread__is_told(city, status, word, language):
    extra = {"mahalleh.unread": status}
    answer = Client(SERVER_NAME="localhost").post(f"/{language}/tell/send/", {"words": "x"}, **extra)
    assert answer.status_code == status
    assert (word in answer.content.decode()) == (language == "en")
    assert ("Retry-After" in answer.headers) == (status == 503)
    check(answer, "public")


def test_unread__cannot_be_claimed_by_a_header(city):
    answer = Client(SERVER_NAME="localhost").get("/en/", headers={"Mahalleh.Unread": "503"})
    assert answer.status_code == 200
