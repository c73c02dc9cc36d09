"""The files of the store: written, joined by month, flushed; a full disk is said as the system says it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

SYNCING: Final = 8  # files that are flushed to disk at a time
FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def month_of(file: str) -> str:
    """The month of a file of the store: its folder's name says it."""
    return Path(file).parent.name.removeprefix("month=")


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame."""
    with _full_disk():
        frame.write_parquet(path, compression="lz4")


@contextmanager
def _full_disk() -> Iterator[None]:
    """Polars tells of a full disk in words of its own; here it is the system's error."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        for code in FULL:
            if f"os error {code}" in str(error) or os.strerror(code) in str(error):
                raise OSError(code, os.strerror(code)) from error
        raise


def joined(parts: list[Path], number: int) -> Path:
    """One file a month and batch, so that readers open few files."""
    target = parts[0].with_name(f"{number:06d}-all.parquet")
    if len(parts) == 1:
        return parts[0].replace(target)
    with _full_disk():
        pl.scan_parquet(parts).sink_parquet(target, compression="lz4")
    for part in parts:
        part.unlink()
    return target


def flush(store: Path, files: Iterable[str]) -> None:
    """Files of a store, and their names, safe on the disk."""
    paths = [store / file for file in files]
    with ThreadPoolExecutor(SYNCING) as pool:  # a disk merges what is asked of it together
        list(pool.map(sync, paths))
        # a name stands in its folder, the folder's in the store's: both are safe before they count
        list(pool.map(sync, {store, *(path.parent for path in paths)}))


def sync(path: Path) -> None:
    """A file or folder safe on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
