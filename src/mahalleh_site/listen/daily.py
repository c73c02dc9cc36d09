"""The room's daily work: what came is counted, and what was kept long enough is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from mahalleh_site.listen.actions import counting, purge
from mahalleh_site.listen.alerts.tasks import tell_alerts


def work(*, by: str, today: date) -> Mapping[str, Mapping[str, int]]:
    """Forget, count, and ask for the mails of alerts. Safe to do again.

    Raises:
        BusyError: where another process counts.
        EventsError: where the event store cannot be written.
    """
    purged = purge.purge(by=by, today=today)
    tell_alerts.enqueue()  # by itself, since a mail server may be slow
    return {"listening.daily": {"months": counting.count(by=by), **asdict(purged)}}
