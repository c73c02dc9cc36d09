"""The one place that owns Numba's options.

Kernels are compiled once for a machine and kept beside the module (or in the user's cache folder where that
cannot be written). They release the interpreter's lock, so that threads share the work; none uses `prange`,
whose threads would be a second pool beside Dask's and the web server's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import numba

JIT_IS_OFF: Final = bool(
    getattr(numba.config, "DISABLE_JIT", 0)
)  # one run of the tests has it off: coverage, tracebacks


def kernel(function: Callable[..., Any]) -> Any:
    """Compile at the first call; cached on disk. Division by zero gives inf or nan, as in NumPy."""
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


def inlined(function: Callable[..., Any]) -> Any:
    """A small function that becomes part of the kernels that call it."""
    return numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
