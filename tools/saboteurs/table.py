"""The rows of promises and their saboteurs, read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

ROWS: Final = Path(__file__).with_name("promises")
STATES: Final = ("built", "later")


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a file and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Saboteur:
    """One way to break a promise. `name`: unique; `breaks`: in plain words."""

    name: str
    breaks: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of the trust page.

    `part`: its table; `tests`: `path` or `path::test_name*`; `note`: what limits it.
    """

    part: str
    number: int
    rule: str
    state: str
    note: str
    tests: tuple[str, ...]
    saboteurs: tuple[Saboteur, ...]

    @property
    def key(self) -> str:
        """Its name among all rows."""
        return f"{self.part} {self.number}"


def read(folder: Path = ROWS) -> tuple[Promise, ...]:
    """Every row of every file, by its part and its number.

    Raises:
        ValueError: for a row that is built and has no test or no saboteur, and for names that stand twice.
    """
    rows = tuple(
        sorted(
            (
                _promise(row)
                for path in folder.glob("*.toml")
                for row in tomllib.loads(path.read_text(encoding="utf-8"))["promise"]
            ),
            key=lambda row: (row.part, row.number),
        )
    )
    faults = [*_unkept(rows), *_twice([row.key for row in rows])]
    faults += _twice([saboteur.name for row in rows for saboteur in row.saboteurs])
    if faults:
        raise ValueError("\n".join(faults))
    return rows


def _promise(row: dict[str, Any]) -> Promise:
    return Promise(
        part=row["part"],
        number=int(row["number"]),
        rule=row["rule"],
        state=row["state"],
        note=row.get("note", ""),
        tests=tuple(row.get("tests", ())),
        saboteurs=tuple(
            Saboteur(each["name"], each["breaks"], tuple(Edit(**edit) for edit in each["edit"]))
            for each in row.get("saboteur", ())
        ),
    )


def _unkept(rows: tuple[Promise, ...]) -> Iterator[str]:
    for row in rows:
        if row.state not in STATES:
            yield f"{row.key}: the state is one of {', '.join(STATES)}"
        if row.state == "built" and not row.tests:
            yield f"{row.key}: a promise that is kept names the tests that keep it"
        if row.state == "built" and not row.saboteurs:
            yield f"{row.key}: a promise that is kept has a saboteur"
        for each in row.saboteurs:
            if not each.edits:
                yield f"{each.name}: changes nothing"


def _twice(names: list[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} stands twice"


def nodes_of(promise: Promise, root: Path) -> list[str]:
    """What pytest is to run: files and folders as they stand, names with stars as each test that fits.

    Raises:
        ValueError: for a file or a test that is not there.
    """
    return [node for named in promise.tests for node in _nodes(named, root)]


def _nodes(named: str, root: Path) -> list[str]:
    path, _, pattern = named.partition("::")
    if not (root / path).exists():
        raise ValueError(f"{path} is not there")
    if not pattern:
        return [path]
    names = re.findall(r"^def (test_\w+)", (root / path).read_text(encoding="utf-8"), re.MULTILINE)
    found = [f"{path}::{name}" for name in names if fnmatch(name, pattern)]
    if not found:
        raise ValueError(f"{named} is not there")
    return found
