"""Kernels are compiled once for all workers of a run: whoever comes second waits for the first, and loads.

Numba keeps what it compiled on disk, but two workers that meet a kernel at once would both compile it.
"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from pathlib import Path
from typing import Any

from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import Dispatcher

from tests.slow import aside

ROOT = Path(__file__).resolve().parent.parent
LOCKS = Path(tempfile.gettempdir(), f"mahalleh-kernels-{hashlib.sha256(bytes(ROOT)).hexdigest()[:12]}")
compile_ = Dispatcher.compile
compiling: set[str] = set()  # by this process, in the one thread that holds Numba's own lock


def one_at_a_time(self: Dispatcher, sig: Any) -> Any:
    """Compile under the kernel's own lock. No circle of waiting: calls among kernels go one way."""
    name = f"{self.py_func.__module__}.{self.py_func.__qualname__}"
    with global_compiler_lock, aside():
        if name in compiling:  # one that calls itself
            return compile_(self, sig)
        LOCKS.mkdir(exist_ok=True)
        with (LOCKS / name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            compiling.add(name)
            try:
                return compile_(self, sig)
            finally:
                compiling.remove(name)


def pytest_configure() -> None:
    """Before any kernel is called."""
    Dispatcher.compile = one_at_a_time
