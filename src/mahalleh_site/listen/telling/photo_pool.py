"""Photos are drawn by a process of their own, so that whoever reads a page never waits for one.

Each process of the server has one that draws (`photo_worker`), started with the first photo. One photo is
drawn at a time and one waits; for who comes third, or waits too long, the page says that we are busy.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess  # nosec B404: it runs one fixed command line
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Final

from mahalleh_site.listen.telling import photo_worker
from mahalleh_site.listen.telling.photo_files import LIMITS, SENTENCES, PhotoError

PLACES: Final = 2  # threads that photos may hold in a process of the server: one is drawn, one waits
COMMAND: Final = [sys.executable, "-m", photo_worker.__name__]
PASSED_ON: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG")  # no secret of the city is among them


@dataclass(slots=True)
class Pool:
    """One drawing process, and the queue before it."""

    line: socket.socket | None = None
    process: subprocess.Popen[bytes] | None = None
    owner: int = 0
    turn: Lock = field(default_factory=Lock)
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(PLACES))

    def drawn(self, file: bytes, *, until: float) -> bytes:
        """The photo drawn anew, as `photos.redrawn` says, by a moment of `time.monotonic`.

        Raises:
            PhotoError: as there; busy, where others wait already or it was not drawn in time.
        """
        if not self.places.acquire(blocking=False):
            raise PhotoError("busy")
        try:
            if not self.turn.acquire(timeout=max(0.0, until - time.monotonic())):
                raise PhotoError("busy")
            try:
                return self._asked(file, until)
            except OSError as fault:  # not in time; or there is no process, or it ended while it was asked
                self.close()
                raise PhotoError("busy") from fault
            finally:
                self.turn.release()
        finally:
            self.places.release()

    def close(self) -> None:
        """End the drawing process; the next photo starts another."""
        if self.line is not None:
            self.line.close()
        if self.process is not None and self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
        self.line = self.process = None

    def _asked(self, file: bytes, until: float) -> bytes:
        line = self._ready()
        line.settimeout(max(0.01, until - time.monotonic()))
        line.sendall(photo_worker.JOB.pack(len(file)) + file)
        head = photo_worker.received(line, photo_worker.HEAD.size)
        if not head:  # ended by the system: too much memory or time for a photo
            self.close()
            raise PhotoError("broken")
        kind, size = photo_worker.HEAD.unpack(head)
        said = photo_worker.received(line, size) if size <= LIMITS.out_bytes else b""
        if kind == b"D" and said.startswith(b"\xff\xd8\xff"):
            return said
        most, _, code = said.decode("ascii", "replace").partition(" ")
        if kind != b"R" or code not in SENTENCES or not most.isdecimal():
            self.close()  # it does not speak as it was written to: some file has taken it over
            raise PhotoError("broken")
        raise PhotoError(code, int(most))

    def _ready(self) -> socket.socket:
        """The line to a process that draws, started where there is none."""
        if self.line is not None and self.owner == os.getpid():
            return self.line
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        with theirs:
            self.process = subprocess.Popen(  # nosec B603: a fixed command line
                COMMAND,
                env=environment,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what a decoder says of somebody's photo belongs in no log
                start_new_session=True,
            )
        self.line, self.owner = ours, os.getpid()
        return ours


POOL: Final = Pool()


@atexit.register
def _end() -> None:
    with suppress(OSError):
        POOL.close()
