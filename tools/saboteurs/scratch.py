"""A copy of the tree in which a promise is broken."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.saboteurs.table import Edit, Saboteur


@contextmanager
def broken(root: Path, saboteur: Saboteur) -> Iterator[None]:
    """The tree with a saboteur's edits; whole again afterwards.

    Raises:
        ValueError: where an edit no longer fits the source, or what it makes is no Python.
    """
    before = {edit.file: (root / edit.file).read_text(encoding="utf-8") for edit in saboteur.edits}
    after = edited(before, saboteur.name, saboteur.edits)
    try:
        for name, text in after.items():
            (root / name).write_text(text, encoding="utf-8")
        yield
    finally:
        for name, text in before.items():
            (root / name).write_text(text, encoding="utf-8")


def edited(before: dict[str, str], name: str, edits: Iterable[Edit]) -> dict[str, str]:
    """The texts of files after some edits.

    Raises:
        ValueError: where what is to go does not stand there exactly once, or what comes is no Python.
    """
    after = dict(before)
    for edit in edits:
        if (times := after[edit.file].count(edit.old)) != 1:
            raise ValueError(f"{name}: in {edit.file} its piece stands {times} times, not once")
        after[edit.file] = after[edit.file].replace(edit.old, edit.new)
        if edit.file.endswith(".py"):
            try:
                ast.parse(after[edit.file])
            except SyntaxError as error:
                raise ValueError(f"{name}: {edit.file} is no Python afterwards: {error}") from error
    return after


def misfits(root: Path, saboteurs: Iterable[Saboteur]) -> list[str]:
    """Saboteurs that no longer fit the source, each as a sentence."""
    found = []
    for each in saboteurs:
        gone = [edit.file for edit in each.edits if not (root / edit.file).is_file()]
        if gone:
            found.append(f"{each.name}: {', '.join(gone)} is not there")
            continue
        texts = {edit.file: (root / edit.file).read_text(encoding="utf-8") for edit in each.edits}
        try:
            edited(texts, each.name, each.edits)
        except ValueError as error:
            found.append(str(error))
    return found
