"""Lets saboteurs loose, one after the other in each scratch copy, and looks whether the tests notice."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Final
from xml.etree import ElementTree

from tools.mutants.nursery import copy_tree
from tools.saboteurs.scratch import broken
from tools.saboteurs.table import Promise, Saboteur, nodes_of

PATIENCE: Final = 600  # seconds for the tests of one row, a browser's too
PASSED: Final = "every test passed"
QUIET: Final = ["-q", "-x", "-n", "0", "--tb=line", "-p", "no:cacheprovider", "--strict-markers"]


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
    tell: Callable[[Outcome], None],
) -> list[Outcome]:
    """Each saboteur alone, in a copy of the tree; what became of each, in the given order."""
    with tempfile.TemporaryDirectory(prefix="saboteurs-") as home:
        free: Queue[Path] = Queue()
        for number in range(jobs):
            tree = Path(home) / f"copy-{number}" / "tree"
            copy_tree(root, tree)
            free.put(tree)

        def one(pair: tuple[Promise, Saboteur]) -> Outcome:
            tree = free.get()
            try:
                outcome = attempt(tree, *pair)
            finally:
                free.put(tree)
            tell(outcome)
            return outcome

        with ThreadPoolExecutor(jobs) as threads:
            return list(threads.map(one, chosen))


def attempt(tree: Path, promise: Promise, saboteur: Saboteur) -> Outcome:
    """Break the promise, run its tests, make it whole, and see that the one that failed passes."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as told:
        with broken(tree, saboteur):
            by, why = _run(tree, nodes_of(promise, tree), Path(told) / "report.xml")
        # what fails in a whole tree too, or by chance, has noticed nothing
        if by and (whole := _run(tree, [by], Path(told) / "again.xml")[1]) != PASSED:
            by, why = "", f"{by} fails without the edit too: {whole or 'it failed'}"
    return Outcome(promise.key, saboteur.name, by, why, round(time.monotonic() - began))


def _run(tree: Path, tests: list[str], report: Path) -> tuple[str, str]:
    """The test that failed, or why none did."""
    environment = os.environ | {
        "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment["TMPDIR"] = str(report.parent)
    command = [sys.executable, "-m", "pytest", *QUIET, f"--junitxml={report}", *tests]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return "", f"the tests took more than {PATIENCE} s"
    if done.returncode == 0:
        return "", PASSED
    if done.returncode != 1 or not report.exists():
        return "", f"the tests did not run: {(done.stdout + done.stderr).strip()[-400:]}"
    # an error in a fixture is no proof: a house that cannot be built breaks no promise
    failed = next(_failed(report), "")
    return failed, "" if failed else "only fixtures failed"


def _failed(report: Path) -> Iterator[str]:
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  (pytest wrote it)
        if case.find("failure") is not None:
            yield f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
