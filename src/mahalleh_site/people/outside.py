"""The audit log's head outside the database: a file in the city's folder that only goes forward.

Whoever writes to the database alone cannot reach it, so a log that ends earlier than it tells was cut off,
emptied, or put back from a backup. It tells of the newest entry's number and hash, and of the key by its
fingerprint.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

FILE: Final = "audit-head"


@dataclass(frozen=True, slots=True)
class Head:
    """An entry's number and hash, and the fingerprint of the key. Without a hash: there is no such file."""

    number: int
    hash: str
    key: str


NONE: Final = Head(0, "", "")


def path() -> Path:
    """Where the file stands: beside the exact counts, where this account alone may look."""
    return Path(settings.VAR) / "private" / FILE


def is_new() -> bool:
    """Whether there is no such file: no log has been led from this folder."""
    return not path().exists()


def read() -> Head:
    """What the file tells; NONE where it is missing or tells nothing that can be read."""
    try:
        told = json.loads(path().read_text(encoding="utf-8"))
        return Head(int(told["number"]), str(told["hash"]), str(told["key"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return NONE


def write(head: Head) -> None:
    """Let the file tell of `head`: a reader, or a crash, meets the old or the new one."""
    place = path()
    place.parent.mkdir(mode=0o700, exist_ok=True)
    draft = place.with_name(f".{FILE}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(head)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)


@contextmanager
def held() -> Iterator[None]:
    """Hold the file's folder against other processes that would lead it on at the same time."""
    folder = path().parent
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
