"""What limits remember, for all processes of the server: one small table in this machine's memory.

It is a cache of Django's (decision 22). Names are kept as keyed hashes alone; what has ended is deleted
within seconds, and all of it when the server stops. Nothing of it touches the city's database or a disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from mahalleh_site import logs

FILE: Final = "counts.sqlite3"
SWEEP: Final = 10.0  # seconds between looks at what has ended
WAIT: Final = 2.0  # seconds that one process waits for another, which needs a thousandth of one
FOR_EVER: Final = 10**11  # an end that no clock reaches
TABLE: Final = (
    "PRAGMA journal_mode = TRUNCATE",  # nothing old stays, and a killed process breaks nothing
    "PRAGMA synchronous = OFF",  # the file is in memory
    "PRAGMA secure_delete = ON",
    "CREATE TABLE IF NOT EXISTS counts "
    "(key BLOB PRIMARY KEY, kind BLOB, value TEXT, ends REAL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS by_end ON counts (kind, ends)",
)
SET: Final = """
    INSERT INTO counts (key, kind, value, ends) VALUES (:key, :kind, :value, :ends)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends
"""
ADD: Final = SET + " WHERE counts.ends <= :now RETURNING 1"
INCREASE: Final = """
    UPDATE counts SET value = CAST(value AS INTEGER) + :n WHERE key = :key AND ends > :now RETURNING value
"""
# of a kind that is flooded the nearest to their end go, so that no flood pushes out another kind's counts
BOUND: Final = """
    DELETE FROM counts WHERE key IN (
        SELECT key FROM (
            SELECT key, row_number() OVER (PARTITION BY kind ORDER BY ends DESC) AS place FROM counts
        ) WHERE place > :most
    )
"""

log = logs.get("people")


@dataclass(slots=True)
class Table:
    """The file as this process holds it: one connection for all its threads.

    Where the file cannot be had, the process counts for itself, and the log says so: a limit must never stop
    the house.
    """

    path: Path
    shared: bool = True
    swept: float = 0.0
    owner: int = 0
    connection: sqlite3.Connection | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)

    def run(self, statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement, which is a transaction of its own."""
        with self.turn:
            try:
                return self._open().execute(statement, given).fetchall()
            except (OSError, sqlite3.Error) as fault:
                log.error("limits are not shared", extra={"event": type(fault).__name__})
                if self.connection is not None and self.owner == os.getpid():
                    self.connection.close()
                self.connection, self.owner, self.shared = _made(":memory:"), os.getpid(), False
                return self.connection.execute(statement, given).fetchall()

    def remove(self) -> None:
        """Forget everything and leave no file, as when the server stops."""
        with self.turn:
            if self.connection is not None and self.owner == os.getpid():
                self.connection.close()
            self.connection = None
            for path in (self.path, self.path.with_name(f"{FILE}-journal")):
                path.unlink(missing_ok=True)
            with suppress(OSError):
                self.path.parent.rmdir()

    def _open(self) -> sqlite3.Connection:
        if self.connection is None or self.owner != os.getpid():
            self.connection, self.owner = _shared(self.path), os.getpid()
        return self.connection


_TABLES: Final[dict[str, Table]] = {}  # by folder: Django makes a cache for each thread


class SharedCounts(BaseCache):
    """A cache in one file of a folder in memory. `LOCATION`: the folder; `MAX_ENTRIES`: of each kind."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._key = hashlib.sha256(f"limits:{settings.SECRET_KEY}".encode()).digest()
        self.table = _TABLES.setdefault(location, Table(Path(location) / FILE))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where there is none; whether it was kept."""
        return bool(self._run(ADD, self._row(key, value, timeout, version)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """A value that has not ended."""
        found = self._run(
            "SELECT value FROM counts WHERE key = :key AND ends > :now", self._named(key, version)
        )
        return json.loads(found[0][0]) if found else default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value."""
        self._run(SET, self._row(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let a value end later."""
        row = self._row(key, None, timeout, version)
        return bool(
            self._run("UPDATE counts SET ends = :ends WHERE key = :key AND ends > :now RETURNING 1", row)
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value."""
        return bool(self._run("DELETE FROM counts WHERE key = :key RETURNING 1", self._named(key, version)))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number, in one step for all processes.

        Raises:
            ValueError: where there is none.
        """
        found = self._run(INCREASE, {**self._named(key, version), "n": delta})
        if not found:
            raise ValueError("no such count")
        return int(found[0][0])

    def clear(self) -> None:
        """Forget everything."""
        self._run("DELETE FROM counts", {})

    def sweep(self) -> None:
        """Delete what has ended, and of each kind what is too much."""
        self.table.swept = now = time.time()
        self.table.run("DELETE FROM counts WHERE ends <= :now", {"now": now})
        self.table.run(BOUND, {"most": self._max_entries})

    def _named(self, key: str, version: int | None) -> dict[str, Any]:
        name = self.make_key(key, version=version)
        return {
            "key": self._hash(name),
            "kind": self._hash(name.rpartition(":")[0]),  # "limit:reports" and the like
            "now": time.time(),
        }

    def _row(self, key: str, value: Any, timeout: Any, version: int | None) -> dict[str, Any]:
        ends = self.get_backend_timeout(timeout)
        return {
            **self._named(key, version),
            "value": json.dumps(value),
            "ends": FOR_EVER if ends is None else ends,
        }

    def _hash(self, name: str) -> bytes:
        return hashlib.blake2b(name.encode(), key=self._key, digest_size=16).digest()

    def _run(self, statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        if abs(time.time() - self.table.swept) > SWEEP:
            self.sweep()
        return self.table.run(statement, given)


def _shared(path: Path) -> sqlite3.Connection:
    """The table that all processes have in common.

    Raises:
        OSError: where somebody else's folder stands in its place, or others may look into it.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    found = path.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError("not a folder of this account alone")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
    try:
        return _made(path)
    except sqlite3.DatabaseError as fault:
        if isinstance(fault, sqlite3.OperationalError):
            raise
        path.unlink()  # what a crash left behind is no table
        return _made(path)


def _made(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
    try:
        for statement in TABLE:
            connection.execute(statement)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
