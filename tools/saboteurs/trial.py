"""Lets saboteurs loose, one after the other in each scratch copy, and looks whether the tests notice."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from typing import Final
from xml.etree import ElementTree

from tools.mutants.nursery import copy_tree
from tools.saboteurs.scratch import broken
from tools.saboteurs.table import Promise, Saboteur, nodes_of

PATIENCE: Final = 600  # seconds for the tests of one row, a browser's too
UNFIT: Final = "the tests did not run"
QUIET: Final = ["-q", "-n", "0", "--tb=line", "-p", "no:cacheprovider", "--strict-markers"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a saboteur. `by`: the test that noticed; else empty, and `why` in a word."""

    promise: str
    name: str
    by: str
    why: str
    seconds: int


def try_all(
    root: Path,
    chosen: Sequence[tuple[Promise, Saboteur]],
    *,
    jobs: int,
    known: Mapping[str, str],
    tell: Callable[[Outcome], None],
) -> list[Outcome]:
    """Each saboteur alone, in a copy of the tree; what became of each, in the given order.

    `known`: which test noticed a saboteur the last time; it is asked first, so that trying again is quick.
    """
    with tempfile.TemporaryDirectory(prefix="saboteurs-") as home:
        free: Queue[Path] = Queue()
        for number in range(jobs):
            tree = Path(home) / f"copy-{number}" / "tree"
            copy_tree(root, tree)
            free.put(tree)

        def one(pair: tuple[Promise, Saboteur]) -> Outcome:
            tree = free.get()
            try:
                outcome = attempt(tree, *pair, first=known.get(pair[1].name, ""))
            finally:
                free.put(tree)
            tell(outcome)
            return outcome

        with ThreadPoolExecutor(jobs) as threads:
            found = list(threads.map(one, chosen))
        return believed(free.get(), found)


def attempt(tree: Path, promise: Promise, saboteur: Saboteur, *, first: str = "") -> Outcome:
    """Break the promise, run its tests until one fails, and make it whole."""
    began, nodes = time.monotonic(), nodes_of(promise, tree)
    with broken(tree, saboteur):
        failed, why = _run(tree, [first], "-x") if first else (set(), "")
        if not failed:
            failed, why = _run(tree, nodes, "-x")
    by = min(failed, default="")
    return Outcome(promise.key, saboteur.name, by, why, round(time.monotonic() - began))


def believed(tree: Path, found: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes, where what noticed passes in the whole tree: what fails there too has noticed nothing."""
    noticed = sorted({each.by for each in found if each.by})
    failed, why = _run(tree, noticed) if noticed else (set(), "")
    if why.startswith(UNFIT):
        raise RuntimeError(why)
    return [
        replace(each, by="", why=f"{each.by} fails without the edit too") if each.by in failed else each
        for each in found
    ]


def _run(tree: Path, tests: Sequence[str], *how: str) -> tuple[set[str], str]:
    """The tests that failed, or why none did."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        environment = os.environ | {
            "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": folder,
        }
        command = [sys.executable, "-m", "pytest", *QUIET, *how, f"--junitxml={report}", *tests]
        try:
            done = subprocess.run(
                command, cwd=tree, env=environment, capture_output=True, text=True,
                timeout=PATIENCE * (1 if how else 3), check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return set(), "the tests took too long"
        if done.returncode == 0:
            return set(), "every test passed"
        if done.returncode != 1 or not report.exists():
            return set(), f"{UNFIT}: {(done.stdout + done.stderr).strip()[-400:]}"
        # an error in a fixture is no proof: a house that cannot be built breaks no promise
        failed = set(_failed(report))
        return failed, "" if failed else "only fixtures failed"


def _failed(report: Path) -> Iterator[str]:
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  (pytest wrote it)
        if case.find("failure") is not None:
            yield f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
