"""Entering as anyone: in the demonstration alone, as its invented people alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from mahalleh_site.people import demo
from mahalleh_site.people.models import Membership


@pytest.fixture
def demonstration(city, settings):
    """The sample city in the mode in which anyone may enter as anyone."""
    settings.CITY = replace(city, mode="demo")
    return settings.CITY


def test_entering_as_anyone__exists_in_the_demonstration_alone(demonstration, settings):
    client = Client(SERVER_NAME="localhost")
    assert b'name="role"' in client.get("/en/accounts/login/").content
    settings.CITY = replace(demonstration, mode="live")
    live = Client(SERVER_NAME="localhost")
    assert b'name="role"' not in live.get("/en/accounts/login/").content
    assert live.post("/en/demo/enter/", {"role": "administrator"}).status_code == 404
    assert "_auth_user_id" not in live.session


def test_demo_accounts__may_do_nothing_in_a_live_city(demonstration, settings):
    client = Client(SERVER_NAME="localhost")
    assert client.post("/en/demo/enter/", {"role": "administrator"}).status_code == 302
    settings.CITY = replace(demonstration, mode="live")
    answer = client.get("/en/organisations/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/accounts/2fa/")


def test_demo__has_a_person_for_every_role():
    assert demo.PEOPLE.keys() == set(Membership.Role.values)
