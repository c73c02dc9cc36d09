"""A visitor's own word on where they come from counts for nothing."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from mahalleh_site.people import limits
from mahalleh_site.ui.proxy import Proxies

SAID = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.7",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "elsewhere.example",
    "HTTP_FORWARDED": "for=198.51.100.7",
}


def passed(peer, **said):
    """The request as it goes on inside."""
    found = []
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **said)
    Proxies(lambda inner: found.append(inner) or HttpResponse())(request)
    return found[0]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", ""])
def test_proxy__of_this_machine_is_believed(peer):
    assert passed(peer, **SAID).META.items() >= SAID.items()


@pytest.mark.parametrize("peer", ["203.0.113.9", "10.0.0.2", "2001:db8::1", "::ffff:203.0.113.9", "nonsense"])
def test_proxy__of_elsewhere_is_not(peer):
    assert not SAID.keys() & passed(peer, **SAID).META.keys()


def test_proxy__that_the_operator_names_is_believed(settings):
    settings.PROXIES = ["10.0.0.0/24"]
    assert passed("10.0.0.2", **SAID).META.items() >= SAID.items()
    assert not SAID.keys() & passed("127.0.0.1", **SAID).META.keys()


def test_visitor__who_comes_directly_cannot_choose_how_to_be_counted(settings):
    settings.HTTPS = True
    one, other = (
        passed("203.0.113.9", HTTP_X_FORWARDED_FOR=said) for said in ("198.51.100.7", "198.51.100.8")
    )
    assert limits.visitor(one) == limits.visitor(other)
