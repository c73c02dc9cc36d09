"""A thread answers, and never waits for a visitor.

A body is read before a thread is asked for, an answer is handed over whole, and a file by its name, which
Granian sends. So whoever sends or reads slowly holds none.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, Protocol

from mahalleh_site.server import bodies
from mahalleh_site.server.environ import Environ, Scope, environ
from mahalleh_site.ui.unread import UNREAD

THREADS = 8  # that answer in one process: more than cores, since some wait for the database
WAITING = 256  # requests that may wait for a thread; more would only be answered when nobody reads any more
Pairs = list[tuple[str, str]]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


class Visitor(bodies.Sender, Protocol):
    """The part of Granian's protocol that takes an answer."""

    def response_bytes(self, status: int, headers: Pairs, body: bytes) -> None:
        """Send these bytes."""

    def response_file(self, status: int, headers: Pairs, file: str) -> None:
        """Send the file with this path."""


@dataclass(slots=True)
class Answer:
    """What Django said. `file`: the path of what is to be sent instead of `body`."""

    status: int
    headers: Pairs
    body: bytes = b""
    file: str = ""


class Application:
    """RSGI for an application of WSGI."""

    def __init__(self, wsgi: Wsgi, *, largest: int, threads: int = THREADS, waiting: int = WAITING) -> None:
        self._wsgi, self._largest = wsgi, largest
        self._threads, self._room = threads, threads + waiting
        self._held = bodies.Held()
        self._at_work = 0
        self._pool: ThreadPoolExecutor | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """In each process, before its first request."""
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="answer")

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """At the end of each process."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)

    async def __rsgi__(self, scope: Scope, visitor: Visitor) -> None:
        """Answer one request."""
        asked = environ(scope)
        try:
            length = self._length(asked)
            if self._at_work >= self._room:
                raise bodies.UnreadError(503)
            async with bodies.body(visitor, length=length, held=self._held) as body:
                asked["wsgi.input"] = BytesIO(body)
                answer = await self._answered(asked)
        except bodies.UnreadError as error:
            if error.status is None:
                return
            answer = await self._refused(asked, error.status)
        if answer.file:
            visitor.response_file(answer.status, answer.headers, answer.file)
        else:
            visitor.response_bytes(answer.status, answer.headers, answer.body)

    def _length(self, asked: Environ) -> int:
        """How many bytes to read: none of what is too large, which Django then refuses by what is announced.

        Raises:
            UnreadError: where it isn't announced; one that breaks off would pass for a whole.
        """
        if "HTTP_TRANSFER_ENCODING" in asked and "CONTENT_LENGTH" not in asked:
            raise bodies.UnreadError(411)
        announced = asked.get("CONTENT_LENGTH", "0")
        length = int(announced) if announced.isdecimal() else 0
        return length if length <= self._largest else 0

    async def _answered(self, asked: Environ) -> Answer:
        self._at_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, answered, self._wsgi, asked)
        finally:
            self._at_work -= 1

    async def _refused(self, asked: Environ, status: int) -> Answer:
        """The page that says why; a bare status where even that is too much."""
        if self._at_work >= self._room:
            return Answer(status, [("content-length", "0"), ("retry-after", "60"), ("connection", "close")])
        answer = await self._answered({**asked, UNREAD: status})
        answer.headers.append(("connection", "close"))  # the rest of the body is not waited for
        return answer


class _File:
    """What Django wraps a file in that it sends (`wsgi.file_wrapper`)."""

    def __init__(self, file: BinaryIO, size: int = 0) -> None:
        self.file = file

    def __iter__(self) -> Any:
        return iter([self.file.read()])

    def path(self) -> str:
        """Its path, where all of it is to be sent and it has one."""
        name = getattr(self.file, "name", "")
        whole = isinstance(name, str) and os.path.isabs(name) and self.file.tell() == 0
        return name if whole else ""


def answered(wsgi: Wsgi, asked: Environ) -> Answer:
    """Runs in a thread: Django's whole answer."""
    answer = Answer(500, [])

    def start(status: str, headers: Pairs, _error: object = None) -> None:
        answer.status = int(status[:3])
        answer.headers = [(name.lower(), value) for name, value in headers]

    said = wsgi({**asked, "wsgi.file_wrapper": _File}, start)
    given: Any = said.file if isinstance(said, _File) else said
    try:
        answer.file = said.path() if isinstance(said, _File) else ""
        if not answer.file:
            answer.body = b"".join(said)
    finally:
        if hasattr(given, "close"):
            given.close()
    return answer
