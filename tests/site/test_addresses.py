"""Every address against every role, headers on every answer, and nothing kept of who asked."""

from __future__ import annotations

import gzip
import io
import re
from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache, caches
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from mahalleh_site.house import rooms
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import ApiKey, Report, Route, Template
from mahalleh_site.people import demo
from mahalleh_site.people.models import AuditEntry, Membership, Organisation, User
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.sealed import form_token
from mahalleh_site.watch.models import Decision, Signal
from tests.site.watch import samples

ROLES = ("coordinator", "officer", "social-worker", "partner", "analyst", "auditor", "administrator")
OF_REPORTS = {"report-staff", "report-contact", "report-photo", "work-report"}
# Who may open each address that asks for a role or an account, as the rooms state it. Of a report, only those
# whose organisation it reached: here the coordinator's.
STAFF = {name: roles for each in rooms.rooms() for name, roles in each.room.roles.items()} | dict.fromkeys(
    OF_REPORTS, frozenset({"coordinator"})
)
OWN = {
    "end-my-sessions",
    "close-my-account",
    "close-my-key",
    "give-access",
}  # about whoever asks: there is no other person to harm
FOR_OTHERS = {"end-role", "change-role", "renew-link", "forget-factors", "set-active", "erase"}
SET_UP = {"remove-route", "remove-answer", "new-program", "end-program"}
POST_ONLY = OWN | FOR_OTHERS | SET_UP | {"report-contact", "work-report"}
KEYED = {"signal", "decide-signal"}
SETTINGS = {
    "remove-route": Route,
    "change-answer": Template,
    "remove-answer": Template,
    "end-program": ApiKey,
}
NUMBERED = FOR_OTHERS | {"organisation", "change-organisation", "invite", "person"}


def arguments(name):
    """What an address asks for: the first organisation, a role in it, its account, or the one signal."""
    if name in KEYED:
        return [Signal.objects.get().pk]
    if name in OF_REPORTS:
        report = Report.objects.get()
        rest = {"report-photo": [report.photos.get().pk], "work-report": ["take"]}
        return [report.number, *rest.get(name, [])]
    if name in SETTINGS:
        return [SETTINGS[name].objects.order_by("pk").first().pk]
    if name not in NUMBERED:
        return []
    membership = Membership.objects.order_by("pk").first()
    if name in ("end-role", "change-role"):
        return [membership.pk]
    of_organisation = "organisation" in name or name == "invite"
    return [membership.organisation_id if of_organisation else membership.user_id]


def patterns(resolver=None):
    """Every (name, view) of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        elif isinstance(entry, URLPattern):
            yield entry.name, entry.callback


def kind(name, view):
    """How an address is guarded; each has exactly one way."""
    ways = {
        "public": getattr(view, "public_page", False),
        "machine": getattr(view, "machine_page", False),
        "staff": hasattr(view, "requires"),
        "open": hasattr(view, "open_because"),
        "allauth": (name or "").startswith(("account_", "mfa_")),
    }
    return [way for way, holds in ways.items() if holds]


@pytest.fixture
def people(city, settings):
    """The demonstration's people, by role, in a demonstration."""
    settings.CITY = replace(city, mode="demo")
    samples.stored()
    report_to_the_municipality()
    return {role: User.objects.get(email=f"{role}@demo.invalid") for role in ROLES}


def report_to_the_municipality():
    """A report with a photo, and one of each thing that can be set up for reports."""
    home = Organisation.objects.get(kind="municipality")
    setup.add_route(by="system:test", organisation=home)
    setup.save_template(by="system:test", name_fa="الف", name_en="A", text_fa="ب", text_en="B")
    setup.make_api_key(by="system:test", organisation=home, name="program")
    form, topic = form_token.new(Report.ROOM), Topic.objects.filter(kind="need", sensitivity="open").first()
    intake.keep_photos([b"a photo"], token=form)
    intake.send(intake.Submission(topic, Area.objects.first(), None, "The lamp is out."), token=form)


def entered(role):
    client = Client(SERVER_NAME="localhost")
    assert client.post("/en/demo/enter/", {"role": role}).status_code == 302
    return client


def test_addresses__are_each_guarded_in_exactly_one_way():
    unguarded = {name: kind(name, view) for name, view in patterns() if len(kind(name, view)) != 1}
    assert unguarded == {}


def test_addresses__that_ask_for_a_role_all_stand_in_the_matrix():
    assert {name for name, view in patterns() if kind(name, view) == ["staff"]} == set(STAFF)
    assert frozenset().union(*STAFF.values()) == set(ROLES)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_matrix__lets_each_role_into_its_addresses_and_no_other(people, role):
    client = entered(role) if role else Client(SERVER_NAME="localhost")
    found = {}
    for name in STAFF:
        if name in POST_ONLY:
            continue
        found[name] = client.get(reverse(name, args=arguments(name))).status_code
    expected = {
        name: 302 if role is None else 200 if role in allowed else 404
        for name, allowed in STAFF.items()
        if name not in POST_ONLY
    }
    assert found == expected


@pytest.mark.parametrize("role", ROLES)
def test_matrix__holds_for_addresses_that_change_something(people, role):
    if role == "administrator":
        return  # what an administrator may do is tested where it is done
    client = entered(role)
    before = AuditEntry.objects.count()
    for name in sorted(FOR_OTHERS):
        answer = client.post(reverse(name, args=arguments(name)), {"active": "no", "role": "coordinator"})
        assert answer.status_code == 404, name
        assert client.get(reverse(name, args=arguments(name))).status_code == 405, name
    if role != "coordinator":
        for name in sorted(SET_UP | {"report-contact", "work-report"}):
            assert client.post(reverse(name, args=arguments(name))).status_code == 404, name
    for name in ("new-organisation", "invite"):
        form = {
            "name": "X",
            "name_fa": "ی",
            "name_en": "X",
            "kind": "ngo",
            "email": "x@y.zz",
            "role": "partner",
        }
        assert client.post(reverse(name, args=arguments(name)), form).status_code == 404, name
    if role != "coordinator":
        form = {"verb": "watch", "reason": "Nobody asked me to decide.", "considered": ["talk"]}
        address = reverse("decide-signal", args=arguments("decide-signal"))
        assert client.post(address, form).status_code == 404
    assert Decision.objects.count() == 0
    assert AuditEntry.objects.count() == before


def test_refusal__looks_like_a_page_that_is_not_there(people):
    client = entered("partner")
    refused, missing = client.get("/en/audit/"), client.get("/en/nothing-here/")
    assert refused.status_code == missing.status_code == 404
    strip = re.compile(rb"/(fa|en)/[a-z-]+/")
    assert strip.sub(b"", refused.content) == strip.sub(b"", missing.content)


def test_entering_as_anyone__exists_in_the_demonstration_alone(people, city, settings):
    client = Client(SERVER_NAME="localhost")
    assert b'name="role"' in client.get("/en/accounts/login/").content
    settings.CITY = replace(city, mode="live")
    live = Client(SERVER_NAME="localhost")
    assert b'name="role"' not in live.get("/en/accounts/login/").content
    assert live.post("/en/demo/enter/", {"role": "administrator"}).status_code == 404
    assert "_auth_user_id" not in live.session


def test_demo_accounts__may_do_nothing_in_a_live_city(people, city, settings):
    client = entered("administrator")
    settings.CITY = replace(city, mode="live")
    answer = client.get("/en/organisations/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/accounts/2fa/")


SOME = (
    "/",
    "/en/",
    "/fa/",
    "/en/topics/",
    "/en/data/",
    "/fa/nothing/",
    "/healthz",
    "/en/accounts/login/",
    "/en/today/",
)


@pytest.mark.parametrize("path", [*SOME, "/static/ui/mahalleh.css", "/en/?measure=%ff", "/%ff"])
def test_headers__stand_on_every_answer(city, path):
    headers = Client(SERVER_NAME="localhost").get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    forms = path in ("/en/accounts/login/", "/en/today/")  # a browser posts no form under no-referrer
    assert headers["Referrer-Policy"] == ("same-origin" if forms else "no-referrer")
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "Cache-Control" in headers


def test_headers__keep_private_pages_out_of_every_cache(people):
    for path in ("/en/today/", "/en/audit/", "/en/signals/", "/en/accounts/login/"):
        assert "no-store" in entered("auditor").get(path).headers["Cache-Control"]


def test_headers__ask_for_https_where_it_is_served(city, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client(SERVER_NAME="localhost").get("/en/").headers["Location"].startswith("https://")
    assert Client(SERVER_NAME="localhost").get("/healthz").status_code == 200


def test_public_pages__set_no_cookie_even_for_who_is_signed_in(people):
    client = entered("analyst")
    for path in ("/en/", "/fa/topics/", "/en/data/", "/en/methods/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in str(answer.headers)
        assert answer.cookies == {}


def test_public_pages__are_the_same_bytes_for_everyone_and_come_packed(city):
    first = Client(SERVER_NAME="localhost", headers={"Accept-Encoding": "gzip"}).get("/en/")
    again = Client(SERVER_NAME="localhost", headers={"Accept-Encoding": "gzip", "Cookie": "a=b"}).get("/en/")
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.content == again.content
    kept = Client(SERVER_NAME="localhost", headers={"If-None-Match": first.headers["ETag"]}).get("/en/")
    assert (kept.status_code, kept.content) == (304, b"")


def test_public_pages__refuse_a_foreign_host(city):
    assert Client(SERVER_NAME="evil.example").get("/en/").status_code == 400


MARKS = ("203.0.113.77", "Marker-Browser/9.9", "marker-search-words")


def test_nothing__is_kept_of_who_asked(people, capsys, caplog, tmp_path):
    """Ask with markers, sign in wrongly with markers, then search database, cache, sessions and logs."""
    cache.clear()
    extra = {"REMOTE_ADDR": MARKS[0], "HTTP_USER_AGENT": MARKS[1]}
    client = Client(SERVER_NAME="localhost", **extra)
    client.raise_request_exception = False
    for path in (*SOME, f"/en/find/?q={MARKS[2]}", f"/fa/areas/{MARKS[2]}/"):
        client.get(path)
    for _ in range(7):
        client.post("/en/accounts/login/", {"login": "auditor@demo.invalid", "password": "wrong words here"})
    client.post("/en/demo/enter/", {"role": "auditor"})
    client.get("/en/audit/")
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    sessions = [session.get_decoded() for session in Session.objects.all()]  # a dump holds them packed
    kept = "".join(
        [
            dump.getvalue(),
            repr(sessions),
            *(repr((key, cache.get(key.split(":", 2)[2]))) for key in list(cache._cache)),
            *(unpacked(caches["pages"].get(key.split(":", 2)[2])) for key in list(caches["pages"]._cache)),
        ]
    )
    logs = capsys.readouterr()
    assert len(sessions) > 0
    assert len(cache._cache) > 0
    assert len(caches["pages"]._cache) > 0
    for mark in MARKS[:2]:
        assert mark not in kept + logs.err + logs.out + caplog.text, mark
    assert MARKS[2] not in kept


def unpacked(page):
    """A kept page with its text readable."""
    return repr(page) + (gzip.decompress(page.body) if page.packed else page.body).decode()


def test_limits__outlive_a_flood_of_addresses(city, settings):
    """Whoever asks for many addresses cannot push the counts of wrong passwords out of memory."""
    cache.clear()
    client = Client(SERVER_NAME="localhost")
    client.post("/en/accounts/login/", {"login": "a@b.example", "password": "wrong words here"})
    counted = set(cache._cache)
    assert counted
    for number in range(settings.CACHES["pages"]["OPTIONS"]["MAX_ENTRIES"] + 50):
        caches["pages"].set(f"public:{number}", "x")
    client.get("/en/?nothing=1")
    assert counted <= set(cache._cache)
    assert len(caches["pages"]._cache) <= settings.CACHES["pages"]["OPTIONS"]["MAX_ENTRIES"]


def test_public_pages__come_unpacked_to_who_cannot_unpack(city):
    packed = Client(SERVER_NAME="localhost", headers={"Accept-Encoding": "gzip"}).get("/en/topics/")
    plain = Client(SERVER_NAME="localhost").get("/en/topics/")
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] == plain.headers["ETag"]


FORBIDDEN = re.compile(
    r"score|risk|profile|suspect|offend|watch.?list|gang|ethnic|religio|face|(?<!tem)plate|fingerprint|ip_|_ip$|agent|device",
    re.IGNORECASE,
)


def test_models__hold_no_score_profile_or_suspect_and_nothing_of_a_visitor():
    from django.apps import apps

    ours = [model for model in apps.get_models() if model.__module__.startswith("mahalleh_site")]
    names = {f"{m.__name__}.{field.name}" for m in ours for field in m._meta.get_fields()}
    names |= {model.__name__ for model in ours}
    assert len(names) > 40
    assert {name for name in names if FORBIDDEN.search(name)} == set()


def test_models__name_every_field_that_is_about_a_person():
    """Guard-rail 14: whatever is stored about staff stands in this list, with how long it is kept."""
    kept = {
        "User": "while the account exists: email, name, language, password, last_login, joined_at",
        "Membership": "for ever, as who was responsible when",
        "MemberKey": "while the account exists: its key pair, the private half wrapped",
        "KeyShare": "while the role is held: an organisation's key, sealed to the account",
        "AuditEntry": "for ever, as the record of what was done",
        "Step": "for ever, as who led a report on; its reason is sealed and goes with the report's words",
        "Decision": "for ever, as who decided on a signal, in which role, and why",
    }
    from django.apps import apps

    about = {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("mahalleh_site")
        and ({"user", "email", "by"} & {field.name for field in model._meta.get_fields()})
    }
    assert about == set(kept)


def test_actions__are_the_only_writers():
    """No view, form or query of the site saves, creates, updates or deletes."""
    from pathlib import Path

    import mahalleh_site

    writing = re.compile(
        r"\.(save|delete|create|bulk_create|get_or_create|update_or_create)\(|objects.*\.update\("
    )
    reads = ("views.py", "forms.py", "queries.py", "rules.py", "permissions.py")
    root = Path(mahalleh_site.__file__).parent
    files = [
        path for path in root.rglob("*.py") if path.name in reads or path.parent.name in ("queries", "views")
    ]
    assert len(files) > 8
    lines = [(path, line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    guilty = {f"{path.relative_to(root)}: {line.strip()}" for path, line in lines if writing.search(line)}
    assert guilty == set()


def test_invited__by_actions_alone(city):
    assert demo.PEOPLE.keys() == set(ROLES)


@pytest.mark.parametrize(
    "path", ["/en/areas/%00/", "/en/?topic=%00", "/en/tell/?area=%00", "/en/reports/%00/"]
)
def test_address_that_is_no_text__is_not_there(city, path):
    assert Client(SERVER_NAME="localhost").get(path).status_code == 404
