"""A city in which every address leads somewhere, and people of every role in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import Report
from mahalleh_site.people import actions, demo
from mahalleh_site.people.models import Organisation, User
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.sealed import form_token
from tests.site.listen.moderating import publish
from tests.site.watch import samples

ROLES = tuple(demo.PEOPLE)


@pytest.fixture
def furnished(city, settings):
    """The demonstration with one of everything: a signal, a published report with a photo, what is set up."""
    cache.clear()
    settings.CITY = replace(city, mode="demo")
    samples.stored()
    home = Organisation.objects.get(kind="municipality")
    setup.add_route(by="system:test", organisation=home)
    setup.save_template(by="system:test", name_fa="الف", name_en="A", text_fa="ب", text_en="B")
    setup.make_api_key(by="system:test", organisation=home, name="program")
    form, topic = form_token.new(Report.ROOM), Topic.objects.filter(kind="need", sensitivity="open").first()
    intake.keep_photos([b"a photo"], token=form)
    told = intake.Submission(topic, Area.objects.first(), None, "The lamp is out.", may_publish=True)
    report = intake.send(told, token=form)
    coordinator = User.objects.get(email="coordinator@demo.invalid")
    publish(by=coordinator, report=report, text="A lamp is out.", edited=True)
    for name, role in (("second", "administrator"), ("new", "partner")):  # the last one may not leave
        email = f"{name}@city.example"
        actions.invite(by="system:test", email=email, name=name, organisation=home, role=role)
    owner = User.objects.get(email="second@city.example")
    Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})
    return settings.CITY


@pytest.fixture
def entered(furnished):
    """Enters the demonstration: `entered("analyst")` is a browser in which the analyst is signed in."""

    def enter(role: str) -> Client:
        client = Client(SERVER_NAME="localhost")
        assert client.post("/en/demo/enter/", {"role": role}).status_code == 302
        return client

    return enter
