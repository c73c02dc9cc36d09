"""What a manifest calls untold stands in its own column and nowhere else, whatever people do.

A walk through the house by residents, a program and staff; after each step the values of every untold field
are noted, since many are gone at the end. Then all that others may read, or that leaves the database, is
searched for them: as bytes, as hexadecimal, as base64.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from dataclasses import replace

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.test import Client

from mahalleh_site.house import daily, rooms
from mahalleh_site.listen.actions import counting
from mahalleh_site.listen.desk.actions import handling, setup
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.people import actions
from mahalleh_site.people.models import AuditEntry
from tests import clock
from tests.site import kept
from tests.site.house import addresses
from tests.site.listen.conftest import send, town  # noqa: F401  (fixtures)
from tests.site.listen.moderating import publish
from tests.site.listen.telling.test_pages import hidden
from tests.site.listen.telling.test_trace import photo
from tests.site.people.test_accounts import PASSWORD, signed_in

HEAD = 24  # bytes of a value that are looked for: a multiple of three, as base64 counts


class Noted:
    """The values that untold fields have had."""

    def __init__(self) -> None:
        self.values = defaultdict(set)

    def fields(self):
        for each in rooms.rooms():
            app = each.package.rpartition(".")[2]
            for name in each.room.untold:
                model, _dot, field = name.partition(".")
                yield f"{app}.{name}", apps.get_model(app, model), field

    def look(self):
        for name, model, field in self.fields():
            for value in model._base_manager.values_list(field, flat=True):
                if value:
                    self.values[name].add(value if isinstance(value, str) else bytes(value))


def forms(value):
    """How a value would be written: as it is, as Python shows it, in hexadecimal, in base64."""
    if isinstance(value, str):
        return {value}
    head = value[:HEAD]
    return {
        value.decode("latin-1"),
        repr(head)[2:-1],
        head.hex(),
        head.hex().upper(),
        base64.b64encode(head).decode().rstrip("="),
        base64.urlsafe_b64encode(head).decode().rstrip("="),
    }


@pytest.fixture
def noted(town, settings):  # noqa: F811
    """The walk has begun: a demonstration that sends mail, in which nothing is remembered of other tests."""
    cache.clear()
    settings.CITY = replace(settings.CITY, mode="demo")
    settings.HAS_MAIL, settings.ALLOWED_HOSTS = True, ["city.example", "localhost"]
    return Noted()


def tell_with_a_photo(client):
    given = {"step": "what", "topic": "lighting", "words": "The lamp is out.", "photos": [photo()]}
    where = client.post("/en/tell/send/?area=a", {**given, "area": "a"})
    near = client.post("/en/tell/send/", {**hidden(where), "lon": "51.40512", "lat": "35.70534"})
    yield
    more = client.post("/en/tell/send/", {**hidden(near), "go": "yes"})
    sent = client.post("/en/tell/send/", {**hidden(more), "contact": "0900 000", "may_publish": "on"})
    assert sent.status_code == 201
    yield sent.content.decode().split('aria-labelledby="receipt-name" tabindex="0">')[1].split()[0]


def ask_for_alerts(client):
    assert client.post("/en/areas/a/alerts/ask/", {"address": "r@home.example"}).status_code == 200
    path = mail.outbox[0].body.split("/alerts/")[1].split()[0]
    client.post(f"/en/alerts/{path}")


def join_and_get_a_key(town):  # noqa: F811
    """A new colleague: first password, second factor, own key; a colleague gives access to what is sealed."""
    home = town.homes["counselling"]
    user = actions.invite(
        by="system:test", email="n@city.example", name="N", organisation=home, role="partner"
    ).user
    actions.set_first_password(by=user, user=user, password=PASSWORD, language="en")
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    client = signed_in(user.email, secret)
    made = client.post("/en/me/key/", {"do": "make", "password": PASSWORD})
    assert b"recovery" in made.content.lower()
    colleague = entered("social-worker")
    colleague.post("/en/me/key/give/", {"user": user.pk, "organisation": home.pk})
    return client


def entered(role):
    client = Client(SERVER_NAME="localhost")
    client.post("/en/demo/enter/", {"role": role})
    return client


def work_at_the_desk(town, report, other, sealed):  # noqa: F811
    by = {"by": town.people["coordinator"], "member_key": town.member_key("coordinator")}
    handling.reply(**by, report=report, words="Where exactly?")
    handling.note(**by, report=report, words="The lamp by the school.")
    publish(by=by["by"], report=report, text="A lamp is out.", edited=True)
    handling.merge(**by, report=other, into=report, reason="The same lamp.")
    helper = {"by": town.people["social-worker"], "member_key": town.member_key("social-worker")}
    handling.answer(**helper, report=sealed, verb="answer", words="Please come by.")


def test_untold__is_in_no_log_session_cache_file_or_page(noted, town, send, log, caplog, capfd):  # noqa: F811
    resident = Client(SERVER_NAME="localhost")
    telling = tell_with_a_photo(resident)
    next(telling)
    noted.look()  # a begun form's photo
    receipt = next(telling)
    report, other, sealed = Report.objects.get(), send().report, send("harm", contact="0900 111").report
    code = setup.make_api_key(by="system:test", organisation=town.homes["municipality"], name="program")
    given = {"api_key": code, "service_code": "lighting", "address_id": "b", "description": "Dark."}
    assert resident.post("/open311/v2/requests.json", given).status_code == 201
    ask_for_alerts(resident)
    member = join_and_get_a_key(town)
    noted.look()
    work_at_the_desk(town, report, other, sealed)
    assert member.get(f"/en/listen/{sealed.number}/").status_code == 200
    noted.look()
    counting.count(by="system:test")
    searched = {"pages": seen(resident, entered("auditor"), entered("coordinator"), report)}
    resident.post("/en/receipt/open/", {"receipt": receipt, "do": "withdraw"})
    assert Report.objects.get(pk=report.pk).status == "withdrawn"
    own_report.withdraw(Report.objects.get(pk=sealed.pk))
    daily.work(by="system:daily", today=clock.TODAY)

    searched |= {
        "audit log": repr(list(AuditEntry.objects.values_list())),
        "sessions": kept.sessions(),
        "caches": kept.cached(),
        "folder": kept.folder(),
        "logs": log.getvalue() + caplog.text + "".join(capfd.readouterr()),
        "mail": "".join(message.body for message in mail.outbox),
    }
    assert all(searched[place] for place in ("pages", "audit log", "sessions", "caches", "folder", "mail"))
    every = {name for name, _model, _field in noted.fields()}
    assert {
        name for name in every if not noted.values[name]
    } == set()  # a walk that leads past one proves nothing
    found = {
        (name, place)
        for name in every
        for value in noted.values[name]
        for place, text in searched.items()
        if any(form in text for form in forms(value))
    }
    assert found == set()


def seen(resident, auditor, coordinator, report):
    """Every public page and file, in both languages, the audit log, the queue and the report at the desk."""
    asked = [
        address.url(language)
        for address in addresses.by_way("public", "machine")
        for language in ("fa", "en")
        if "releases/" not in address.path  # nothing is released in this town
    ]
    pages = [resident.get(path) for path in asked]
    pages += [
        auditor.get("/en/audit/"),
        coordinator.get("/en/listen/"),
        coordinator.get(f"/en/listen/{report.number}/"),
    ]
    return "".join(page.getvalue().decode("latin-1") for page in pages)


def test_search__finds_a_value_however_it_is_written():
    value = bytes(range(200, 250))
    told = [value, value.hex(), base64.b64encode(value).decode(), repr({"a": value}), value.hex().upper()]
    texts = [text.decode("latin-1") if isinstance(text, bytes) else text for text in told]
    assert all(any(form in text for form in forms(value)) for text in texts)
