"""Every page is complete in Persian and English, and leads to itself in the other language."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.site.house import addresses
from tests.site.house.test_matrix import STAFF

LANGUAGES = {"fa": ("rtl", "en"), "en": ("ltr", "fa")}
ASKED = {"find": "?q=a", "suggest": "?q=a"}  # what a page needs to know to be one
PART = frozenset({"suggest"})  # a piece of a page, which stands within one
PERSIAN = re.compile("[\u0600-\u06ff]")


def check(client, address):
    """The page in both languages; the language of each, and its way to the other."""
    query = ASKED.get(address.name, "")
    for language, (direction, other) in LANGUAGES.items():
        answer = client.get(address.url(language) + query)
        assert answer.status_code == 200, address.path
        if not answer.headers["Content-Type"].startswith("text/html") or address.name in PART:
            continue
        page = " ".join(answer.content.decode().split())  # wherever the lines of the template break
        assert f'<html lang="{language}" dir="{direction}">' in page, address.path
        way = re.escape(address.url(other) + query)
        assert re.search(f'<a href="{way}" lang="{other}" hreflang="{other}"', page), address.path
        title = page.split("<title>")[1].split("</title>")[0]
        assert bool(PERSIAN.search(title)) is (language == "fa"), f"{address.path}: {title}"


def pages(way):
    """The addresses that show something when they are asked; others take forms alone."""
    return [address for address in addresses.by_way(way) if address.localized]


def test_public_pages__answer_in_both_languages_and_lead_to_each_other(furnished):
    client = Client(SERVER_NAME="localhost")
    found = pages("public")
    assert len(found) > 15
    for address in found:
        check(client, address)


def test_staff_pages__answer_in_both_languages_and_lead_to_each_other(furnished, entered):
    browsers = {role: entered(role) for role in sorted({sorted(allowed)[0] for allowed in STAFF.values()})}
    shown = 0
    for address in pages("staff"):
        client = browsers[sorted(STAFF[address.name])[0]]
        if client.get(address.url()).status_code == 405:
            continue
        check(client, address)
        shown += 1
    assert shown > 15


@pytest.mark.parametrize("name", ["account_login", "mfa_index", "welcome", "area-alerts"])
def test_pages_for_strangers_and_newcomers__answer_in_both_languages(furnished, entered, name):
    (address,) = [address for address in addresses.every() if address.name == name]
    check(entered("analyst") if name == "mfa_index" else Client(SERVER_NAME="localhost"), address)
