"""What was taken back, outside the database: whoever puts old rows back does not bring it to life again.

A file of keyed hashes in the city's folder, one a line, which only grows. It says nothing without the city's
secret key, and holds no time. It is written before the database: where that then fails, what was to be taken
back is gone all the same.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mahalleh_site.sealed.digests import digest

LETTERS = 32  # of a hash: 16 bytes are beyond any search, since it takes the city's key to make one


def path() -> Path:
    """The file."""
    return settings.VAR / "private" / "taken-back"


def add(what: bytes, *, room: str) -> None:
    """It holds no longer, for ever.

    Raises:
        OSError: where it cannot be kept; then nothing may be said to be taken back.
    """
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(held, _line(what, room).encode() + b"\n")  # one write: lines of two processes don't mix
        os.fsync(held)
    finally:
        os.close(held)


def holds(what: bytes, *, room: str) -> bool:
    """Whether something was not taken back."""
    try:
        found = os.stat(path())
    except FileNotFoundError:
        return True
    return _line(what, room) not in _read(str(path()), found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=2)
def _read(name: str, changed: int, size: int) -> frozenset[str]:
    return frozenset(Path(name).read_text(encoding="ascii").split())


def _line(what: bytes, room: str) -> str:
    return digest(what, room=room, purpose="taken back").hex()[:LETTERS]
