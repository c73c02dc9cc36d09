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


@pytest.mark.parametrize("address", ["tell/send/", "receipt/open/", "accounts/login/"])
@pytest.mark.parametrize("charset", ["zip", "hex", "idna", "undefined", "unicode_escape", "utf-7", '"ZIP"'])
def test_unread__is_what_comes_in_other_letters_than_ours(city, address, charset):
    kind = f"multipart/form-data; boundary=X; charset={charset}"
    body = b'--X\r\nContent-Disposition: form-data; name="words"\r\n\r\n\\ud800\r\n--X--\r\n'
    answer = Client(SERVER_NAME="localhost").generic("POST", f"/en/{address}", body, content_type=kind)
    assert answer.status_code == 400
    assert "We couldn" in answer.content.decode()


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_unread__is_nothing_in_ours(city, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    answer = Client(SERVER_NAME="localhost").post("/en/receipt/open/", "receipt=a", content_type=kind)
    assert answer.status_code == 404
