"""Keeps a few processes running as one: starts them, starts one again that ends, and ends all together."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess  # nosec B404: it runs fixed command lines alone
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mahalleh.cli import MachineError, say

LOOK = 0.2  # seconds between looks at the processes
GRACE = 15.0  # seconds that a process has to end by itself
WITHIN, TIMES = 60.0, 5  # ending so often within so many seconds is no accident
PR_SET_PDEATHSIG = 1  # prctl(2)
STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(slots=True)
class _Kept:
    command: list[str]
    process: subprocess.Popen[bytes]
    ended: deque[float] = field(default_factory=lambda: deque(maxlen=TIMES))


def keep(
    commands: Mapping[str, list[str]],
    *,
    environment: Mapping[str, str],
    ready: tuple[str, int] | None = None,
    told: Callable[[], None] = lambda: None,
) -> None:
    """Run the commands until SIGTERM, SIGINT or SIGHUP. `told` is called once, when `ready` can be reached.

    Raises:
        MachineError: where a process keeps ending; the others are ended first.
    """
    stopping: list[int] = []
    before = {number: signal.signal(number, lambda got, frame: stopping.append(got)) for number in STOP}

    def begin(command: list[str]) -> subprocess.Popen[bytes]:
        # a session of its own: Ctrl+C reaches this process alone, which then ends the others in order
        return subprocess.Popen(  # nosec B603: fixed command lines
            command, env=dict(environment), start_new_session=True, preexec_fn=_end_with_parent
        )

    kept = {name: _Kept(command, begin(command)) for name, command in commands.items()}
    try:
        while not stopping:
            if ready is not None and _answers(*ready):
                ready = None
                told()
            for name, one in kept.items():
                if one.process.poll() is not None and not stopping:
                    _again(name, one, begin)
            time.sleep(LOOK)
    finally:
        _end([one.process for one in kept.values()])
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent() -> None:
    """Runs in a new process: it is told to end when this one is killed without a chance to say so (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def check_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        MachineError: where another program has it, or it is not this machine's.
    """
    address = f"{host}:{port}"
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
    except socket.gaierror as error:
        raise MachineError("cli.bad-address", given=address) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise MachineError("cli.address-taken", path=address) from error
        if error.errno == errno.EACCES:
            raise MachineError("cli.no-right", path=address) from error
        raise MachineError("cli.os-error", path=address, reason=error.strerror or error) from error


def _again(name: str, one: _Kept, begin: Callable[[list[str]], subprocess.Popen[bytes]]) -> None:
    now = time.monotonic()
    one.ended.append(now)
    if len(one.ended) == TIMES and now - one.ended[0] < WITHIN:
        raise MachineError("cli.gave-up", name=name, times=TIMES)
    say("cli.restarted", name=name)
    time.sleep(min(2.0, 0.25 * 2 ** len(one.ended)))
    one.process = begin(one.command)


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask each to end; what has not after the grace is killed, with all that it started."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + GRACE
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(host: str, port: int) -> bool:
    # a server on any address is reached on this machine's own
    at = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104: not bound to
    try:
        with socket.create_connection((at, port), timeout=0.5):
            return True
    except OSError:
        return False
