"""The groups of modules that carry promises or numbers, found wherever the house keeps them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Group:
    """Modules with the tests that concern them, all as paths from the root of the tree."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


class EmptyGroupError(ValueError):
    """Patterns that find nothing any more."""


def groups(root: Path, only: list[str] | None = None) -> list[Group]:
    """The groups of `groups.toml`, or those of them that are named."""
    table = tomllib.loads((HERE / "groups.toml").read_text(encoding="utf-8"))
    if unknown := set(only or ()) - set(table):
        raise EmptyGroupError(f"no such group: {', '.join(sorted(unknown))}; there are {', '.join(table)}")
    found = []
    for name, entry in table.items():
        if only and name not in only:
            continue
        modules = _found(root / "src", entry["modules"], entry.get("without", []))
        tests = _found(root, entry["tests"], [])
        if not modules or not tests:
            raise EmptyGroupError(f"{name}: its patterns find {len(modules)} modules and {len(tests)} tests")
        found.append(Group(name, tuple(f"src/{module}" for module in modules), tuple(tests)))
    return found


def _found(root: Path, patterns: list[str], without: list[str]) -> list[str]:
    """Paths by glob, each once."""
    paths = {path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern)}
    return sorted(path for path in paths if not any(fnmatch(path, pattern) for pattern in without))
