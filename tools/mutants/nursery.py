"""A process that has imported what takes long, and tries mutants in its children in a copy of the tree."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# what our modules and tests import and pytest does not rewrite
HEAVY = (
    *(
        "numpy",
        "scipy.stats",
        "scipy.spatial",
        "scipy.optimize",
        "numba",
        "polars",
        "pandas",
        "xarray",
        "shapely",
    ),
    *(
        "pyproj",
        "pyogrio",
        "geopandas",
        "h3",
        "opendp.prelude",
        "httpx",
        "nacl.public",
        "cryptography.fernet",
    ),
    *("PIL.Image", "django.db.models", "django.forms", "django.test", "django.contrib.auth", "altair"),
)
FIRST, TIMES = 20, 4  # seconds of work that any run may take, and times of what it took without a change
WALL = 6  # times the work that it may take in real time: processors are shared
UNNOTICED, NOTICED, STUCK = "survived", "killed", "killed by the clock"


@dataclass(frozen=True, slots=True)
class Run:
    """Tests to run in the copy."""

    tests: tuple[str, ...]  # in order
    work: float  # seconds of processors that they took without a change
    path: str = ""  # the module to change, and its text
    text: str = ""
    stale: tuple[str, ...] = ()  # modules whose compiled kernels may hold what is changed
    options: tuple[str, ...] = ()


class Nursery:
    """A copy of the tree, and children that run tests in it."""

    def __init__(self, root: Path, home: Path) -> None:
        self.tree = home / "tree"
        self.kernels = home / "kernels"
        self.home = home
        copy_tree(root, self.tree)
        self.kernels.mkdir()
        for name in HEAVY:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)

    def run(self, run: Run) -> tuple[str, str]:
        """Whether the tests notice, and what they said."""
        target = self.tree / run.path
        kept = (target.read_text(encoding="utf-8"), target.stat()) if run.path else None
        kernels = self._kernels(run.stale)
        try:
            if kept:
                target.write_text(run.text, encoding="utf-8")
            return self._child(run, kernels)
        finally:
            if kept:
                target.write_text(kept[0], encoding="utf-8")
                os.utime(target, ns=(kept[1].st_atime_ns, kept[1].st_mtime_ns))
            if kernels != self.kernels:
                shutil.rmtree(kernels, ignore_errors=True)

    def _kernels(self, stale: tuple[str, ...]) -> Path:
        """The compiled kernels, or a copy without those that a change may have made wrong.

        Numba knows a kernel by its own file, not by the files that its inlined functions come from.
        """
        wrong = [
            path
            for module in stale
            for path in self.kernels.glob(f"{module.split('.')[-2]}_*/{module.rpartition('.')[2]}.*")
        ]
        if not wrong:
            return self.kernels
        copy = self.home / "kernels-of-one"
        shutil.copytree(self.kernels, copy, copy_function=os.link)
        for path in wrong:
            (copy / path.relative_to(self.kernels)).unlink()
        return copy

    def _child(self, run: Run, kernels: Path) -> tuple[str, str]:
        said, chosen = self.home / "said", self.home / "chosen.json"
        chosen.write_text(json.dumps(run.tests), encoding="utf-8")
        files = list(dict.fromkeys(test.partition("::")[0] for test in run.tests))
        plain = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--no-header", "--tb=short"]
        plugin = ["-p", "tools.mutants.chosen", f"--mutants-chosen={chosen}"]
        work = int(FIRST + TIMES * run.work)
        child = os.fork()
        if child == 0:
            self._be_child([*plain, *plugin, *run.options, *files], said, kernels, work, bool(run.path))
        status = _wait(child, WALL * work)
        words = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
        if status is None or (
            os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        ):
            return STUCK, words
        code = os.waitstatus_to_exitcode(status)
        return UNNOTICED if code == 0 else NOTICED, words

    def _be_child(self, arguments: list[str], said: Path, kernels: Path, work: int, mutated: bool) -> None:
        """Run pytest in the copy; never come back."""
        code = 99
        try:
            os.setsid()
            with said.open("wb") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            os.chdir(self.tree)
            paths = [str(self.tree / "src"), str(self.tree)]
            sys.path[:0] = paths
            os.environ |= {"PYTHONPATH": ":".join(paths), "NUMBA_CACHE_DIR": str(kernels)}
            sys.dont_write_bytecode = mutated
            if numba := sys.modules.get("numba"):
                numba.config.CACHE_DIR = str(kernels)
            if mutated:
                resource.setrlimit(resource.RLIMIT_CPU, (work, work + 5))
            pytest: Any = importlib.import_module("pytest")
            code = int(pytest.main(arguments))
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)


def copy_tree(root: Path, target: Path) -> None:
    """Everything that is tracked or new, and the compiled catalogues."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=root, capture_output=True, check=True, text=True).stdout.split("\0")
    catalogues = [path.relative_to(root).as_posix() for path in (root / "src").rglob("*.mo")]
    for name in {*names, *catalogues} - {""}:
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)


def _wait(child: int, seconds: float) -> int | None:
    """How a child ended; nothing where it was ended, after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)  # what it has started and left behind
            return status
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
