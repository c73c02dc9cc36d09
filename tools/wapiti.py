"""Lets a scanner that others wrote look at the sample city, as a stranger and as each of its invented people.

    python3 -m venv SOMEWHERE && SOMEWHERE/bin/pip install wapiti3
    python -m tools.wapiti SOMEWHERE/bin/wapiti

Wapiti has an environment of its own and never enters the lock: what it needs is nothing that we run. The
city is founded for it in a temporary folder and gone afterwards, since a scanner fills in every form.
What it finds is printed, and answered in `docs/trust.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

from mahalleh_site.people.rules import ROLES

MAHALLEH: Final = [sys.executable, "-m", "mahalleh.cli"]
SMALL: Final = [
    "--areas",
    "6",
    "--weeks",
    "60",
    "--no-past",
]  # the smallest city: pages are of the same kinds
STRANGER: Final = "stranger"
# all but those that ask a server on the internet, or look for the known faults of other programs
MODULES: Final = (
    "backup", "brute_login_form", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess",
    "http_headers", "ldap", "methods", "permanentxss", "redirect", "shellshock", "sql", "timesql", "upload",
    "xss",
)  # fmt: skip
# whoever is signed out looks at nothing more: forms that end sessions, roles or accounts
LEAVING: Final = (
    "accounts/logout/", "me/sign-out-everywhere/", "me/close/", "demo/enter/", "roles/*/end/",
    "roles/*/change/", "people/*/active/", "people/*/erase/", "people/*/forget-factors/",
)  # fmt: skip
PATIENCE: Final = 240.0  # seconds for the city to answer on a busy machine


def main() -> None:
    """Found, serve, enter, scan, and print what was found, role by role."""
    parser = argparse.ArgumentParser(prog="python -m tools.wapiti", description=__doc__)
    parser.add_argument("wapiti", type=Path, help="the command, in its own environment")
    parser.add_argument("roles", nargs="*", default=(STRANGER, *ROLES), help="who looks (default: everybody)")
    parser.add_argument("--crawl", type=int, default=120, help="seconds of looking for pages")
    parser.add_argument("--attack", type=int, default=60, help="seconds for each kind of attack")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, served(Path(home)) as address:
        for role in given.roles:
            begins, cookies = (f"{address}/en/", "") if role == STRANGER else entered(address, role)
            seconds = ["--max-scan-time", str(given.crawl), "--max-attack-time", str(given.attack)]
            report = scanned(given.wapiti, begins, cookies, Path(home), seconds)
            print(f"{role}: {report['infos']['crawled_pages_nbr']} pages")
            for line in findings(report):
                print(f"  {line}", flush=True)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of a sample city of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAHALLEH_")}
    environment["MAHALLEH_VAR"] = str(home / "var")
    command = [*MAHALLEH, "demo", "--address", where, *SMALL]
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            until = time.monotonic() + PATIENCE
            while not _answers(f"http://{where}/healthz"):
                if server.poll() is not None or time.monotonic() > until:
                    sys.exit((home / "log").read_text(encoding="utf-8"))
                time.sleep(0.5)
            yield f"http://{where}"
        finally:
            server.terminate()
            server.wait(timeout=60)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310  (our own server)
            return bool(answer.status == 200)
    except URLError:
        return False


def entered(address: str, role: str) -> tuple[str, str]:
    """Where an invented person arrives who has just entered, and their cookies as one header."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    with browser.open(f"{address}/en/accounts/login/") as page:
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    form = urlencode({"csrfmiddlewaretoken": token, "role": role}).encode()
    request = Request(f"{address}/en/demo/enter/", form, {"Origin": address})  # noqa: S310  (our own server)
    with browser.open(request) as page:
        if "login" in page.url:
            sys.exit(f"nobody could enter as {role}")
        return page.url, "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def scanned(wapiti: Path, begins: str, cookies: str, home: Path, seconds: list[str]) -> dict[str, Any]:
    """What Wapiti reports of everything that it reaches from an address with these cookies."""
    report, kept = home / "report.json", tempfile.mkdtemp(dir=home)
    left_out = [urljoin(begins, f"/{language}/{each}") for language in ("en", "fa") for each in LEAVING]
    command = [
        wapiti, "-u", begins, "--scope", "domain", "-m", ",".join(MODULES), "-f", "json", "-o", report,
        *(part for address in left_out for part in ("-x", address)), *seconds,
        "--store-session", kept, "--store-config", kept, "--no-bugreport", "-v", "0",
        *(["-H", f"Cookie: {cookies}"] if cookies else []),
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home)
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return told


def findings(report: dict[str, Any]) -> Iterator[str]:
    """Each finding in a line: its kind, what it says without the address, how often, and where at first."""
    found: dict[str, list[str]] = {}
    for part in ("vulnerabilities", "anomalies", "additionals"):
        for kind, several in report[part].items():
            for each in several:
                told = re.sub(r"https?://\S+", "…", each["info"].splitlines()[0])[:160]
                where = f"{each['method']} {each['path'].partition('?')[0]} {each['parameter'] or ''}".strip()
                found.setdefault(f"{kind}: {told}", []).append(where)
    for line, places in sorted(found.items()):
        yield f"{line} ({len(places)} times, first {places[0]})"


if __name__ == "__main__":
    main()
