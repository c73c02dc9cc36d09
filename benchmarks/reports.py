"""100 reports a second for a minute, with every server process killed (SIGKILL) in the middle.

Each report is the last form of the three steps, posted on a schedule of its own: one that comes late waits in
the figure. What fails is sent again with the same form, as a resident would. At the end each receipt that was
given out must open its report, and no report may be there twice. SQLite, and PostgreSQL where
MAHALLEH_BENCH_DATABASE_URL names an empty database.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

RATE, SECONDS = 100, 60
THREADS = 64
PATIENCE = 40.0  # seconds in which a report is tried again
A_VISITOR = 4  # reports from one address, so that none is held as a flood
CODE = re.compile(rb"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")


@dataclass(slots=True)
class _Outcome:
    waits: list[float] = field(default_factory=list)  # seconds from its turn to its receipt
    receipts: dict[int, str] = field(default_factory=dict)
    again: int = 0


def run() -> list[dict[str, object]]:
    """Rows of claim, figure, limit, holds."""
    rows = _rows("SQLite", {})
    if url := os.environ.get("MAHALLEH_BENCH_DATABASE_URL"):
        rows += _rows("PostgreSQL", {"MAHALLEH_DATABASE_URL": url})
    return rows


def _rows(name: str, extra: dict[str, str]) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **extra, "MAHALLEH_VAR": str(Path(folder) / "var")}
        mahalleh = [sys.executable, "-m", "mahalleh.cli"]
        found = [*mahalleh, "demo", "--no-serve", "--areas", "24", "--weeks", "60", "--no-past"]
        subprocess.run(found, env=environment, check=True, capture_output=True)
        forms = _probe(environment, "forms", RATE * SECONDS)
        with _Server(mahalleh, environment) as server:
            outcome, down = _send(server, forms["forms"], forms["fields"])
            opened = _open(server, outcome.receipts)
        kept = _probe(environment, "count", forms["before"])
    waits = sorted(outcome.waits)
    print(
        f"{name}: down for {down:.1f} s, {outcome.again} sent again, median {waits[len(waits) // 2]:.3f} s, "
        f"p95 {waits[int(len(waits) * 0.95)]:.2f} s, p99 {waits[int(len(waits) * 0.99)]:.2f} s"
    )
    # those whose turn came while the server was down, and the queue that it left behind, waited for it
    calm = waits[int(len(waits) * 0.5)]
    return [
        _row(f"{name}: {len(forms['forms'])} reports, receipts given", len(forms["forms"]) - len(waits), 0),
        _row(f"{name}: receipts that open nothing after SIGKILL of all servers", len(waits) - opened, 0),
        _row(f"{name}: reports stored beside those given out", kept["reports"] - len(waits), 0),
        _row(f"{name}: counted beside those stored", kept["counted"] - kept["reports"], 0),
        _row(f"{name}: median seconds to a receipt", round(calm, 3), 0.25),
    ]


def _row(claim: str, figure: float, limit: float) -> dict[str, object]:
    holds = abs(figure) <= limit
    print(f"| {claim} | {figure} | {limit} | {'yes' if holds else 'no'} |", flush=True)
    return {"claim": claim, "figure": figure, "limit": limit, "holds": holds}


def _probe(environment: dict[str, str], what: str, number: int, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks._reports_probe", what, str(number), *more]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


class _Server:
    """`mahalleh serve` with two processes that answer."""

    def __init__(self, mahalleh: list[str], environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [*mahalleh, "serve", "--address", f"127.0.0.1:{self.port}", "--workers", "2"]
        self.environment = environment

    def __enter__(self) -> _Server:
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=quiet, stderr=quiet)
        while not self.answers():
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)

    def answers(self) -> bool:
        try:
            return _ask(self.port, "GET", "/healthz", None, 0)[0] == 200
        except OSError:
            return False

    def kill(self) -> int:
        """SIGKILL every process that answers; how many there were. What keeps them starts them again."""
        found = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
        ours = [
            int(line.split(None, 1)[0])
            for line in found.splitlines()
            if "granian" in line and str(self.port) in line
        ]
        children = [child for each in ours for child in _children(each)]
        for each in {*ours, *children}:
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len({*ours, *children})


def _children(process: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True)
    return [int(each) for each in done.stdout.split()]


def _send(server: _Server, forms: list[str], fields: dict[str, str]) -> tuple[_Outcome, float]:
    outcome, began = _Outcome(), time.perf_counter() + 0.5

    def one(number: int) -> None:
        turn = began + number / RATE
        time.sleep(max(0.0, turn - time.perf_counter()))
        body = urlencode({**fields, "form": forms[number]}).encode()
        while time.perf_counter() - turn < PATIENCE:
            try:
                status, page = _ask(server.port, "POST", "/en/tell/send/", body, number // A_VISITOR)
            except (OSError, http.client.HTTPException):
                status, page = 0, b""
            found = CODE.search(page)
            if status == 201 and found:
                outcome.receipts[number] = found.group().decode()
                outcome.waits.append(time.perf_counter() - turn)
                return
            outcome.again += 1
            time.sleep(0.25)

    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(one, number) for number in range(len(forms))]
        time.sleep(max(0.0, began + SECONDS / 2 - time.perf_counter()))
        killed, at = server.kill(), time.perf_counter()
        if killed < 2:
            raise RuntimeError("no server process was found to be killed")
        while not server.answers():
            time.sleep(0.05)
        down = time.perf_counter() - at
        for each in work:
            each.result()
    return outcome, down


def _open(server: _Server, receipts: dict[int, str]) -> int:
    """How many receipts open their report."""

    def one(item: tuple[int, str]) -> bool:
        number, code = item
        body = urlencode({"receipt": code}).encode()
        status, page = _ask(server.port, "POST", "/en/receipt/open/", body, number // A_VISITOR)
        return status == 200 and b"The lamp is out" in page

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(one, receipts.items()))


def _ask(port: int, method: str, path: str, body: bytes | None, visitor: int) -> tuple[int, bytes]:
    """One request, from an address of its visitor's own (all of 127.0.0.0/8 is this machine)."""
    here = (f"127.{1 + visitor // 60_000}.{visitor // 250 % 240}.{visitor % 250 + 1}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=here)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, kind)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
