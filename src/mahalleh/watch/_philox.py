"""Random numbers by counting: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers:
as easy as 1, 2, 3", SC11).

A number is a function of the seed, of the replicate and of its place in the replicate's stream, so that a
replicate is the same on whatever thread or machine it is drawn, and again when it is drawn again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._accelerate import inlined, kernel

MULTIPLY: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL: Final = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
M0, M1 = MULTIPLY
W0, W1 = WEYL
LOW: Final = np.uint64(0xFFFFFFFF)
HALF: Final = np.uint64(32)
ROUNDS: Final = 10
UNIT: Final = 2.0**-53


@inlined
def philox(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Four 32-bit words of a counter and two of a key, all held in uint64, to four random words."""
    for _ in range(ROUNDS):
        p0 = M0 * c0
        p1 = M1 * c2
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3


@kernel
def uniforms(seed: np.uint64, replicate: int, stream: int, first: int, out: NDArray[np.float64]) -> None:
    """Fill `out` with uniform numbers in [0, 1), 53 bits each: one of the streams of a replicate.

    `first`: the counter to begin with; every counter gives two numbers.
    """
    k0 = np.uint64(seed) & LOW
    k1 = np.uint64(seed) >> HALF
    which = np.uint64(replicate)
    branch = np.uint64(stream)
    zero = np.uint64(0)
    pairs = (len(out) + 1) // 2
    last = len(out) - pairs
    for i in range(pairs):
        a, b, c, d = philox(np.uint64(first + i), branch, which, zero, k0, k1)
        out[i] = np.float64((a << np.uint64(21)) ^ (b >> np.uint64(11))) * UNIT
        if i < last:
            out[pairs + i] = np.float64((c << np.uint64(21)) ^ (d >> np.uint64(11))) * UNIT
