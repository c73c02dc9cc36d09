"""Frames made in other threads while the caller writes those before: Polars leaves the interpreter free."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Full, Queue
from typing import Final

import polars as pl

WORKERS: Final = 2  # files read at a time
WAITING: Final = 2  # frames of a file that may wait for the caller, so that memory stays bounded
PATIENCE: Final = 0.05  # seconds between looks at whether to stop

Makers = Sequence[Callable[[], Iterator[pl.DataFrame]]]


class Ahead:
    """Runs iterators of frames, in their order and a few at a time, ahead of who takes the frames.

    The threads begin with the first frame that is asked for, and end when all is taken, or with `stop`.
    """

    def __init__(self, makers: Makers) -> None:
        self.makers = makers
        self.queues: list[Queue[pl.DataFrame | BaseException | None]] = [Queue(WAITING) for _ in makers]
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.next = 0
        self.threads: list[threading.Thread] = []

    def frames(self, position: int) -> Iterator[pl.DataFrame]:
        """The frames of one iterator; whatever it raised is raised here."""
        if not self.threads:
            self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)]
            for thread in self.threads:
                thread.start()
        done = False
        try:
            while (item := self.queues[position].get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
            done = True
        finally:
            if not done:
                self.stop()

    def stop(self) -> None:
        """End the threads and wait for them."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _work(self) -> None:
        while not self.stopped.is_set():
            with self.lock:
                position, self.next = self.next, self.next + 1
            if position >= len(self.makers):
                return
            try:
                for frame in self.makers[position]():
                    if not self._put(position, frame):
                        return
                self._put(position, None)
            except BaseException as error:
                self._put(position, error)

    def _put(self, position: int, item: pl.DataFrame | BaseException | None) -> bool:
        while not self.stopped.is_set():
            try:
                self.queues[position].put(item, timeout=PATIENCE)
            except Full:
                continue
            return True
        return False
