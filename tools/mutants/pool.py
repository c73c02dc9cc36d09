"""Several nurseries at once, each a process with its own copy of the tree."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue

from tools.mutants.nursery import Nursery, Run

Answer = tuple[str, str]


class Pool:
    """Gives runs to whichever nursery is free."""

    def __init__(self, ends: list[Connection]) -> None:
        self.ends = ends
        self.free: Queue[Connection] = Queue()
        for end in ends:
            self.free.put(end)
        self.threads = ThreadPoolExecutor(len(ends))

    def each(self, runs: Mapping[str, Run]) -> Iterator[tuple[str, Answer, float]]:
        """Every run by its name with its answer and how long it took, as they come."""
        waiting = {self.threads.submit(self._one, run): name for name, run in runs.items()}
        for done in as_completed(waiting):
            yield waiting[done], *done.result()

    def everywhere(self, run: Run) -> None:
        """One run in every nursery."""
        list(self.threads.map(lambda end: _ask(end, run), self.ends))

    def _one(self, run: Run) -> tuple[Answer, float]:
        end = self.free.get()
        began = time.monotonic()
        try:
            return _ask(end, run), time.monotonic() - began
        finally:
            self.free.put(end)


@contextmanager
def nurseries(root: Path, home: Path, jobs: int) -> Iterator[Pool]:
    """As many nurseries as there are jobs; they end with the block."""
    context = multiprocessing.get_context("spawn")  # a clean process: it must not have imported what changes
    pairs = [context.Pipe() for _ in range(jobs)]
    processes = [
        context.Process(target=_live, args=(root, home / f"copy-{number}", end), daemon=False)
        for number, (_, end) in enumerate(pairs)
    ]
    for process in processes:
        process.start()
    pool = Pool([ours for ours, _ in pairs])
    try:
        yield pool
    finally:
        pool.threads.shutdown(cancel_futures=True)
        for ours, _ in pairs:
            ours.send(None)
        for process in processes:
            process.join()


def _live(root: Path, home: Path, end: Connection) -> None:
    """A nursery's life: a run in, an answer out, until nothing comes."""
    home.mkdir()
    nursery = Nursery(root, home)
    while (run := end.recv()) is not None:
        end.send(nursery.run(run))


def _ask(end: Connection, run: Run) -> Answer:
    end.send(run)
    answer: Answer = end.recv()
    return answer
