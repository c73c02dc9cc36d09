"""Every address against every role: who may open it, and who may change something by it."""

from __future__ import annotations

import copy
import re

import pytest
from django.db import transaction
from django.test import Client

from mahalleh_site.house import rooms
from mahalleh_site.people.models import Organisation
from mahalleh_site.places.models import Area, Topic
from tests.site import kept
from tests.site.house import addresses
from tests.site.house.conftest import ROLES

OF_REPORTS = {"report-staff", "report-contact", "report-photo", "work-report"}
# Who may open each address that asks for a role or an account, as the rooms state it. Of a report, only those
# whose organisation it reached: here the coordinator's.
STAFF = {name: roles for each in rooms.rooms() for name, roles in each.room.roles.items()} | dict.fromkeys(
    OF_REPORTS, frozenset({"coordinator"})
)


def staff():
    """The addresses that ask for a role, by name."""
    return {address.name: address for address in addresses.by_way("staff")}


def well(**fields):
    """A form that is filled in well: whoever may send it changes something by it."""
    return lambda: fields


def told():
    """What somebody told a partner."""
    topic, area = Topic.objects.filter(kind="need", sensitivity="open").first(), Area.objects.first()
    return {"channel": "spoken", "topic": topic.pk, "area": area.pk, "words": "The lamp is out."}


def program():
    """A program of an organisation that has none yet."""
    return {"organisation": Organisation.objects.get(kind="ngo").pk, "name": "Y"}


# A form for every address that changes something. What may be done by it is done, so that a refusal is the
# permission's and no form's.
ANSWER = {"name_fa": "ی", "name_en": "Y", "text_fa": "ب", "text_en": "B"}
FORMS = {
    "me": well(name="Another name", language="en"),
    "end-my-sessions": well(),
    "new-organisation": well(name_fa="ی", name_en="Y", kind="ngo"),
    "change-organisation": well(name_fa="ی", name_en="Y", kind="municipality"),
    "invite": well(name="X", email="x@y.example", role="partner"),
    "end-role": well(),
    "change-role": well(role="analyst"),
    "renew-link": well(),
    "forget-factors": well(),
    "set-active": well(active="no"),
    "close-my-account": well(),
    "enter-report": told,
    "listen-setup": lambda: {"organisation": Organisation.objects.get(kind="ngo").pk},
    "remove-route": well(),
    "new-answer": well(**ANSWER),
    "change-answer": well(**ANSWER),
    "remove-answer": well(),
    "new-program": program,
    "end-program": well(),
    "report-contact": well(),
    "work-report": well(words="Where exactly?"),
    "decide-signal": well(verb="watch", reason="Three lamps are dark.", considered=["lighting"]),
}
# ... but these, by which nothing happens in this city; who may send them is asked like of all others.
ELSEWHERE = {
    "my-key": "the demonstration's people have no password; tests/site/people/keys/test_unlocking.py",
    "close-my-key": "changes the session alone; tests/site/people/keys/test_unlocking.py",
    "give-access": "needs a colleague who waits for it; tests/site/people/keys/test_unlocking.py",
    "erase": "needs a closed account; tests/site/people/test_accounts.py",
}
FORMS |= dict.fromkeys(ELSEWHERE, well())


def test_addresses__are_each_guarded_in_exactly_one_way():
    unguarded = {address.path: address.ways for address in addresses.every() if len(address.ways) != 1}
    assert unguarded == {}


def test_addresses__that_ask_for_a_role_all_stand_in_the_matrix():
    assert set(staff()) == set(STAFF)
    assert frozenset().union(*STAFF.values()) == set(ROLES)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_matrix__lets_each_role_into_its_addresses_and_no_other(furnished, entered, role):
    client = entered(role) if role else Client(SERVER_NAME="localhost")
    found = {name: client.get(address.url()).status_code for name, address in staff().items()}
    takes_no_get = {name for name, status in found.items() if status == 405}
    assert takes_no_get <= set(FORMS)
    assert found == {
        name: 405 if name in takes_no_get else 302 if role is None else 200 if role in allowed else 404
        for name, allowed in STAFF.items()
    }


def sent(client, name):
    """A browser like this one sends an address its form; the status, and whether anything is another now.

    A session is no news: whoever comes by begins or prolongs one.
    """
    other = Client(SERVER_NAME="localhost")
    other.cookies = copy.deepcopy(client.cookies)
    before = kept.database(without=("django_session",))
    status = other.post(staff()[name].url(), FORMS[name]()).status_code
    return status, kept.database(without=("django_session",)) != before


@pytest.mark.parametrize("role", [None, *ROLES])
def test_matrix__lets_each_role_change_what_is_its_own_and_nothing_else(furnished, entered, role):
    client = entered(role) if role else Client(SERVER_NAME="localhost")
    refusal, changed = (404 if role else 302), set()
    for name in FORMS:
        with transaction.atomic():
            status, changes = sent(client, name)
            transaction.set_rollback(True)
        assert role in STAFF[name] or status == refusal, name
        changed |= {name} if changes else set()
    own = {name for name in FORMS if role in STAFF[name]}
    assert changed - own == set()
    assert own - changed - set(ELSEWHERE) == set()


@pytest.mark.parametrize("token", [{}, {"csrfmiddlewaretoken": "x" * 64}], ids=["none", "wrong"])
def test_matrix__takes_no_form_of_another_site(furnished, entered, token):
    """Whoever may send a form is refused where the token of the page is not in it: nothing changes."""
    for role in ROLES:
        browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
        browser.cookies = copy.deepcopy(entered(role).cookies)
        browser.get("/en/me/")  # a cookie with a token, to which the form's must belong
        before = kept.database(without=("django_session",))
        for name in (name for name in FORMS if role in STAFF[name]):
            assert browser.post(staff()[name].url(), FORMS[name]() | token).status_code == 403, name
        assert kept.database(without=("django_session",)) == before


def test_matrix__has_a_form_for_every_address_that_takes_one(furnished, entered):
    """What takes no form answers 405; what is missing here would be tried by nobody."""
    taking = {}
    for name, address in staff().items():
        allowed = sorted(STAFF[name])[0]
        with transaction.atomic():
            taking[name] = entered(allowed).post(address.url(), {}).status_code != 405
            transaction.set_rollback(True)
    assert {name for name, takes in taking.items() if takes} == set(FORMS)


def test_refusal__looks_like_a_page_that_is_not_there(furnished, entered):
    client = entered("partner")
    refused, missing = client.get("/en/audit/"), client.get("/en/nothing-here/")
    assert refused.status_code == missing.status_code == 404
    strip = re.compile(rb"/(fa|en)/[a-z-]+/")
    assert strip.sub(b"", refused.content) == strip.sub(b"", missing.content)
