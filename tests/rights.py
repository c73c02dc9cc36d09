"""Files without right, for root too: what passes over a file's mode is laid down for a while.

Another account (`seteuid`) would not do: it can read no code either in a closed home.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

VERSION: Final = 0x20080522  # of the kernel's interface, see capset(2)
OVERRIDES: Final = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


@contextmanager
def as_others() -> Iterator[None]:
    """This thread may read and write what modes allow, as any account that is not root."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable of the first 32; then of the rest
    _ask(libc.capget, header, sets)
    effective = sets[0]
    sets[0] = effective & ~OVERRIDES
    _ask(libc.capset, header, sets)
    try:
        yield
    finally:
        sets[0] = effective
        _ask(libc.capset, header, sets)


def _ask(call: ctypes._NamedFuncPointer, header: ctypes.Array, sets: ctypes.Array) -> None:
    if call(header, sets) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
