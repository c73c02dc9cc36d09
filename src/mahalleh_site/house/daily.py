"""The house's daily work: each room's own, in the order of the rooms, and what belongs to none of them."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.utils import timezone
from django_tasks import task

from mahalleh_site import logs
from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Done

log = logs.get("house")


def work(*, by: str, today: date) -> Done:
    """A day's work. Safe to do again.

    Raises:
        BusyError: where another process counts.
        EventsError: where the event store cannot be written.
    """
    done: Done = {}
    for daily in rooms.daily_work():
        done = {**done, **daily(by=by, today=today)}
    wipe_journal()
    return done


@task()
def daily() -> int:
    """A day's work, by the worker; how many things were done."""
    done = work(by="system:daily", today=timezone.localdate())
    count = sum(number for facts in done.values() for number in facts.values())
    log.info("daily work", extra={"event": "daily", "count": count})
    return count


def wipe_journal() -> None:
    """Let nothing of what was deleted stay in SQLite's journal."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
