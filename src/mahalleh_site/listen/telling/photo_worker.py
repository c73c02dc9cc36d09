"""The process that draws photos: bytes in, bytes out, one photo after the other, under limits of its own.

It knows no Django settings, no database, no secret of the city and no visitor. Whatever a hostile file makes
of a decoder, here it meets no more memory, no more time and no file to write to. Run by `photo_pool` alone.
"""

from __future__ import annotations

import os
import resource
import socket
import struct
from typing import Final

from mahalleh_site.listen.telling import photos

MEMORY: Final = 700_000_000  # bytes of addresses: the dearest photos take 400 MB, the program included
SECONDS: Final = 6  # of a core for one photo; the dearest take about two
NICE: Final = 10  # who reads a page comes before who waits for a photo
HEAD: Final = struct.Struct(">cQ")  # D(rawn), or R(efused): the number allowed and the code follow
JOB: Final = struct.Struct(">Q")


def main() -> None:
    """Draw what comes on the line, until it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what stood in memory is somebody's photo
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(NICE)
    with socket.socket(fileno=0) as line:
        while head := received(line, JOB.size):
            _allow(SECONDS)
            file = received(line, *JOB.unpack(head))
            try:
                kind, said = b"D", photos.redrawn(file)
            except photos.PhotoError as refusal:
                kind, said = b"R", f"{refusal.most or 0} {refusal.code}".encode("ascii")
            line.sendall(HEAD.pack(kind, len(said)) + said)


def received(line: socket.socket, size: int) -> bytes:
    """So many bytes of the line; none where it has ended."""
    pieces: list[bytes] = []
    while size > 0 and (piece := line.recv(min(size, 1_000_000))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces) if size == 0 else b""


def _allow(seconds: int) -> None:
    """Let this process use so many seconds more of a core; then the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
