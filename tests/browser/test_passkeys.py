"""Passkeys in a real browser with a virtual authenticator: added, used alone, and refused in words."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.browser import lead_on
from tests.browser.test_public import _faults

PASSWORD = "four quiet words together"
NEWCOMER = """
import django
django.setup()
from mahalleh_site.people.actions import invite
from mahalleh_site.people.models import Organisation
office = Organisation.objects.get(kind="university")
made = invite(by="system:test", email="{email}", name="Mina", organisation=office, role="analyst")
print(made.uid, made.token)
"""
CLOSE = """
import django
django.setup()
from mahalleh_site.people.actions import set_active
from mahalleh_site.people.models import User
set_active(by="system:test", user=User.objects.get(email="{email}"), active=False)
"""


@pytest.fixture
def newcomer(served_environment):
    """Makes an account in the served city: `newcomer("a@b.example")` is the path of its first link."""

    def make(email: str) -> str:
        return "/en/welcome/{}/{}/".format(*run(NEWCOMER.format(email=email), served_environment).split())

    return make


def run(script: str, environment: dict[str, str]) -> str:
    """What a script prints that runs beside the served city, on its database."""
    environment = environment | {"DJANGO_SETTINGS_MODULE": "mahalleh_site.settings"}
    command = [sys.executable, "-W", "ignore", "-c", script]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def by_name(served):
    """The served address by a host name: a passkey belongs to a name, not to a number."""
    return served.replace("127.0.0.1", "localhost")


def authenticator(page, *, verifies: bool = True):
    """A phone that vouches for its owner without asking."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, added["authenticatorId"]


def signed_in(page, base: str, path: str, email: str) -> None:
    """Set the first password and sign in: what follows is the page of the second factor."""
    page.goto(base + path)
    page.locator("input[name=password]").fill(PASSWORD)
    lead_on(page.locator("main form button"))
    page.wait_for_url("**/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    lead_on(page.locator("main form button.button:not(.quiet)"))
    page.wait_for_url("**/accounts/2fa/")


def add_key(page, *, alone: bool) -> None:
    """Add a key with the password asked once more."""
    lead_on(page.locator("a[href$='/webauthn/add/']"))
    if "reauthenticate" in page.url:
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form button").click()
        page.wait_for_url("**/webauthn/add/")
    page.locator("input[name=name]").fill("my phone")
    if alone:
        page.locator("input[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()


@pytest.mark.slow("eight pages and two signings in one walk")
def test_passkey__signs_in_alone_until_the_account_is_closed(window, by_name, newcomer, served_environment):
    with window(phone=True) as seen:
        page = seen.page
        authenticator(page)
        signed_in(page, by_name, newcomer("mina@city.example"), "mina@city.example")
        add_key(page, alone=True)
        page.wait_for_url("**/recovery-codes/")
        assert page.locator(".codes code").count() == 10
        assert _faults(page) == []
        page.goto(by_name + "/en/accounts/2fa/webauthn/")
        assert page.locator(".waiting li").count() == 1
        assert _faults(page) == []

        page.goto(by_name + "/en/me/")
        lead_on(page.locator("form[action$='/accounts/logout/'] button"))
        page.wait_for_url("**/en/")
        page.goto(by_name + "/en/accounts/login/")
        page.locator("#passkey_login").click()
        page.wait_for_url("**/en/today/")
        assert "Mina" in page.locator("h1").inner_text()

        run(CLOSE.format(email="mina@city.example"), served_environment)
        page.goto(by_name + "/en/today/")
        page.wait_for_url("**/accounts/login/**")  # signed out where the account was open
        page.goto(by_name + "/en/accounts/login/")
        page.locator("#passkey_login").click()
        page.get_by_text("is not right").wait_for()
        assert page.url.endswith("/en/accounts/login/")


def test_security_key__is_the_second_step_after_the_password(window, by_name, newcomer):
    with window() as seen:
        page = seen.page
        authenticator(page)
        signed_in(page, by_name, newcomer("omid@city.example"), "omid@city.example")
        add_key(page, alone=False)
        page.wait_for_url("**/recovery-codes/")
        spare = page.locator(".codes code").first.inner_text()
        page.context.clear_cookies()
        for way in ("key", "spare code"):
            page.goto(by_name + "/en/accounts/login/")
            page.locator("input[name=login]").fill("omid@city.example")
            page.locator("input[name=password]").fill(PASSWORD)
            lead_on(page.locator("main form button.button:not(.quiet)"))
            page.wait_for_url("**/2fa/authenticate/")
            assert _faults(page) == []
            if way == "key":
                page.locator("#mfa_webauthn_authenticate").click()
            else:
                page.locator("input[name=code]").fill(spare)
                lead_on(page.locator("main form button.button:not(.quiet)"))
            page.wait_for_url("**/en/today/")
            page.context.clear_cookies()


def test_passkey__that_is_refused_says_so_and_changes_nothing(window, by_name):
    with window() as seen:
        page = seen.page
        authenticator(page)  # an empty one: it holds no key of this city
        page.goto(by_name + "/en/accounts/login/")
        assert page.locator("#passkey-trouble").is_hidden()
        page.locator("#passkey_login").click()
        page.locator("#passkey-trouble").wait_for(state="visible")
        assert re.search("The key was not used", page.locator("#passkey-trouble").inner_text())
        assert page.url.endswith("/en/accounts/login/")


def test_passkey__offers_no_button_without_script(window):
    with window(script=False) as seen:
        page = seen.go("/fa/accounts/login/")
        assert page.locator("#passkey_login").is_hidden()
        assert page.locator("noscript").first.is_visible()
