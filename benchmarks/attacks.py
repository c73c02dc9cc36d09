"""Each attack by a few hundred slow connections for a minute, beside 20 readers and two reporters a second.

The sample city is served by two processes behind nginx with the shipped file (`deploy/nginx.conf`). Honest
people come each on a new connection and from an address of their own, on a schedule: who comes late waits in
the figure. A page, or a receipt, counts that is there whole within a second of its turn. First without an
attack.
MAHALLEH_BENCH_SECONDS makes it shorter.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks._attackers import ATTACKS, Target, ask, attack
from benchmarks._timing import row
from tools.front import HOST, Front

SECONDS = int(os.environ.get("MAHALLEH_BENCH_SECONDS", "60"))
READERS, EVERY = 20, 1.0  # each reads a page so often, in seconds
REPORTS = 2  # a second
WITHIN, LEAST = 1.0, 0.99
CONNECTIONS = 400  # of each attack at once, from 20 addresses
PHOTOS = 20  # of the attack by photos: each is a form of its own, sent again as soon as it is answered
BEGINNING = 3.0  # seconds until an attack stands
A_VISITOR = 4  # reports from one address, so that none is held as a flood
PAGES = ("/en/", "/fa/", "/en/data/", "/en/done/", "/fa/find/?q=a", "/healthz")
CODE = re.compile(rb"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")


def run() -> list[dict[str, Any]]:
    """Rows of claim, figure, limit, holds."""
    with tempfile.TemporaryDirectory(prefix="mahalleh-attacks-") as folder:
        Path(folder).chmod(0o755)  # nginx's own account goes there too
        environment = {**os.environ, "MAHALLEH_VAR": str(Path(folder) / "var"), "MAHALLEH_HOSTS": HOST}
        mahalleh = [sys.executable, "-m", "mahalleh.cli"]
        found = [*mahalleh, "demo", "--no-serve", "--areas", "24", "--weeks", "60", "--no-past"]
        subprocess.run(found, env=environment, check=True, capture_output=True)
        forms = _forms(environment, (len(ATTACKS) + 1) * (SECONDS + 10) * REPORTS)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        quiet = subprocess.DEVNULL
        serve = [*mahalleh, "serve", "--address", f"127.0.0.1:{port}", "--workers", "2"]
        process = subprocess.Popen(serve, env=environment, stdout=quiet, stderr=quiet)
        try:
            with Front(Path(folder) / "front", behind=port) as nginx:
                target = Target(nginx.https, nginx.tls, "/releases/1/counts.csv")
                rows = asyncio.run(_rows(target, forms))
                said = nginx.log.read_text(encoding="utf-8")
            lines = len(said.splitlines())
            rows.append(
                row("lines in nginx's error log after all attacks", str(lines), "none", holds=not lines)
            )
        finally:
            process.terminate()
            process.wait(timeout=60)
    return rows


async def _rows(target: Target, forms: dict[str, Any]) -> list[dict[str, Any]]:
    await _ready(target)
    left = enumerate(forms["forms"])
    rows = []
    for name in ("", *ATTACKS):
        many = PHOTOS if name == "large PNG posts" else CONNECTIONS
        work = [asyncio.create_task(attack(name, target, many))] if name else []
        await asyncio.sleep(BEGINNING)
        waits = await _honest(target, left, forms["fields"])
        for each in work:
            each.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        share = sum(wait <= WITHIN for wait in waits) / len(waits)
        middle = sorted(waits)[len(waits) // 2]
        claim = f"{many} connections: {name}" if name else "no attack"
        claim += f"; of {len(waits)} honest requests answered within a second (median {middle:.3f} s)"
        rows.append(row(claim, f"{share:.1%}", f"at least {LEAST:.0%}", holds=share >= LEAST))
    return rows


async def _honest(target: Target, forms: Iterator[tuple[int, str]], fields: dict[str, str]) -> list[float]:
    """Seconds from each one's turn to the whole answer; infinite where there was none, or a refusal."""
    waits: list[float] = []
    began = time.perf_counter() + 0.5

    async def one(turn: float, path: str, source: str, form: bytes = b"") -> None:
        await asyncio.sleep(max(0.0, turn - time.perf_counter()))
        took = float("inf")
        with suppress(OSError):
            status, page = await ask(target, path, source=source, form=form, patience=10.0)
            if (status, bool(CODE.search(page))) == (201, True) if form else status == 200:
                took = time.perf_counter() - turn
        waits.append(took)

    async with asyncio.TaskGroup() as group:
        for number in range(int(READERS * SECONDS / EVERY)):
            reader, path = number % READERS, PAGES[number % len(PAGES)]
            group.create_task(one(began + number * EVERY / READERS, path, f"127.77.0.{reader + 1}"))
        for number in range(REPORTS * SECONDS):
            sender, form = next(forms)
            visitor, body = sender // A_VISITOR, urlencode({**fields, "form": form}).encode()
            source = f"127.78.{visitor // 250}.{visitor % 250 + 1}"
            group.create_task(one(began + number / REPORTS, "/en/tell/send/", source, body))
    return waits


async def _ready(target: Target) -> None:
    """Wait until the city answers, and look at each page once."""
    until = time.monotonic() + 240
    while True:
        try:
            answers = [(await ask(target, path, source="127.77.0.1"))[0] for path in PAGES * 4]
        except OSError:
            answers = []
        if set(answers) == {200}:
            return
        if time.monotonic() > until:
            raise TimeoutError(f"the city does not answer: {answers[: len(PAGES)]}")
        await asyncio.sleep(0.5)


def _forms(environment: dict[str, str], number: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks._reports_probe", "forms", str(number)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))
