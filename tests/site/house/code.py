"""The site's own code as these tests read it: every module, and what is called in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mahalleh_site

ROOT = Path(mahalleh_site.__file__).parent


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the site. `name`: its path below the site."""

    name: str
    tree: ast.Module

    @property
    def acts(self) -> bool:
        """Whether it is one of the modules that may write: `actions`, or in a folder of that name."""
        return "actions" in Path(self.name).with_suffix("").parts


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the site; migrations are written by Django."""
    paths = [path for path in sorted(ROOT.rglob("*.py")) if "migrations" not in path.parts]
    return tuple(
        Module(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths
    )


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Every function, methods and those within others too."""
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """The calls of a function by its name, or by what it is called in a module: `record`, `audit.record`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node
