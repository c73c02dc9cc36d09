"""Both formats say the same, whatever people wrote."""

import json

import pytest
from defusedxml import ElementTree
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mahalleh_site.listen.open311 import render
from tests.site.listen.moderating import publish


def allowed(text):
    """The letters of a text that XML 1.0 has (its section 2.2), line ends as its parsers read them (2.11)."""
    none = [*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(14, 32)), "\ufffe", "\uffff"]
    kept = [letter for letter in text if letter not in none]
    return "".join(kept).replace("\r\n", "\n").replace("\r", "\n")


@given(text=st.text())
def test_xml__holds_every_letter_that_xml_has(text):
    body = render.answer("xml", "service_requests", [{"description": text}]).content
    assert (ElementTree.fromstring(body).findtext("request/description") or "") == allowed(text)


@given(text=st.text())
def test_json__holds_every_letter(text):
    assert json.loads(render.answer("json", "x", [text]).content) == [text]


def read(element):
    """An element as the plain data that JSON holds: lists where our answers have lists."""
    if element.tag in render.ITEMS:
        return [read(child) for child in element]
    return {child.tag: read(child) for child in element} if len(element) else element.text


def plain(data):
    """JSON's data as XML can say it: all texts."""
    if isinstance(data, dict):
        return {name: plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    if isinstance(data, bool):
        return str(data).lower()
    return None if data is None or data == "" else str(data)


@pytest.mark.parametrize(
    "path", ["discovery", "services", "services/lighting", "requests", "requests/KEY", "requests/-"]
)
def test_formats__say_the_same(town, send, path):
    sent = send(may_publish=True)
    publish(by=town.people["coordinator"], report=sent.report, text="Out & <dark>", edited=True)
    client, address = (
        Client(SERVER_NAME="localhost"),
        f"/open311/v2/{path.replace('KEY', sent.report.number)}",
    )
    told = client.get(f"{address}.json").json()
    assert told
    assert read(ElementTree.fromstring(client.get(f"{address}.xml").content)) == plain(told)
