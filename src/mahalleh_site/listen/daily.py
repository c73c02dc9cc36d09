"""The room's daily work: what was kept long enough is forgotten, what the public may read is drawn, and what
came is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from mahalleh_site.listen.actions import counting, purge, standing
from mahalleh_site.listen.alerts.tasks import tell_alerts


def work(*, by: str, today: date) -> Mapping[str, Mapping[str, int]]:
    """Forget, draw the standing of the day, count, and ask for the mails of alerts. Safe to do again.

    Raises:
        BusyError: where another process counts.
        EventsError: where the event store cannot be written.
    """
    purged = purge.purge(by=by, today=today)
    standing.draw(today=today)  # after what is forgotten has gone, before anyone is told that there is news
    tell_alerts.enqueue()  # by itself, since a mail server may be slow
    return {"listening.daily": {"months": counting.count(by=by), **asdict(purged)}}
