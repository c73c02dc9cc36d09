"""Scans on more machines than one: the same work as tasks of a Dask cluster, with results equal to the digit.

    client = distributed.Client("tcp://...")
    scan(counts, ..., over=blocks_over(client))         # one scan: its blocks of replicates are tasks
    scans({"noise": {...}, "litter": {...}}, client=client)   # many scans: each is a task

A replicate is a function of its seed and number alone, so it does not matter where a block runs, nor whether
it runs again because a worker was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mahalleh.watch.results import ScanResult
from mahalleh.watch.scan import scan

Key = TypeVar("Key", bound=Hashable)
Floats = NDArray[np.float64]
AGAIN = 10  # workers that may be lost under one task before it is given up: whole racks go at once


def blocks_over(client: Any) -> Callable[[Callable[[Any], Floats], Iterable[Any]], Iterable[Floats]]:
    """Make a `map` over a Dask cluster for the `over` of `scan`.

    Parameters
    ----------
    client : distributed.Client
        Of the cluster.

    Returns
    -------
    callable giving (block,) float64
        Takes a function and blocks, and gives the function's arrays in the blocks' order.

    Notes
    -----
    What all blocks need is a task as well, not data laid on a worker: where its worker is lost it is made
    again from the scheduler's copy.
    """

    def run(work: Callable[[Any], Floats], blocks: Iterable[Any]) -> Iterable[Floats]:
        common = client.submit(_itself, work, pure=False, retries=AGAIN)
        tasks = [client.submit(_apply, common, block, pure=False, retries=AGAIN) for block in blocks]
        found: list[Floats] = client.gather(tasks)
        return found

    return run


def scans(jobs: Mapping[Key, Mapping[str, Any]], *, client: Any = None) -> dict[Key, ScanResult]:
    """Scan several topics or districts.

    Parameters
    ----------
    jobs : mapping of hashable to mapping
        By key, the arguments of `scan`, `cases` among them.
    client : distributed.Client, optional
        Each scan is a task of it; without one they run one after the other on this machine's cores.

    Returns
    -------
    dict of hashable to ScanResult
        By key.

    Raises
    ------
    WatchError
        As `scan`, for the first that cannot be scanned.
    """
    if client is None:
        return {key: scan(**job) for key, job in jobs.items()}
    tasks = {
        key: client.submit(scan, pure=False, retries=AGAIN, threads=1, **job) for key, job in jobs.items()
    }
    found: dict[Key, ScanResult] = client.gather(tasks)
    return found


def _itself(work: Any) -> Any:
    return work


def _apply(work: Callable[[Any], Floats], block: Any) -> Floats:
    return work(block)
