"""What a resident sees when the house fails: a locked database, a full disk, a dead worker. For real.

The disk is made full for the server's processes alone, by a limit on the size of files (RLIMIT_FSIZE), which
SQLite meets as it meets a full disk. Every failed form is sent again when all is well; it must then be stored
once.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.reports import _ask, _children, _probe, _Server

WORDS = "The lamp is out. "
PATIENCE = 60  # seconds that a queue may take to go on


def run() -> list[dict[str, object]]:
    """Rows of claim, figure, limit, holds."""
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        environment = {**os.environ, "MAHALLEH_VAR": str(var)}
        mahalleh = [sys.executable, "-m", "mahalleh.cli"]
        found = [*mahalleh, "demo", "--no-serve", "--areas", "24", "--weeks", "60", "--no-past"]
        subprocess.run(found, env=environment, check=True, capture_output=True)
        forms = _probe(environment, "forms", 2)
        with _Server(mahalleh, environment) as server:
            locked = _while_locked(server, forms, var)
            full = _while_full(server, forms)
            resumed = _after_a_dead_worker(environment, var)
        kept = _probe(environment, "count", forms["before"])
    return [
        _row("locked database: pages that are not honest or lose the words", 0 if locked else 1),
        _row("full disk: pages that are not honest or lose the words", 0 if full else 1),
        _row("sent again when all is well: reports too many or too few", abs(kept["reports"] - 2)),
        _row("dead worker: tasks that nobody took up within a minute", 0 if resumed else 1),
    ]


def _row(claim: str, figure: int) -> dict[str, object]:
    print(f"| {claim} | {figure} | 0 | {'yes' if figure == 0 else 'no'} |", flush=True)
    return {"claim": claim, "figure": figure, "limit": 0, "holds": figure == 0}


def _send(server: _Server, forms: dict, number: int) -> tuple[int, bytes]:
    body = urlencode({**forms["fields"], "form": forms["forms"][number]}).encode()
    return _ask(server.port, "POST", "/en/tell/send/", body, number)


def _honest(answer: tuple[int, bytes]) -> bool:
    status, page = answer
    return status == 503 and b"nothing was stored" in page and WORDS.strip().encode() in page


def _while_locked(server: _Server, forms: dict, var: Path) -> bool:
    other = sqlite3.connect(var / "mahalleh.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    failed = _send(server, forms, 0)
    other.execute("ROLLBACK")
    other.close()
    return _honest(failed) and _send(server, forms, 0)[0] == 201


def _while_full(server: _Server, forms: dict) -> bool:
    processes = [child for each in _children(server.process.pid) for child in (each, *_children(each))]
    limits = {each: resource.prlimit(each, resource.RLIMIT_FSIZE) for each in processes}
    for each, (_soft, hard) in limits.items():
        resource.prlimit(each, resource.RLIMIT_FSIZE, (4096, hard))
    failed = [_send(server, forms, 1) for _ in range(3)]
    readable = _ask(server.port, "GET", "/en/tell/", None, 1)[0] == 200
    for each, limit in limits.items():
        resource.prlimit(each, resource.RLIMIT_FSIZE, limit)
    return all(map(_honest, failed)) and readable and _send(server, forms, 1)[0] == 201


def _after_a_dead_worker(environment: dict[str, str], var: Path) -> bool:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        number = line.split(None, 1)[0]
        if "mahalleh.cli worker" in line and str(var) in _environment(number):
            os.kill(int(number), signal.SIGKILL)
    task = str(_probe(environment, "task", 0)["id"])
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if _probe(environment, "done", 0, task)["done"]:
            return True
        time.sleep(1)
    return False


def _environment(process: str) -> str:
    try:
        return Path(f"/proc/{process}/environ").read_text(encoding="latin-1")
    except OSError:
        return ""
