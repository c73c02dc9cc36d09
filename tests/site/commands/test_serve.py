"""`mahalleh serve`: one command that keeps the city answering, and ends cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.site.commands.test_init import WRITTEN, boundaries
from tests.site.commands.test_init import run as run_command

PATIENCE = 40.0  # seconds; the tests share their machine


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    """A city of four squares, served by the command as an operator would: process, address, folder."""
    folder = tmp_path_factory.mktemp("serve")
    target = folder / "var"
    done = run_command(target, "init", str(boundaries(folder)), *WRITTEN, "--contact", "a@b.org")
    assert done.returncode == 0, done.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAHALLEH_")}
    environment |= {"MAHALLEH_VAR": str(target), "DJANGO_SETTINGS_MODULE": "mahalleh_site.settings"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mahalleh.cli", "serve", "--address", address, "--workers", "1"],
        env=environment | {"MAHALLEH_LANGUAGE": "en"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process, address, target
    finally:
        process.kill()
        process.wait()


def asked(address: str, path: str) -> int:
    """The status of an answer; 0 while nothing answers."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def comes(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.1)
    return False


def workers(parent: int) -> list[int]:
    """The processes that the command has started and that are background workers."""
    found = []
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split():
        line = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"worker" in line:
            found.append(int(child))
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes the Linux way")
@pytest.mark.slow("founds and serves a city in processes, one of which is killed")
def test_serve__answers_mends_its_worker_and_ends_on_sigterm(served):
    process, address, target = served
    assert comes(lambda: asked(address, "/healthz") == 200)
    assert asked(address, "/readyz") == 200
    assert asked(address, "/fa/") == 200

    assert comes(lambda: (target / "worker-alive").exists())
    (before,) = workers(process.pid)
    os.kill(before, signal.SIGKILL)
    assert comes(lambda: workers(process.pid) not in ([], [before]))
    assert asked(address, "/healthz") == 200

    again = run_command(target, "serve", "--address", address)
    assert (again.returncode, "in use" in again.stderr) == (7, True)

    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert asked(address, "/healthz") == 0
    assert f"Mahalleh answers on http://{address}/" in told
    assert "worker process ended by itself" in told
    assert "GET" not in told  # no access log
    assert "Traceback" not in told
