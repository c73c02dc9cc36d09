"""A few slow connections do not stop the house: through nginx, and on `mahalleh serve` alone."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks import _attackers as attackers
from benchmarks._attackers import HOST, Connection, Target, ask
from tests.site.commands.test_init import WRITTEN, boundaries
from tests.site.commands.test_init import run as run_command
from tests.site.commands.test_serve import asked
from tools import front

pytestmark = [
    pytest.mark.real_clock("other programs keep the time limits"),
    pytest.mark.slow("a city is founded, served and attacked for half a minute"),
]
MAHALLEH = [sys.executable, "-m", "mahalleh.cli"]
SECONDS = 25.0  # longer than a body is waited for
PATIENCE = 240.0  # seconds for a city to be served on a busy machine
EACH = 20.0  # seconds for a page on a busy machine: a benchmark says how fast it is; stopped is minutes
BARE = ("unfinished posts", "slow readers", "silent connections")


@pytest.fixture(scope="module")
def behind(tmp_path_factory) -> Iterator[int]:
    """The port of a city of four squares, served as behind a web server."""
    folder = tmp_path_factory.mktemp("attacked")
    target = folder / "var"
    done = run_command(target, "init", str(boundaries(folder)), *WRITTEN, "--contact", "a@b.org")
    assert done.returncode == 0, done.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAHALLEH_")}
    environment |= {"MAHALLEH_VAR": str(target), "DJANGO_SETTINGS_MODULE": "mahalleh_site.settings"}
    environment |= {"MAHALLEH_HOSTS": f"{HOST},127.0.0.1"}
    with Path(folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [*MAHALLEH, "serve", "--address", f"127.0.0.1:{port}", "--workers", "1"],
            env=environment,
            stdout=said,
            stderr=said,
        )
    try:
        until = time.monotonic() + PATIENCE
        while asked(f"127.0.0.1:{port}", "/healthz") != 200:
            assert time.monotonic() < until
            time.sleep(0.2)
        yield port
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def attacked(target: Target, names) -> list[float]:
    """Seconds that each page took while all of these attacks went on."""

    async def honest() -> list[float]:
        waits = []
        began = time.monotonic()
        while time.monotonic() - began < SECONDS:
            asked_at = time.monotonic()
            status, page = await ask(target, "/en/", source="127.77.0.1")
            waits.append(time.monotonic() - asked_at)
            assert (status, b"</html>" in page or page[:2] == b"\x1f\x8b") == (200, True)
            await asyncio.sleep(0.5)
        return waits

    async def both() -> list[float]:
        tasks = [asyncio.create_task(attackers.attack(name, target, 150)) for name in names]
        await asyncio.sleep(1.0)
        try:
            return await honest()
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(both())


def style(port: int) -> str:
    """The address of the stylesheet, the largest file of a city without a release."""
    _, page = asyncio.run(ask(Target(port, None, "/"), "/en/", source="127.77.0.1"))
    found = re.search(rb'href="(/static/ui/mahalleh[^"]*\.css)"', page)
    assert found
    return found[1].decode()


def check(waits: list[float]) -> None:
    """Pages came all the while."""
    assert len(waits) >= 3
    assert max(waits) < EACH


def test_serve__alone_answers_under_the_three_attacks_that_stopped_it(behind):
    check(attacked(Target(behind, None, style(behind)), BARE))


def test_serve__behind_nginx_answers_under_all_attacks_by_slowness(behind, begun):
    nginx = begun(behind)
    slow = [name for name in attackers.ATTACKS if name != "large PNG posts"]
    check(attacked(Target(nginx.https, nginx.tls, style(behind)), slow))
    assert nginx.log.read_text(encoding="utf-8") == ""


def test_body__that_comes_too_slowly_is_told_so_on_the_citys_own_page_through_nginx(behind, begun):
    nginx = begun(behind)

    async def one() -> bytes:
        connection = await Connection.open(Target(nginx.https, nginx.tls, "/"), source="127.77.0.2")
        head = f"POST /en/tell/send/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
        try:
            await connection.send((head + kind).encode() + b"abc")
            return await asyncio.wait_for(connection.rest(), 60)
        finally:
            await connection.end()

    answer = asyncio.run(one()).decode()
    assert answer.startswith("HTTP/1.1 408")
    assert "<footer" in answer  # in the frame of the site, not nginx's own words
    assert "smaller photos" in answer


def test_largest_body__is_the_same_for_nginx_and_for_the_city():
    (most,) = re.findall(r"client_max_body_size\s+(\d+)m;", front.SHIPPED.read_text(encoding="utf-8"))
    assert int(most) * 1024 * 1024 == settings.FILE_UPLOAD_MAX_MEMORY_SIZE
