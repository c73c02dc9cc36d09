"""Accounts: invited, with a second factor, signed out when it matters, and silent about who exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlsplit

import jdatetime
import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mahalleh.text import persian_digits
from mahalleh_site.people import actions
from mahalleh_site.people.adapters import WRONG
from mahalleh_site.people.models import AuditEntry, Membership, Organisation, User

pytestmark = pytest.mark.django_db
PASSWORD = "four quiet words together"
LOGIN = "/en/accounts/login/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def office():
    return actions.save_organisation(
        by="system:test", name_fa="شهرداری", name_en="Office", kind="municipality"
    )


def member(office, role="administrator", email="a@city.example", *, factor=True):
    """An account with a password, a role and, as all must have, a second factor; and its secret."""
    user = actions.invite(by="system:test", email=email, name="A", organisation=office, role=role).user
    actions.set_first_password(by=user, user=user, password=PASSWORD, language="en")
    secret = generate_totp_secret()
    if factor:
        TOTP.activate(user, secret)
    return user, secret


def code(secret, *, steps_ago=0):
    counters = list(yield_hotp_counters_from_time())  # the steps around now that are let in
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] - steps_ago))


def signed_in(email, secret):
    client = Client(SERVER_NAME="localhost")
    answer = client.post(LOGIN, {"login": email, "password": PASSWORD})
    assert urlsplit(answer.headers["Location"]).path == "/en/accounts/2fa/authenticate/"
    answer = client.post("/en/accounts/2fa/authenticate/", {"code": code(secret)})
    assert answer.headers["Location"] == "/en/today/"
    return client


def test_sign_in__asks_for_the_password_and_then_the_second_factor(office):
    user, secret = member(office)
    client = signed_in(user.email, secret)
    assert client.get("/en/today/").status_code == 200


@pytest.mark.parametrize(("steps_ago", "opens"), [(1, True), (3, False)])
def test_sign_in__lets_a_code_in_that_ran_out_while_it_was_typed(office, monkeypatch, steps_ago, opens):
    clock = SimpleNamespace(time=lambda: 1_800_000_000)  # stands still, so that no step ends in between
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", clock)
    user, secret = member(office)
    client = Client(SERVER_NAME="localhost")
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    answer = client.post("/en/accounts/2fa/authenticate/", {"code": code(secret, steps_ago=steps_ago)})
    assert ("Location" in answer.headers) is opens


def test_sign_in__without_the_code_opens_nothing(office):
    user, _ = member(office)
    client = Client(SERVER_NAME="localhost")
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    client.post("/en/accounts/2fa/authenticate/", {"code": "000000"})
    assert client.get("/en/today/").status_code == 302


@pytest.mark.parametrize("role", Membership.Role.values)
def test_second_factor__is_asked_of_every_role_before_anything_else(office, role):
    kind = {"officer": "police", "social-worker": "ngo"}.get(role, "other")
    home = actions.save_organisation(by="system:test", name_fa="ن", name_en="N", kind=kind)
    user, _ = member(home, role, factor=False)
    client = Client(SERVER_NAME="localhost")
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    for path in (
        "/en/today/",
        "/en/me/",
        "/en/organisations/",
        "/en/audit/",
        "/en/accounts/password/change/",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/en/accounts/2fa/"), path
    assert client.get("/en/accounts/2fa/").status_code == 200
    answer = client.get("/en/accounts/2fa/totp/activate/")
    assert urlsplit(answer.headers["Location"]).path == "/en/accounts/reauthenticate/"
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("mode", "is_demo", "asked"), [("live", True, True), ("demo", False, True), ("demo", True, False)]
)
def test_second_factor__is_left_out_for_invented_people_of_a_demonstration_alone(
    office, settings, mode, is_demo, asked
):
    settings.CITY = replace(settings.CITY, mode=mode)
    user, _ = member(office, factor=False)
    User.objects.filter(pk=user.pk).update(is_demo=is_demo)
    client = Client(SERVER_NAME="localhost")
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    answer = client.get("/en/today/")
    assert (answer.status_code, answer.headers.get("Location") == "/en/accounts/2fa/") == (
        (302, True) if asked else (200, False)
    )


def test_second_factor__can_be_set_up_in_the_browser_with_recovery_codes(office):
    user, _ = member(office, factor=False)
    client = Client(SERVER_NAME="localhost")
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    again = client.get("/fa/accounts/2fa/totp/activate/").headers["Location"]
    assert client.post(again, {"password": PASSWORD}).status_code in (200, 302)
    page = client.get("/fa/accounts/2fa/totp/activate/").content.decode()
    secret = client.session["mfa.totp.secret"]
    assert 'dir="rtl"' in page
    assert client.post("/fa/accounts/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    assert client.get("/en/today/").status_code == 200
    assert get_adapter().is_mfa_enabled(user)


def test_invitation__sets_a_password_once_and_no_more(office):
    made = actions.invite(
        by="system:test", email="New@City.example", name="N", organisation=office, role="analyst"
    )
    client, path = Client(SERVER_NAME="localhost"), f"/fa/welcome/{made.uid}/{made.token}/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"password": "short"}).status_code == 200
    assert client.post(path, {"password": PASSWORD}).status_code == 302
    assert User.objects.get(email="new@city.example").check_password(PASSWORD)
    assert client.get(path).status_code == 404
    assert client.get(f"/fa/welcome/{made.uid}/xxx-yyy/").status_code == 404
    assert client.get("/fa/welcome/@@/xxx-yyy/").status_code == 404


def test_invitation__ends_with_its_days(office, settings):
    made = actions.invite(
        by="system:test", email="n@city.example", name="N", organisation=office, role="analyst"
    )
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client(SERVER_NAME="localhost").get(f"/en/welcome/{made.uid}/{made.token}/").status_code == 404


def test_sign_up__is_closed(office):
    answer = Client(SERVER_NAME="localhost").post(
        "/en/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD}
    )
    assert not User.objects.filter(email="x@y.example").exists()
    assert answer.status_code in (200, 403, 404)


def test_session__is_renewed_at_sign_in_and_ended_by_sign_out(office):
    user, secret = member(office)
    client = Client(SERVER_NAME="localhost")
    client.get(LOGIN)
    client = signed_in(user.email, secret)
    key = client.session.session_key
    answer = client.post("/en/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert {name for name, cookie in answer.cookies.items() if not cookie.value} >= {"session", "csrf"}
    assert client.cookies["known"].value  # or whoever guesses passwords is helped by signing out
    assert client.get("/en/today/").status_code == 302
    assert client.session.session_key != key


@pytest.mark.parametrize("how", ["close", "everywhere", "password"])
def test_session__ends_with_the_account_everywhere_and_with_the_password(office, how):
    user, secret = member(office)
    member(office, "administrator", "other@city.example")
    client = signed_in(user.email, secret)
    if how == "close":
        actions.set_active(by="system:test", user=user, active=False)
    elif how == "everywhere":
        actions.end_sessions(by="system:test", user=user)
    else:
        actions.set_first_password(by="system:test", user=user, password=PASSWORD + " again")
    assert client.get("/en/today/").status_code == 302


def test_cookies__are_strict_and_out_of_reach_of_scripts(office):
    user, secret = member(office)
    cookie = signed_in(user.email, secret).cookies["session"]
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Strict", True, "")


def test_cookies__go_over_https_alone_where_the_city_has_it(tmp_path):
    """As the settings say when a city with https begins."""
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    program = f"from mahalleh_site import settings\nprint(*[getattr(settings, name) for name in {names}])"
    environment = os.environ | {"MAHALLEH_HTTPS": "1", "MAHALLEH_VAR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["True", "True", "__Host-session", "__Host-csrf"]


def test_sign_in__answers_alike_for_an_unknown_account_and_a_wrong_password(office):
    user, _ = member(office)
    bodies = []
    for email in (user.email, "nobody@city.example"):
        cache.clear()
        page = (
            Client(SERVER_NAME="localhost")
            .post(LOGIN, {"login": email, "password": "wrong words"})
            .content.decode()
        )
        page = page.replace(email, "EMAIL")
        bodies.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page))
    assert bodies[0] == bodies[1]


def test_sign_in__answers_alike_after_too_many_tries(office):
    """Or whoever guesses on and on learns which accounts there are."""
    user, _ = member(office)
    pages = {}
    for email in (user.email, "nobody@city.example"):
        cache.clear()
        client = Client(SERVER_NAME="localhost")
        for _ in range(WRONG + 1):
            page = client.post(LOGIN, {"login": email, "password": "wrong words"}).content.decode()
        assert "Too many tries." in page
        pages[email] = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.replace(email, "EMAIL"))
    assert len(set(pages.values())) == 1


def test_sign_in__is_slowed_after_many_wrong_passwords(office):
    user, _ = member(office)
    client = Client(SERVER_NAME="localhost")
    answers = [
        client.post(LOGIN, {"login": user.email, "password": "wrong words"}).content for _ in range(12)
    ]
    assert answers[0] != answers[-1]
    right = client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert right.status_code in (200, 429)


def test_roles__are_given_ended_and_audited_in_the_browser(office):
    admin, secret = member(office)
    client = signed_in(admin.email, secret)
    client.post("/en/organisations/new/", {"name_fa": "انجمن", "name_en": "Society", "kind": "ngo"})
    society = Organisation.objects.get(name_en="Society")
    refused = client.post(
        f"/en/organisations/{society.pk}/invite/", {"name": "P", "email": "p@x.example", "role": "officer"}
    )
    assert not User.objects.filter(email="p@x.example").exists()
    assert b"error" in refused.content
    page = client.post(
        f"/en/organisations/{society.pk}/invite/", {"name": "P", "email": "p@x.example", "role": "partner"}
    )
    assert re.search(r"http://localhost/en/welcome/\w+/[\w-]+/", page.content.decode())
    membership = Membership.objects.get(user__email="p@x.example")
    client.post(f"/en/roles/{membership.pk}/end/")
    assert membership.user.roles() == frozenset()
    verbs = list(AuditEntry.objects.order_by("number").values_list("verb", flat=True))
    assert verbs[-4:] == ["make-organisation", "make-account", "give-role", "end-role"]
    assert b"Society" in client.get("/en/organisations/").content


def test_roles__never_leave_the_city_without_an_administrator(office):
    admin, secret = member(office)
    client = signed_in(admin.email, secret)
    client.post(f"/en/roles/{Membership.objects.get(user=admin).pk}/end/")
    client.post(f"/en/accounts/{admin.pk}/active/", {"active": "no"})
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.roles() == {"administrator"}


def test_own_account__can_be_changed_and_signed_out_everywhere(office):
    user, secret = member(office)
    client = signed_in(user.email, secret)
    client.post("/fa/me/", {"name": "نام تازه", "language": "fa"})
    user.refresh_from_db()
    assert user.name == "نام تازه"
    assert client.post("/fa/me/sign-out-everywhere/").headers["Location"] == "/fa/accounts/login/"
    assert client.get("/fa/today/").status_code == 302


def test_first_administrator__comes_with_an_office_and_a_link(db):
    made = actions.first_administrator(by="system:init", email="chief@city.example")
    assert made.user.roles() == {"administrator"}
    assert Client(SERVER_NAME="localhost").get(f"/fa/welcome/{made.uid}/{made.token}/").status_code == 200


def test_audit_page__filters_by_what_was_done_and_by_day(office):
    admin, secret = member(office)
    client = signed_in(admin.email, secret)
    page = client.get("/en/audit/?verb=make-account").content.decode()
    assert "made an account" in page.split("<tbody>")[1]
    assert "gave a role" not in page.split("<tbody>")[1]
    assert "Write a day as year/month/day" in client.get("/en/audit/?day=nonsense").content.decode()
    day = jdatetime.date.fromgregorian(date=timezone.localdate())
    for text in (f"{timezone.localdate()}", f"{day}", persian_digits(f"{day:%Y/%m/%d}")):
        assert "made an account" in client.get("/en/audit/", {"day": text}).content.decode(), text
    assert "Nothing was done that fits" in client.get("/en/audit/?day=1399/01/01").content.decode()
