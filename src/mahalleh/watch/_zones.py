"""Zones: the sets of areas that a scan looks at, each the one before it and one area more.

A family of zones is held as a forest. Below a root, which is a centre, every entry adds one area to the zone
of its parent, the nearest entry before it of one depth less. Circles are the special case of one path a
centre: its areas by distance. A scan then needs one addition a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch._accelerate import kernel

Ints = NDArray[np.int32]

ROUNDING: Final = 1e-9  # a sum of shares that reaches the cap but for rounding is within it


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """A forest of zones over `A` areas.

    `start` (roots + 1,) int64: where each root's entries begin; `area` (entries,) int32: what each adds;
    `depth` (entries,) int32, from 0; `path` says that every root's depths just count up: circles.
    """

    start: NDArray[np.int64]
    area: Ints
    depth: Ints
    path: bool

    def members(self, entry: int) -> Ints:
        """The areas of one entry's zone, the centre first."""
        members: Ints = _members(self.area, self.depth, entry)
        return members


@kernel
def _members(area, depth, entry):  # type: ignore[no-untyped-def]
    """The areas from an entry back to its root, the root's first."""
    out = np.empty(depth[entry] + 1, np.int32)
    wanted = depth[entry]
    while wanted >= 0:
        if depth[entry] == wanted:
            out[wanted] = area[entry]
            wanted -= 1
        entry -= 1
    return out
