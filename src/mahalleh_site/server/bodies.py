"""What a visitor sends is read whole, within limits of time and memory; no thread waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

PATIENCE = 20.0  # seconds to begin with, and at most ahead of what has come
SLOWEST = 2_000  # bytes that buy one more second: 16 kbit/s, a poor mobile line
FREE = 64 * 1024  # bytes that are held for anybody: words without photos always get through
MOST = 160 * 1024 * 1024  # bytes of larger bodies that one process holds at once: four of the largest


class Sender(Protocol):
    """The part of Granian's protocol that gives a body, piece by piece; an empty piece is the end."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Begin."""


class UnreadError(Exception):
    """A body that is not read to its end. `status`: what HTTP calls the reason; None where nobody waits for
    an answer, since the visitor has left."""

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Held:
    """Bytes of bodies beyond `FREE` that this process holds."""

    most: int = MOST
    now: int = 0


@asynccontextmanager
async def body(sender: Sender, *, length: int, held: Held) -> AsyncIterator[bytes]:
    """All `length` bytes that were announced. They count as held until the block ends.

    There are `PATIENCE` seconds, and one more for each `SLOWEST` bytes, but never more than `PATIENCE` ahead:
    a byte now and then buys next to nothing, and a fast beginning no long silence.

    Raises:
        UnreadError: 408 where it comes too slowly, 503 where too much is held already, None where the sender
            left.
    """
    counted = 0
    received = bytearray()
    until = monotonic() + PATIENCE
    pieces = aiter(sender)
    try:
        while len(received) < length:
            try:
                piece = await asyncio.wait_for(_next(pieces), max(0.0, until - monotonic()))
            except TimeoutError as error:
                raise UnreadError(408) from error
            if not piece:
                raise UnreadError(None)
            over = max(0, len(received) + len(piece) - FREE) - counted
            if held.now + over > held.most:
                raise UnreadError(503)
            held.now += over
            counted += over
            received += piece
            until = min(until + len(piece) / SLOWEST, monotonic() + PATIENCE)
        whole = bytes(received)
        del received  # not twice as long as Django works
        yield whole
    finally:
        held.now -= counted


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    # a coroutine, which asyncio can break off; Granian's own awaitable it cannot, nor anext() with a default
    try:
        return await pieces.__anext__()
    except StopAsyncIteration:
        return b""
