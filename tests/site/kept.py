"""All that a server keeps, as text to search: the database, caches, the city's folder."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection


def database(*, without: tuple[str, ...] = ()) -> str:
    """The whole database as text, but for some tables; bytes letter by letter."""
    with connection.cursor() as cursor:
        rows = []
        for table in sorted(set(connection.introspection.table_names(cursor)) - set(without)):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [bytes(v) if isinstance(v, memoryview) else v for row in cursor.fetchall() for v in row]
    return "\n".join(value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in rows)


def sessions() -> str:
    """What sessions hold, unpacked."""
    return repr([session.get_decoded() for session in Session.objects.all()])


def cached() -> str:
    """What every cache of the process holds; kept pages as they are read."""
    return "\n".join(text for name in settings.CACHES for text in _entries(name))


def counts() -> bytes:
    """The table of limits, byte by byte; nothing where there is none."""
    path = caches["default"].table.path
    return path.read_bytes() if path.exists() else b""


def _entries(name: str) -> Iterator[str]:
    if not hasattr(caches[name], "_cache"):
        yield counts().decode("latin-1")
        return
    for key in list(caches[name]._cache):
        value = caches[name].get(key.split(":", 2)[2])
        body = getattr(value, "body", b"")
        yield repr((key, value)) + (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode(
            "latin-1"
        )


def folder() -> str:
    """Every file of the city's folder but its database, which `database` reads."""
    return "\n".join(
        path.read_bytes().decode("latin-1")
        for path in sorted(Path(settings.VAR).rglob("*"))
        if path.is_file() and not path.name.startswith("mahalleh.sqlite3")
    )


def values() -> Counter[tuple[str, bytes | str]]:
    """Every text and every bytes of the database, each with its table and column."""
    found: Counter[tuple[str, bytes | str]] = Counter()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [f"{table}.{column[0]}" for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, (bytes, memoryview)):
                        found[column, bytes(value)] += 1
                    elif isinstance(value, (str, dict, list)):
                        found[column, str(value)] += 1
    return found


def by_column(found: Counter[tuple[str, bytes | str]], kind: type) -> dict[str, Counter[bytes | str]]:
    """Values of a kind, by table and column."""
    sorted_: dict[str, Counter[bytes | str]] = {}
    for (column, value), times in found.items():
        if isinstance(value, kind):
            sorted_.setdefault(column, Counter())[value] += times
    return sorted_


def files() -> dict[str, int]:
    """Every file of the city's folder and its size, but for its database and the audit log's head."""
    return {
        str(path): path.stat().st_size
        for path in Path(settings.VAR).rglob("*")
        if path.is_file() and not path.name.startswith(("mahalleh.sqlite3", "audit-head", ".audit-head"))
    }
