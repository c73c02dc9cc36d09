"""Ways to look at pages as a role of the demonstration or as anyone, and what may stand there to be seen."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from django.core.cache import caches
from django.test import Client

from mahalleh_site.watch import queries
from tests.site.watch import samples

GOOD = {"verb": "watch", "reason": samples.verdict().reason, "considered": ["lighting", "talk"], "other": ""}


@pytest.fixture
def demo(city, settings):
    """The sample city as a demonstration, whose door lets each role in."""
    settings.CITY = replace(city, mode="demo")
    caches["pages"].clear()
    return city


@pytest.fixture
def in_use(monkeypatch):
    """The method may work."""
    monkeypatch.setattr(queries, "any_method_in_use", lambda: True)


@pytest.fixture
def signal(demo):
    """A signal that waits."""
    return samples.stored()


def entered(role="coordinator"):
    client = Client(SERVER_NAME="localhost")
    assert client.post("/en/demo/enter/", {"role": role}).status_code == 302
    return client


def text(response) -> str:
    """What a reader reads: words without tags."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def public(path) -> str:
    response = Client(SERVER_NAME="localhost").get(path)
    assert response.status_code == 200
    assert not response.cookies
    return text(response)
