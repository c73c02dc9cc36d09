"""Accounts over their life: sealed seeds, equal answers, help when all is lost, leaving, being forgotten."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from mahalleh_site.people import actions, audit, limits
from mahalleh_site.people.adapters import ByInvitation, SealedFactors
from mahalleh_site.people.keys.seal import SealError
from mahalleh_site.people.models import AuditEntry, Membership, User
from tests.site.people.test_accounts import LOGIN, PASSWORD, code, member, office, signed_in

__all__ = ["office"]  # a fixture
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def newest():
    return AuditEntry.objects.order_by("-number").values_list("verb", "by", "object").first()


def test_seeds__are_sealed_in_the_database_and_open_with_the_key_alone(office, settings):
    user, secret = member(office)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator WHERE user_id = %s", [user.pk])
        stored = str(cursor.fetchall())
    assert secret not in stored
    sealed = Authenticator.objects.get(user=user).data["secret"]
    assert SealedFactors().decrypt(sealed) == secret
    settings.SECRET_KEY = "another key " * 5
    with pytest.raises(SealError):
        SealedFactors().decrypt(sealed)


def test_recovery_codes__are_sealed_in_the_database_as_seeds_are(office):
    user, _secret = member(office)
    RecoveryCodes.activate(user)
    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    sealed = kept.data["seed"]
    seed = SealedFactors().decrypt(sealed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator WHERE user_id = %s", [user.pk])
        stored = str(cursor.fetchall())
    assert sealed in stored
    for written in (seed, base64.b64encode(seed.encode()).decode(), *kept.wrap().get_unused_codes()):
        assert written not in stored


def test_address__is_counted_by_a_hash_that_changes_with_the_day(settings, monkeypatch):
    request = RequestFactory().get(
        "/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="1.1.1.1, 198.51.100.4"
    )
    accounts = ByInvitation(request)
    first = accounts.get_client_ip(request)
    assert "203" not in first
    assert re.fullmatch("[0-9a-f]{16}", first)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: __import__("datetime").date(2020, 1, 1))
    second = accounts.get_client_ip(request)
    assert second != first
    settings.SECRET_KEY = "another key " * 5  # or whoever sees a hash tries all addresses
    assert accounts.get_client_ip(request) not in (first, second)
    settings.HTTPS = True  # then our own web server wrote the last address down
    behind = accounts.get_client_ip(request)
    other = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="9.9.9.9, 198.51.100.4")
    assert behind == accounts.get_client_ip(other)


def sessions_kept():
    """All that the rows of sessions hold, unpacked."""
    return str([session.get_decoded() for session in Session.objects.all()])


@pytest.mark.parametrize(
    "email", ["a@city.example", "closed@city.example", "new@city.example", "no@city.example"]
)
def test_sign_in__does_the_same_work_for_every_account_and_none(office, monkeypatch, email):
    """Time is spent in hashing: one wrong password costs one hash, whoever is asked for."""
    member(office)
    closed, _ = member(office, "analyst", "closed@city.example")
    actions.set_active(by="system:test", user=closed, active=False)
    actions.invite(by="system:test", email="new@city.example", name="N", organisation=office, role="analyst")
    hashed = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda self, *a, **k: hashed.append(1) or encode(self, *a, **k)
    )
    Client(SERVER_NAME="localhost").post(LOGIN, {"login": email, "password": "wrong words here"})
    assert len(hashed) == 1


def test_address__belongs_to_one_account_however_it_is_written(office):
    member(office)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="A@City.Example", name="B")])


def test_invite__gives_no_link_for_an_account_that_has_a_password(office):
    admin, secret = member(office)
    other, _ = member(office, "analyst", "b@city.example")
    form = {"name": "B", "email": "B@city.example", "role": "coordinator"}
    answer = signed_in(admin.email, secret).post(f"/en/organisations/{office.pk}/invite/", form)
    assert answer.headers["Location"] == f"/en/people/{other.pk}/"
    assert other.roles() == {"analyst", "coordinator"}


def test_link__is_mailed_to_its_owner_where_mail_is_set_up(office, settings):
    admin, secret = member(office)
    client, form = signed_in(admin.email, secret), {"name": "C", "email": "c@city.example", "role": "analyst"}
    client.post(f"/en/organisations/{office.pk}/invite/", form)
    assert mail.outbox == []
    settings.HAS_MAIL = True
    user = User.objects.get(email="c@city.example")
    page = client.post(f"/en/people/{user.pk}/link/").content.decode()
    assert [message.to for message in mail.outbox] == [["c@city.example"]]
    link = re.search(r"http://localhost/\S+/welcome/[\w-]+/[\w-]+/", mail.outbox[0].body).group()
    assert link in page
    assert "The link was mailed" in page
    assert newest() == ("make-link", f"user:{admin.pk}", f"user:{user.pk}")


def test_lost_factors__are_taken_away_and_the_next_sign_in_asks_for_new_ones(office):
    admin, secret = member(office)
    user, lost = member(office, "analyst", "b@city.example")
    theirs = signed_in(user.email, lost)
    signed_in(admin.email, secret).post(f"/en/people/{user.pk}/forget-factors/")
    assert theirs.get("/en/today/").status_code == 302
    answer = Client(SERVER_NAME="localhost").post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert "authenticate" not in answer.headers["Location"]
    assert newest() == ("forget-factors", f"user:{admin.pk}", f"user:{user.pk}")


def test_role__is_changed_in_one_step_or_not_at_all(office):
    admin, secret = member(office)
    user, _ = member(office, "analyst", "b@city.example")
    client, role = signed_in(admin.email, secret), Membership.objects.get(user=user)
    client.post(f"/en/roles/{role.pk}/change/", {"role": "officer"})  # not in a municipality
    assert user.roles() == {"analyst"}
    client.post(f"/en/roles/{role.pk}/change/", {"role": "auditor"})
    assert user.roles() == {"auditor"}
    own = Membership.objects.get(user=admin)
    client.post(f"/en/roles/{own.pk}/change/", {"role": "auditor"})
    assert admin.roles() == {"administrator"}


def test_own_account__can_be_closed_by_its_owner(office):
    member(office)
    user, secret = member(office, "analyst", "b@city.example")
    client = signed_in(user.email, secret)
    answer = client.post("/en/me/close/")
    assert answer.headers["Clear-Site-Data"]
    assert client.get("/en/today/").status_code == 302
    assert not User.objects.get(pk=user.pk).is_active


def test_erased_account__is_named_nowhere_and_the_chain_still_holds(office):
    admin, secret = member(office)
    user, _ = member(office, "analyst", "gone@city.example")
    User.objects.filter(pk=user.pk).update(name="Someone Gone")
    half = Client(SERVER_NAME="localhost")  # came past the password and no further
    half.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert "gone@city.example" in sessions_kept()
    client = signed_in(admin.email, secret)
    client.post(f"/en/people/{user.pk}/erase/")
    assert User.objects.get(pk=user.pk).email == "gone@city.example"  # an open account is not erased
    client.post(f"/en/people/{user.pk}/active/", {"active": "no"})
    client.post(f"/en/people/{user.pk}/erase/")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == "django_session":  # packed: read below
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = str(cursor.fetchall())
            assert "gone@city.example" not in rows, table
            assert "Someone Gone" not in rows, table
    assert "gone@city.example" not in sessions_kept()
    assert client.get("/en/today/").status_code == 200  # nobody else was signed out
    assert not Authenticator.objects.filter(user=user).exists()
    audit.follow()  # this test's transaction never ends
    assert audit.verify().broken_at is None
    assert "an erased account" in client.get("/en/audit/").content.decode()
    client.post(f"/en/people/{user.pk}/active/", {"active": "yes"})
    assert not User.objects.get(pk=user.pk).is_active


@pytest.mark.parametrize("when", ["before the password", "between password and code"])
def test_closed_account__opens_with_no_password_and_no_code(office, when):
    member(office)
    user, secret = member(office, "analyst", "b@city.example")
    client = Client(SERVER_NAME="localhost")
    if when == "between password and code":
        client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    actions.set_active(by="system:test", user=user, active=False)
    if when == "before the password":
        right, wrong = (
            client.post(LOGIN, {"login": user.email, "password": password}).content.decode()
            for password in (PASSWORD, "wrong words here")
        )
        token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
        assert token.sub("", right) == token.sub("", wrong)
        assert "The e-mail address or the password is not right." in right
    else:
        client.post("/en/accounts/2fa/authenticate/", {"code": code(secret)})
    assert client.get("/en/today/").headers["Location"].startswith("/en/accounts/login/")


def test_session__ends_after_half_an_hour_and_is_then_swept_away(office, settings):
    user, secret = member(office)
    client = signed_in(user.email, secret)
    left = Session.objects.get(pk=client.session.session_key).expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/en/today/").status_code == 302
    assert user.email in sessions_kept()
    other, key = member(office, "analyst", "b@city.example")
    signed_in(other.email, key)
    assert user.email not in sessions_kept()


def test_own_changes__of_password_and_factors_are_in_the_audit_log(office):
    user, secret = member(office)
    client = signed_in(user.email, secret)
    client.post("/en/accounts/2fa/recovery-codes/generate/")
    assert newest()[0] == "set-password"  # not before asking once more
    client.post("/en/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/en/accounts/2fa/recovery-codes/generate/")
    assert newest() == ("make-codes", f"user:{user.pk}", f"user:{user.pk}")
    client.post("/en/accounts/2fa/totp/deactivate/")
    assert newest() == ("remove-factor", f"user:{user.pk}", f"user:{user.pk}")
    client.get("/en/accounts/2fa/totp/activate/")
    client.post("/en/accounts/2fa/totp/activate/", {"code": code(client.session["mfa.totp.secret"])})
    added = AuditEntry.objects.filter(verb="add-factor", object=f"user:{user.pk}")
    assert [entry.facts for entry in added] == [{"type": "totp"}]
    new = PASSWORD + " again"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/en/accounts/password/change/", form)
    assert newest() == ("change-password", f"user:{user.pk}", f"user:{user.pk}")
    assert client.get("/en/today/").status_code == 302  # signed out with the old password


@pytest.mark.parametrize(
    "path", ["accounts/login/", "accounts/2fa/", "accounts/2fa/webauthn/", "accounts/password/change/", "me/"]
)
def test_persian__has_no_latin_word_left(office, path):
    user, secret = member(office)
    client = signed_in(user.email, secret) if "login" not in path else Client(SERVER_NAME="localhost")
    page = client.get(f"/fa/{path}").content.decode()
    main = re.search(r"<main.*</main>", page, re.DOTALL).group()
    text = re.sub(r"<(script|style|select).*?</\1>|<[^>]+>", " ", main, flags=re.DOTALL)
    text = text.replace(user.email, "").replace(user.name, "")
    assert re.findall("[A-Za-z]{2,}|[0-9]", text) == []


def test_address__of_ipv6_is_counted_by_its_network(settings):
    def counted(address):
        return limits.visitor(RequestFactory().get("/", REMOTE_ADDR=address))

    settings.HTTPS = False
    assert counted("2001:db8:1:2::1") == counted("2001:db8:1:2:ffff::9") != counted("2001:db8:1:3::1")
    assert counted("192.0.2.1") != counted("192.0.2.2")
    for prefix in ("::ffff:", "64:ff9b::"):  # the same visitor, met by IPv6: mapped, and through NAT64
        assert counted(f"{prefix}192.0.2.1") == counted("192.0.2.1") != counted(f"{prefix}192.0.2.2")
    assert counted("fe80::1%eth0") == counted("fe80::2%eth1")
    assert counted("no address") == counted("no address")
