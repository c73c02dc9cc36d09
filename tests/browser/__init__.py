"""Tests in a real browser."""

from typing import Any

from playwright.sync_api import Locator

CHROMIUM = "/usr/bin/chromium"


def lead_on(control: Locator, **how: Any) -> None:
    """Click what leads to another page, and wait for it: a click may return while the old page stands."""
    with control.page.expect_navigation():
        control.click(**how)
