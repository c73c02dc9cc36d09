"""Asks for the day's work once a day, from whatever worker looks first; no timer of the system is needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mahalleh_site import logs

LOOK = 300.0  # seconds between looks at the day
FILE = "asked-on"

log = logs.get("commands")


def ask() -> bool:
    """Put the day's work into the queue, if nobody has yet; whether it was put there."""
    from django.conf import settings
    from django.utils import timezone

    from mahalleh_site.house import daily
    from mahalleh_site.places import files

    today = timezone.localdate().isoformat()
    with suppress(files.BusyError), files.alone(settings.VAR, name="every-day"):
        marker = files.private_path(settings.VAR) / FILE
        if marker.exists() and marker.read_text(encoding="ascii") == today:
            return False
        daily.daily.enqueue()
        files.write_whole(marker, today.encode(), mode=0o600)
        return True
    return False


@contextmanager
def asking() -> Iterator[None]:
    """Look at the day until the block ends."""
    stop = threading.Event()

    def look() -> None:
        from django.db import Error, connection

        while True:
            try:
                ask()
            except (Error, OSError) as error:  # the next look tries again
                log.error("daily work not asked for", extra={"event": type(error).__name__})
            finally:
                connection.close()
            if stop.wait(LOOK):
                return

    thread = threading.Thread(target=look, daemon=True, name="every-day")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
