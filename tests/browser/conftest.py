"""A real browser and a real server: the sample city, founded and served by the command itself.

Set MAHALLEH_CHROMIUM where Chromium stands elsewhere, MAHALLEH_SCREENSHOTS to keep pictures of what was seen.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.browser import CHROMIUM

INSTALL = "apt-get install chromium fonts-noto-core"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 240  # seconds for founding a city on a slow machine
QUIET, STEP = (
    60,
    20,
)  # ms without a request: what scripts fetch, they ask for at once; "networkidle" waits 500
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ROOT = Path(__file__).resolve().parent.parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium stands; a skip that says how to get it, but a failure in CI."""
    path = shutil.which(os.environ.get("MAHALLEH_CHROMIUM", CHROMIUM))
    if path is None:
        word = f"no Chromium here; to run the browser tests: {INSTALL}"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    return path


@pytest.fixture(scope="session")
def served_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the served city's own commands: a folder of its own, nothing of ours."""
    folder = tmp_path_factory.mktemp("browser") / "var"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAHALLEH_", "DJANGO_"))}
    environment |= {"MAHALLEH_VAR": str(folder), "PYTHONPATH": str(ROOT / "src")}
    return environment


@pytest.fixture(scope="session")
def served(chromium: str, served_environment: dict[str, str]) -> Iterator[str]:
    """The address of the sample city, served as an operator would serve it."""
    environment = served_environment
    folder = Path(environment["MAHALLEH_VAR"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = folder.parent / "server.log"
    mahalleh = [sys.executable, "-m", "mahalleh.cli"]
    found = [*mahalleh, "demo", "--no-serve", "--areas", "24", "--weeks", "120", "--no-past"]
    command = [*mahalleh, "serve", "--address", address, "--workers", "1"]
    with log.open("w", encoding="utf-8") as output:
        subprocess.run(
            found,
            env=environment,
            cwd=folder.parent,
            stdout=output,
            stderr=output,
            check=True,
            timeout=PATIENCE,
        )
        server = subprocess.Popen(command, env=environment, cwd=folder.parent, stdout=output, stderr=output)
        try:
            _await(f"http://{address}/healthz", server, log)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if server.poll() is not None:
            pytest.fail(f"the server ended:\n{log.read_text(encoding='utf-8')}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  (our own server)
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the server did not answer:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all tests; each test opens windows of its own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


class Seen:
    """A window and all that it asked for and complained of."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.unanswered: set[Request] = set()
        page.on("request", self._ask)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _ask(self, request: Request) -> None:
        self.asked.append(request.url)
        self.unanswered.add(request)

    def _end(self, request: Request) -> None:
        self.unanswered.discard(request)

    def go(self, path: str) -> Page:
        """Open a path of the site and wait until it is quiet."""
        answer = self.page.goto(self.base + path)
        if answer is None or answer.status != 200:
            raise AssertionError(f"{path}: {answer and answer.status}")
        quiet = 0
        while quiet < QUIET:
            self.page.wait_for_timeout(STEP)
            quiet = 0 if self.unanswered else quiet + STEP
        return self.page

    @property
    def strangers(self) -> list[str]:
        """Requests to other servers."""
        return [url for url in self.asked if not url.startswith((self.base, "data:"))]


@pytest.fixture
def window(browser: Browser, served: str) -> Callable[..., Any]:
    """Opens windows: `with window(phone=True, dark=True, script=False) as seen: seen.go("/fa/")`."""

    return contextmanager(partial(_opened, browser, served))


def _opened(
    browser: Browser, base: str, *, phone: bool = False, dark: bool = False, script: bool = True
) -> Iterator[Seen]:
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        has_touch=phone,
        reduced_motion="reduce",
    )
    try:
        yield Seen(context.new_page(), base)
    finally:
        context.close()
