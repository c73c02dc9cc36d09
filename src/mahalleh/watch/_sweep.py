"""The inner loop of a scan: additions and comparisons along each centre's list of areas.

A block of replicates lies side by side in one vector register of 512 bits (two of 256, four of 128: LLVM
splits it as the machine asks). A circle's counts are sums along its centre's neighbours, so each zone and
window costs one vector load, one addition and one comparison for the whole block. Numba does not keep the
running sums of a loop in registers when they live in an array; the few lines of LLVM below do.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from mahalleh.watch._accelerate import JIT_IS_OFF, kernel

BYTES: Final = 64  # of a block's row: replicates of 16 bits lie 32 abreast, of 32 bits 16
GROUP: Final = 4  # windows whose sums are carried along at once


def lanes(dtype: Any) -> int:
    """Replicates abreast."""
    return BYTES // int(np.dtype(dtype).itemsize)


@intrinsic
def _compiled_path(_context, counts, area, thresholds, begin, end, window):  # type: ignore[no-untyped-def]
    width = counts.dtype.bitwidth
    abreast = BYTES * 8 // width
    signature = types.uint64(counts, area, thresholds, begin, end, window)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        i32, i64 = ir.IntType(32), ir.IntType(64)
        vector = ir.VectorType(ir.IntType(width), abreast)
        zeros = ir.Constant(vector, [0] * abreast)
        anything = ir.Constant(vector, ir.Undefined)
        everywhere = ir.Constant(ir.VectorType(i32, abreast), [0] * abreast)
        counts, area, thresholds = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[:3], arguments[:3], strict=True)
        )
        begin, end, window = arguments[3:]
        windows = builder.extract_value(thresholds.shape, 1)

        before = builder.basic_block
        test = builder.append_basic_block("test")
        body = builder.append_basic_block("body")
        after = builder.append_basic_block("after")
        builder.branch(test)

        builder.position_at_end(test)
        entry = builder.phi(i64)
        sums = [builder.phi(vector) for _ in range(GROUP)]
        hit = builder.phi(vector)
        entry.add_incoming(begin, before)
        for carried in (*sums, hit):
            carried.add_incoming(zeros, before)
        builder.cbranch(builder.icmp_signed("<", entry, end), body, after)

        builder.position_at_end(body)
        here = builder.sext(builder.load(builder.gep(area.data, [entry])), i64)
        row = builder.add(builder.mul(here, windows), window)
        least = builder.add(builder.mul(entry, windows), window)
        hit_now = hit
        for number, carried in enumerate(sums):
            offset = ir.Constant(i64, number)
            at = builder.mul(builder.add(row, offset), ir.Constant(i64, abreast))
            pointer = builder.bitcast(builder.gep(counts.data, [at]), vector.as_pointer())
            added = builder.add(carried, builder.load(pointer, align=width // 8))
            bound = builder.load(builder.gep(thresholds.data, [builder.add(least, offset)]))
            bounds = builder.insert_element(anything, bound, ir.Constant(i32, 0))
            bounds = builder.shuffle_vector(bounds, anything, everywhere)
            reached = builder.icmp_unsigned(">=", added, bounds)
            hit_now = builder.or_(hit_now, builder.sext(reached, vector))
            carried.add_incoming(added, body)
        following = builder.add(entry, ir.Constant(i64, 1))
        entry.add_incoming(following, body)
        hit.add_incoming(hit_now, body)
        builder.branch(test)

        builder.position_at_end(after)
        mask = builder.bitcast(builder.icmp_signed("!=", hit, zeros), ir.IntType(abreast))
        return builder.zext(mask, i64)

    return signature, generate


def _plain_path(counts, area, thresholds, begin, end, window):  # type: ignore[no-untyped-def]
    """What `_compiled_path` does, for a run without the compiler."""
    sums = np.cumsum(counts[area[begin:end], window : window + GROUP].astype(np.int64), axis=0)
    reached = (sums >= thresholds[begin:end, window : window + GROUP, None]).any(axis=(0, 1))
    return np.uint64(sum(1 << int(lane) for lane in np.flatnonzero(reached)))


_path: Any = _plain_path if JIT_IS_OFF else _compiled_path


@kernel
def sweep_paths(start, area, thresholds, counts, hits):  # type: ignore[no-untyped-def]
    """Mark in `hits` (roots,) uint64 the replicates that reach a least count in any zone of each root.

    `counts` (A, K', lanes) by area, window and replicate, and `thresholds` (entries, K'), of one unsigned
    type and K' a multiple of GROUP. A sum that runs over comes past half of the type's range on its way,
    since no single count is larger, and there it is at or above any least count: no hit is missed.
    """
    for root in range(len(start) - 1):
        mask = np.uint64(0)
        for window in range(0, thresholds.shape[1], GROUP):
            mask |= _path(counts, area, thresholds, start[root], start[root + 1], window)
        hits[root] = mask


@kernel
def sweep_forest(start, area, depth, thresholds, counts, hits):  # type: ignore[no-untyped-def]
    """The same where zones branch: sums are kept by depth, to return to."""
    deepest = 0
    for e in range(len(depth)):
        deepest = max(deepest, depth[e])
    windows, abreast = counts.shape[1], counts.shape[2]
    sums = np.zeros((deepest + 2, windows, abreast), counts.dtype)  # depth 0 stands in row 1
    reached = np.zeros(abreast, np.bool_)
    for root in range(len(start) - 1):
        reached[:] = False
        for e in range(start[root], start[root + 1]):
            a, d = area[e], depth[e]
            for k in range(windows):
                bound = thresholds[e, k]
                for lane in range(abreast):
                    added = sums[d, k, lane] + counts[a, k, lane]
                    sums[d + 1, k, lane] = added
                    reached[lane] |= added >= bound
        mask = np.uint64(0)
        for lane in range(abreast):
            if reached[lane]:
                mask |= np.uint64(1) << np.uint64(lane)
        hits[root] = mask
