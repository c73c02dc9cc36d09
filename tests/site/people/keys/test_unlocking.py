"""The key of a signed-in member: opened by the password, halved between session and cookie, forgotten."""

from __future__ import annotations

import re
from importlib import reload

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from mahalleh_site.people import actions
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.keys import holding, seal, unlocking
from mahalleh_site.people.models import KeyShare, MemberKey, User
from tests.site import kept
from tests.site.listen.telling.test_pages import hidden
from tests.site.people.test_accounts import PASSWORD, member, signed_in

pytestmark = pytest.mark.django_db
KEY, CLOSE, GIVE = "/en/me/key/", "/en/me/key/close/", "/en/me/key/give/"
OPEN = b"Your key is open until you sign out."
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){5}\b")


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def office():
    return actions.save_organisation(
        by="system:test", name_fa="شهرداری", name_en="Office", kind="municipality"
    )


@pytest.fixture
def keyed(office):
    """A partner with a key, signed in; the account, the client, the second factor's secret."""
    user, secret = member(office, "partner")
    key_actions.make_key(by=user, password=PASSWORD)
    return user, signed_in(user.email, secret), secret


def is_open(client) -> bool:
    return OPEN in client.get(KEY).content


def half(client) -> str:
    return client.cookies["seal"].value


# --- opened by signing in


def test_sign_in__with_the_password_opens_the_key(keyed):
    _user, client, _secret = keyed
    assert is_open(client)


def test_sign_in__without_a_key_gives_no_half(office):
    user, secret = member(office, "partner")
    client = signed_in(user.email, secret)
    assert "seal" not in client.cookies
    assert not is_open(client)


def test_sign_in__with_a_wrong_password_gives_no_half(keyed):
    user, _client, _secret = keyed
    stranger = Client(SERVER_NAME="localhost")
    stranger.post("/en/accounts/login/", {"login": user.email, "password": "wrong words"})
    assert "seal" not in stranger.cookies


def test_password_alone__without_the_second_factor_opens_no_page(keyed):
    user, _client, _secret = keyed
    half_way = Client(SERVER_NAME="localhost")
    half_way.post("/en/accounts/login/", {"login": user.email, "password": PASSWORD})
    answer = half_way.get(KEY)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/accounts/login/?next=/en/me/key/")


def test_cookie__is_strict_out_of_reach_of_scripts_and_ends_with_the_browser(keyed):
    cookie = keyed[1].cookies["seal"]
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"], cookie["expires"]) == (
        "Strict",
        True,
        "",
        "",
    )


@pytest.mark.parametrize(("https", "name"), [(True, "__Host-seal"), (False, "seal")])
def test_cookie__goes_over_https_alone_where_the_city_has_it(settings, rf, https, name):
    settings.HTTPS = https
    try:
        reload(unlocking)  # the name is chosen when the module is read
        request = rf.get("/")
        request.session, request.seal_half = {}, seal.new_key()
        cookies = unlocking.SealCookie(lambda _request: unlocking.HttpResponse())(request).cookies
        assert list(cookies) == [name]
        assert cookies[name]["secure"] == (True if https else "")
        assert (cookies[name]["path"], cookies[name]["domain"]) == ("/", "")  # as __Host- demands
        request.seal_half = None
        gone = unlocking.SealCookie(lambda _request: unlocking.HttpResponse())(request).cookies[name]
        assert (gone["max-age"], gone["secure"]) == (0, True if https else "")
    finally:
        settings.HTTPS = False
        reload(unlocking)


# --- halves


def test_session_row__alone_opens_nothing_and_holds_no_key(keyed):
    user, client, _secret = keyed
    member_key = holding.open_key(user, PASSWORD)
    told = Session.objects.get(session_key=client.session.session_key).get_decoded()
    assert told["seal"]  # what follows is about the row that holds it
    box = unlocking.base64.b64decode(told["seal"])
    assert member_key not in box
    assert half(client) not in str(told)
    del client.cookies["seal"]
    assert not is_open(client)


def test_halves__are_new_each_time_and_the_session_holds_one_alone(keyed):
    user, client, _secret = keyed
    member_key, halves = holding.open_key(user, PASSWORD), [half(client)]
    for _again in range(2):
        client.post(CLOSE)
        client.post(KEY, {"do": "open", "password": PASSWORD})
        halves.append(half(client))
    assert len(set(halves)) == 3
    stored = kept.sessions()
    for secret in (member_key, unlocking.base64.urlsafe_b64decode(halves[-1])):
        for code in (unlocking.base64.b64encode, unlocking.base64.urlsafe_b64encode):
            assert code(secret).decode() not in stored
        assert secret.hex() not in stored.lower()
        assert repr(secret)[2:-1] not in stored


def test_cookie__alone_opens_nothing(keyed):
    _user, client, _secret = keyed
    session = client.session
    del session["seal"]
    session.save()
    assert not is_open(client)


@pytest.mark.parametrize("wrong", ["", "AAAA", "é", "%%%", "A" * 43 + "=", "A" * 5000])
def test_cookie__of_another_making_opens_nothing(keyed, wrong):
    _user, client, _secret = keyed
    client.cookies["seal"] = wrong
    answer = client.get(KEY)
    assert answer.status_code == 200
    assert OPEN not in answer.content


def test_another_account__with_the_same_halves_opens_nothing(keyed, office):
    _user, client, _secret = keyed
    other, secret = member(office, "partner", "b@city.example")
    key_actions.make_key(by=other, password="another four quiet words")
    thief = signed_in(other.email, secret)
    session = thief.session
    session["seal"] = client.session["seal"]
    session.save()
    thief.cookies["seal"] = half(client)
    assert not is_open(thief)


def test_damaged_row__opens_nothing(keyed):
    _user, client, _secret = keyed
    for damaged in ("", "AAAA", "no base64 é"):
        session = client.session
        session["seal"] = damaged
        session.save()
        assert not is_open(client)


# --- forgotten


def test_close__forgets_both_halves(keyed):
    _user, client, _secret = keyed
    kept = half(client)
    answer = client.post(CLOSE)
    assert answer.cookies["seal"]["max-age"] == 0
    assert "seal" not in client.session
    client.cookies["seal"] = kept
    assert not is_open(client)


def test_sign_out__forgets_both_halves(keyed):
    _user, client, _secret = keyed
    answer = client.post("/en/accounts/logout/")
    assert answer.cookies["seal"]["max-age"] == 0
    for session in Session.objects.all():
        assert "seal" not in session.get_decoded()


def test_changed_password__signs_out_and_the_new_one_opens_the_key(keyed, monkeypatch):
    user, client, secret = keyed
    fields = {"oldpassword": PASSWORD, "password1": "a new row of words", "password2": "a new row of words"}
    answer = client.post("/en/accounts/password/change/", fields)
    assert answer.status_code == 302
    assert client.get(KEY).status_code == 302
    assert holding.open_key(user, "a new row of words")
    monkeypatch.setattr("tests.site.people.test_accounts.PASSWORD", "a new row of words")
    cache.clear()  # a code is taken once; this is the same minute
    assert is_open(signed_in(user.email, secret))


def test_closed_account__is_out_and_the_key_with_it(keyed, office):
    user, client, _secret = keyed
    member(office, "administrator", "admin@city.example")
    actions.set_active(by="system:test", user=user, active=False)
    assert client.get(KEY).status_code == 302


def test_key_made_anew_elsewhere__closes_the_old_one_in_this_session(keyed, office):
    user, client, _secret = keyed
    other, _ = member(office, "partner", "b@city.example")
    key_actions.make_key(by=user, password=PASSWORD)
    key_actions.make_key(by=other, password=PASSWORD)
    page = client.get(KEY)
    assert OPEN not in page.content
    assert client.post(GIVE, {"user": other.pk, "organisation": office.pk}).status_code == 404


# --- too many tries


def test_wrong_passwords__are_slowed_and_then_a_right_one_says_no_more_than_a_wrong_one(keyed):
    _user, client, _secret = keyed
    client.post(CLOSE)
    wrong, right = ({"do": "open", "password": word} for word in ("wrong words", PASSWORD))
    first = [client.post(KEY, wrong) for _ in range(10)]
    assert all(b"This is not your password." in answer.content for answer in first)
    after = [client.post(KEY, fields) for fields in (wrong, right)]
    for answer in after:
        assert answer.status_code == 429
        assert b"Too many tries." in answer.content
        assert b"This is not your password." not in answer.content
    assert not is_open(client)


def test_tries__of_one_member_do_not_slow_another(keyed, office):
    _user, client, _secret = keyed
    for _ in range(12):
        client.post(KEY, {"do": "open", "password": "wrong words"})
    other, secret = member(office, "partner", "b@city.example")
    assert signed_in(other.email, secret).post(KEY, {"do": "make", "password": PASSWORD}).status_code == 200


# --- the page


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/en/me/", "/en/me/"),
        ("", "/en/today/"),
        ("https://evil.example/", "/en/today/"),
        ("//evil.example/", "/en/today/"),
        ("/\\evil.example/", "/en/today/"),
        ("\\\\evil.example", "/en/today/"),
        ("///evil.example", "/en/today/"),
        ("http:evil.example", "/en/today/"),
        ("javascript:alert(1)", "/en/today/"),
        ("http://localhost/en/me/", "/en/today/"),
    ],
)
def test_next__never_leads_to_another_site(keyed, wanted, leads):
    _user, client, _secret = keyed
    answer = client.post(KEY, {"do": "open", "password": PASSWORD, "next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads)
    cache.clear()
    made = client.post(KEY, {"do": "make", "password": PASSWORD, "next": wanted})
    assert f'class="button" href="{leads}"' in made.content.decode()


def test_page__for_whoever_has_no_key_makes_one_and_shows_its_code_once(office):
    user, secret = member(office, "partner")
    client = signed_in(user.email, secret)
    assert b"Make your key" in client.get(KEY).content
    answer = client.post(KEY, {"do": "make", "password": PASSWORD})
    code = CODE.search(answer.content.decode())
    assert code
    assert "no-store" in answer.headers["Cache-Control"]
    assert is_open(client)
    assert not CODE.search(client.get(KEY).content.decode())
    found, _renewed = key_actions.recover(by=user, code=code[0], password=PASSWORD)
    assert found == holding.open_key(user, PASSWORD)


def test_page__wants_the_accounts_own_password_for_a_new_key(office):
    user, secret = member(office, "partner")
    answer = signed_in(user.email, secret).post(KEY, {"do": "make", "password": "another one"})
    assert b"This is not your password." in answer.content
    assert not MemberKey.objects.filter(user=user).exists()


def test_page__opens_a_closed_key_with_the_password_and_goes_on(keyed):
    _user, client, _secret = keyed
    client.post(CLOSE)
    assert b"Open your key" in client.get(KEY).content
    assert client.post(KEY, {"do": "open", "password": PASSWORD}).headers["Location"] == "/en/today/"
    assert is_open(client)


def test_page__after_a_password_set_anew_recovers_with_the_code(office):
    user, secret = member(office, "partner")
    code = key_actions.make_key(by=user, password="the one that was forgotten")
    client = signed_in(user.email, secret)
    assert not is_open(client)
    answer = client.post(KEY, {"do": "open", "password": PASSWORD})
    assert b"This password does not open your key." in answer.content
    wrong = client.post(KEY, {"do": "recover", "password": PASSWORD, "code": "7KQ2-M0ZD"})
    assert b"This is not the recovery code of your key." in wrong.content
    answer = client.post(KEY, {"do": "recover", "password": PASSWORD, "code": code.lower()})
    renewed = CODE.search(answer.content.decode())
    assert renewed
    assert seal.read_code(renewed[0]) != code
    assert is_open(client)
    cache.clear()  # a code is taken once; this is the same minute
    assert is_open(signed_in(user.email, secret))


def test_page__says_what_is_lost_without_the_code_and_makes_a_new_key(keyed, office):
    user, client, _secret = keyed
    old = holding.current([office], "reports")[0]
    client.post(CLOSE)
    page = client.get(KEY).content
    assert b"I have lost the recovery code too" in page
    assert b"old messages cannot be opened by anyone" in page
    before = bytes(MemberKey.objects.get(user=user).public)
    client.post(KEY, {"do": "make", "password": PASSWORD})
    assert bytes(MemberKey.objects.get(user=user).public) != before
    assert is_open(client)
    assert not KeyShare.objects.filter(key=old).exists()


def test_page__gives_a_colleague_access_once(keyed, office):
    user, client, _secret = keyed
    other, _ = member(office, "partner", "b@city.example")
    key_actions.make_key(by=other, password=PASSWORD)
    assert b"Colleagues without access" in client.get(KEY).content
    fields = {"user": other.pk, "organisation": office.pk}
    assert client.post(GIVE, fields).status_code == 302
    assert KeyShare.objects.filter(user=other).count() == KeyShare.objects.filter(user=user).count() == 2
    assert client.post(GIVE, fields).status_code == 404


def test_access__is_given_with_an_open_key_and_to_colleagues_alone(keyed, office):
    _user, client, _secret = keyed
    clerk, _ = member(office, "analyst", "c@city.example")
    key_actions.make_key(by=clerk, password=PASSWORD)
    for person in (clerk.pk, 10**6, "", "x"):
        assert client.post(GIVE, {"user": person, "organisation": office.pk}).status_code == 404
    other, _ = member(office, "partner", "b@city.example")
    key_actions.make_key(by=other, password=PASSWORD)
    client.post(CLOSE)
    assert client.post(GIVE, {"user": other.pk, "organisation": office.pk}).status_code == 404
    assert not User.objects.filter(pk__in=[clerk.pk, other.pk], key_shares__isnull=False).exists()


def test_what_waits__names_the_missing_key_and_colleagues_without_access(keyed, office):
    _user, client, _secret = keyed
    other, secret = member(office, "partner", "b@city.example")
    assert b"Make your key" in signed_in(other.email, secret).get("/en/today/").content
    assert b"Give access?" not in client.get("/en/today/").content
    key_actions.make_key(by=other, password=PASSWORD)
    assert b"Give access?" in client.get("/en/today/").content


# --- a form that waits for the password


def test_form_that_waits_for_the_password__leaves_no_half_of_the_key_with_the_server(keyed):
    """allauth would keep it with all that came with it, the cookie too; here nothing is suspended."""
    _user, client, _secret = keyed
    session = client.session
    del session["account_authentication_methods"]  # as after some minutes
    session.save()
    answer = client.post("/en/accounts/2fa/recovery-codes/generate/", {"a": "marker-of-a-form"})
    assert "/reauthenticate/" in answer.headers["Location"]
    stored = kept.sessions()
    assert "seal" in stored  # the session's half is there
    assert half(client) not in stored
    assert "marker-of-a-form" not in stored
    again = client.get(answer.headers["Location"])
    done = client.post(answer.headers["Location"], {**hidden(again), "password": PASSWORD})
    assert done.headers["Location"] == "/en/accounts/2fa/recovery-codes/generate/"
    assert client.get(done.headers["Location"]).status_code == 200
