"""Limits: one count for all processes, that names nobody, ends with its window and cannot be flooded away."""

from __future__ import annotations

import multiprocessing
import stat

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache, caches
from django.test import Client
from django.utils import timezone

from mahalleh_site.people import actions, doctor, limits, shared_counts
from mahalleh_site.people.adapters import WRONG
from mahalleh_site.people.known_browser import DAYS
from mahalleh_site.people.shared_counts import SharedCounts
from tests.site.people.test_accounts import LOGIN, PASSWORD, code, member, office, signed_in  # noqa: F401

pytestmark = pytest.mark.django_db
STEP = 30  # seconds of an authenticator's code


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def counts(tmp_path):
    made = SharedCounts(str(tmp_path / "counts"), {"OPTIONS": {"MAX_ENTRIES": 100}})
    yield made
    made.table.remove()


def _counted(_number):
    return [limits.count("reports", "somebody", seconds=60) for _ in range(25)]


def test_counts__are_one_for_all_processes():
    with multiprocessing.get_context("fork").Pool(4) as processes:
        found = sorted(number for part in processes.map(_counted, range(4)) for number in part)
    assert found == list(range(1, 101))  # none twice: two that count at once do not count as one


def test_used_code__opens_in_no_process_as_long_as_the_app_lets_it_in(office):  # noqa: F811
    user, secret = member(office)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = code(secret, steps_ago=-1)  # of a clock that is half a minute ahead
        assert TOTP(user.authenticator_set.get()).validate_code(first)
        cache.clear()
        client = Client(SERVER_NAME="localhost")
        client.post(LOGIN, {"login": user.email, "password": PASSWORD})
        assert client.post("/en/accounts/2fa/authenticate/", {"code": first}).status_code == 302
        for _ in range(2):
            clock.shift(STEP)
            again = Client(SERVER_NAME="localhost")
            again.post(LOGIN, {"login": user.email, "password": PASSWORD})
            refused = again.post("/en/accounts/2fa/authenticate/", {"code": f"{first[:3]} {first[3:]}"})
            assert "This code is not right" in refused.content.decode()


def test_counts__name_nobody_and_are_for_this_account_alone(counts):
    counts.set("limit:sign-in:marker", 1, 60)
    kept = counts.table.path.read_bytes()
    assert b"marker" not in kept
    assert b"sign-in" not in kept
    assert stat.S_IMODE(counts.table.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(counts.table.path.parent.stat().st_mode) == 0o700


def test_counts__are_found_with_the_citys_key_alone(counts, settings, tmp_path):
    """Whoever sees the table learns nothing by trying names."""
    settings.SECRET_KEY = "another key " * 5
    other = SharedCounts(str(tmp_path / "other"), {})
    for made in (counts, other):
        made.set("limit:reports:marker", 1, 60)
    rows = [set(made.table.run("SELECT key, kind FROM counts", {}).pop()) for made in (counts, other)]
    assert rows[0] & rows[1] == set()
    other.table.remove()


def test_counts__are_gone_after_their_window_byte_by_byte(counts):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        counts.set("limit:reports:x", 1, 60)
        row = counts._named("limit:reports:x", None)["key"]
        assert row in counts.table.path.read_bytes()
        clock.shift(61)
        assert counts.get("limit:reports:x") is None
        counts.sweep()
    assert row not in counts.table.path.read_bytes()
    assert not counts.table.path.with_name(f"{shared_counts.FILE}-journal").read_bytes()


def test_flood_of_one_kind__pushes_out_no_count_of_another(counts):
    counts.set("limit:sign-in:owner", 7, 60)
    for number in range(300):
        counts.set(f"limit:receipts:{number}", 1, 3600)
    counts.sweep()
    assert counts.get("limit:sign-in:owner") == 7
    assert len(counts.table.run("SELECT 1 FROM counts", {})) == 101


def test_folder_of_somebody_else__is_not_used_and_the_house_goes_on(tmp_path, caplog, monkeypatch):
    (tmp_path / "counts").mkdir(mode=0o777)
    (tmp_path / "counts").chmod(0o777)
    made = SharedCounts(str(tmp_path / "counts"), {})
    assert made.add("limit:a:b", 0)
    assert made.incr("limit:a:b") == 1
    assert not list((tmp_path / "counts").iterdir())
    assert "limits are not shared" in caplog.text
    monkeypatch.setattr(limits, "_shared", lambda: made)
    assert [finding.code for finding in doctor.shared_limits()] == ["doctor.limits-apart"]
    made.table.remove()


def test_file_that_a_crash_broke__is_begun_anew(tmp_path):
    (tmp_path / "counts").mkdir(mode=0o700)
    (tmp_path / "counts" / shared_counts.FILE).write_bytes(b"no table" * 1000)
    made = SharedCounts(str(tmp_path / "counts"), {})
    made.set("limit:a:b", 3, 60)
    assert made.get("limit:a:b") == 3
    assert made.table.path.exists()
    made.table.remove()


def test_cache__keeps_djangos_promises(counts):
    assert counts.add("a", "y", 60) is True
    assert counts.add("a", "n", 60) is False
    assert counts.get("a") == "y"
    counts.set("a", [1.5, 2], None)
    assert counts.get("a") == [1.5, 2]
    assert counts.touch("a", 60) is True
    assert counts.delete("a") is True
    assert (counts.touch("a"), counts.delete("a"), counts.get("a", 5)) == (False, False, 5)
    with pytest.raises(ValueError, match="no such count"):
        counts.incr("a")


def test_server_that_stops__leaves_nothing(settings):
    limits.count("reports", "somebody", seconds=60)
    path = caches["default"].table.path
    assert path.exists()
    assert [finding.code for finding in doctor.shared_limits()] == ["doctor.limits-good"]
    limits.forget()
    assert not path.parent.exists()
    assert limits.count("reports", "somebody", seconds=60) == 1


def test_database__is_not_written_by_a_count(django_assert_num_queries):
    with django_assert_num_queries(0):
        limits.count("reports", "somebody", seconds=60)


def guesses(email, *, times=WRONG + 5, **where):
    client = Client(**{"SERVER_NAME": "localhost", **where})
    return [client.post(LOGIN, {"login": email, "password": "wrong words"}) for _ in range(times)][-1]


def test_guesser__is_slowed_and_the_owner_in_a_known_browser_is_not(office):  # noqa: F811
    user, secret = member(office)
    known = signed_in(user.email, secret)
    known.post("/en/accounts/logout/")
    assert "Too many tries." in guesses(user.email).content.decode()
    right = {"login": user.email, "password": PASSWORD}
    assert known.post(LOGIN, right).headers["Location"].startswith("/en/accounts/2fa/")
    other = Client(SERVER_NAME="localhost", REMOTE_ADDR="192.0.2.9").post(LOGIN, right)
    assert "Too many tries." in other.content.decode()  # or the guesser would learn when one was right


def test_guesser__is_slowed_whatever_the_host_the_letters_and_the_address(office, settings):  # noqa: F811
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    user, _ = member(office)
    for number in range(WRONG):
        where = {"SERVER_NAME": ("localhost", "127.0.0.1")[number % 2], "REMOTE_ADDR": f"192.0.2.{number}"}
        guesses(user.email if number % 3 else user.email.upper(), times=1, **where)
    assert "Too many tries." in guesses(user.email, times=1, REMOTE_ADDR="192.0.2.99").content.decode()


def test_guesser_in_a_known_browser__is_slowed_too(office):  # noqa: F811
    user, secret = member(office)
    known = signed_in(user.email, secret)
    known.post("/en/accounts/logout/")
    wrong = {"login": user.email, "password": "wrong words"}
    pages = [known.post(LOGIN, wrong).content.decode() for _ in range(WRONG + 1)]
    assert ["Too many tries." in page for page in pages[-2:]] == [False, True]


def test_right_passwords__are_no_guesses(office):  # noqa: F811
    user, _ = member(office)
    for _ in range(WRONG + 3):
        answer = Client(SERVER_NAME="localhost").post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_known_browser__names_nobody_and_is_out_of_reach_of_scripts_and_pages(office):  # noqa: F811
    user, secret = member(office)
    cookie = signed_in(user.email, secret).cookies["known"]
    assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Strict", True, "/")
    assert cookie["max-age"] == DAYS * 24 * 3600
    assert user.email not in cookie.value


@pytest.mark.parametrize("how", ["password", "close", "everywhere", "ran out", "another account", "forged"])
def test_known_browser__ends(office, how):  # noqa: F811
    user, secret = member(office)
    other, _ = member(office, email="other@city.example")
    known = signed_in(user.email, secret)
    known.post("/en/accounts/logout/")
    asked, password, later = user.email, PASSWORD, 0
    if how == "password":
        password = PASSWORD + " again"
        actions.set_first_password(by=user, user=user, password=password)
    elif how == "close":
        actions.set_active(by="system:test", user=user, active=False)
        actions.set_active(by="system:test", user=user, active=True)
    elif how == "everywhere":
        actions.end_sessions(by="system:test", user=user)
    elif how == "ran out":
        later = (DAYS + 1) * 24 * 3600
    elif how == "another account":
        asked = other.email
    else:
        known.cookies["known"] = known.cookies["known"].value[:-1] + "x"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        clock.shift(later)
        guesses(asked)
        page = known.post(LOGIN, {"login": asked, "password": password})
    assert "Too many tries." in page.content.decode()


def test_demonstration__leaves_no_lasting_cookie(city):
    client = Client(SERVER_NAME="localhost")
    client.post("/en/demo/enter/", {"role": "auditor"})
    assert "known" not in client.cookies
