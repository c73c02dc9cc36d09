"""The room's background work: once a day what came is counted, and what was kept long enough is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_tasks import task

from mahalleh_site import logs
from mahalleh_site.listen.actions import counting, purge
from mahalleh_site.listen.alerts.tasks import tell_alerts
from mahalleh_site.people.actions import sweep_sessions
from mahalleh_site.places import files

log = logs.get("listen")


@dataclass(frozen=True, slots=True)
class Day:
    """What a day's work did: months counted anew, and what was forgotten."""

    months: int
    purged: purge.Purged


def share(*, by: str, today: date) -> Day:
    """The room's own share of a day's work: forget, write of what is new, count. Safe to do again.

    Raises:
        BusyError: where another process counts.
        EventsError: where the event store cannot be written.
    """
    purged = purge.purge(by=by, today=today)
    tell_alerts.enqueue()  # by itself, since a mail server may be slow
    return Day(counting.count(by=by), purged)


def work(*, by: str, today: date) -> Day:
    """A day's work of the house, with this room's share. Safe to do again.

    Raises:
        BusyError, EventsError: as `share`; all else is done then.
    """
    sweep_sessions()
    files.sweep_pulls(settings.VAR)
    try:
        return share(by=by, today=today)
    finally:
        wipe_journal()


@task()
def daily() -> int:
    """A day's work, by the worker; how many reports lost their words."""
    done = work(by="system:daily", today=timezone.localdate())
    log.info("daily work", extra={"event": "daily", "count": done.purged.words})
    return done.purged.words


def wipe_journal() -> None:
    """Let nothing of what was deleted stay in SQLite's journal."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
