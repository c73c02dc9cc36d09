"""The people room in a real browser: entering the demonstration, the staff's pages, signing out."""

from __future__ import annotations

import pytest

from tests.browser import lead_on
from tests.browser.test_public import _faults, _keep

STAFF = {
    "today": "today/",
    "me": "me/",
    "organisations": "organisations/",
    "organisation": "organisations/1/",
    "new-organisation": "organisations/new/",
    "change-organisation": "organisations/1/change/",
    "invite": "organisations/1/invite/",
    "audit": "audit/",
    "second-factor": "accounts/2fa/",
    "person": "people/1/",
    "add-app": "accounts/2fa/totp/activate/",
    "keys": "accounts/2fa/webauthn/",
}


def enter(page, language: str, role: str):
    """Into the demonstration, as a person would: the form is guarded against forgery."""
    lead_on(page.locator(f"form.roles button[value={role}]"))
    page.wait_for_url(f"**/{language}/today/")
    return page


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_staff_pages__are_accessible_and_fit_the_window(window, language, phone):
    with window(phone=phone) as seen:
        page = seen.go(f"/{language}/accounts/login/")
        assert _faults(page) == []
        _keep(page, f"login-{language}-{'phone' if phone else 'desk'}")
        enter(page, language, "administrator")
        for name, path in STAFF.items():
            page = seen.go(f"/{language}/{path}")
            assert page.locator("h1").count() == 1, name
            assert _faults(page) == [], name
            wide = page.locator("html").bounding_box()["width"]
            assert wide <= page.viewport_size["width"], f"{name} is wider than the window"
            _keep(page, f"{name}-{language}-{'phone' if phone else 'desk'}")
        assert seen.strangers == []
        assert seen.complaints == []


def test_entering__works_without_script_and_sign_out_leaves_no_cookie(window):
    with window(phone=True, script=False) as seen:
        page = enter(seen.go("/fa/accounts/login/"), "fa", "analyst")
        assert {cookie["sameSite"] for cookie in page.context.cookies()} == {"Strict"}
        page = seen.go("/fa/me/")
        lead_on(page.locator("form[action$='/accounts/logout/'] button"))
        page.wait_for_url("**/fa/")
        assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] == "session"] == []
        page.goto(seen.base + "/fa/today/")
        assert "/fa/accounts/login/" in page.url
