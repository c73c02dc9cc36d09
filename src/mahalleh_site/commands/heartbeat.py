"""The sign of life of a background worker: a file in the city's folder, touched while the worker runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EVERY, LATE = 15.0, 60.0  # seconds between beats; after how many a worker counts as gone
FILE = "worker-alive"


def path() -> Path:
    """Where the sign of life stands."""
    from django.conf import settings

    return Path(settings.VAR) / FILE


def alive() -> bool:
    """Whether a worker of this city has beaten lately."""
    try:
        return time.time() - path().stat().st_mtime < LATE
    except OSError:
        return False


@contextmanager
def beating() -> Iterator[None]:
    """Beat until the block ends, then take the sign away."""
    from mahalleh_site.people import limits

    stop = threading.Event()

    def beat() -> None:
        while True:
            path().touch()
            limits.sweep()  # also where nobody comes by whose count would do it
            if stop.wait(EVERY):
                return

    thread = threading.Thread(target=beat, daemon=True, name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        path().unlink(missing_ok=True)
