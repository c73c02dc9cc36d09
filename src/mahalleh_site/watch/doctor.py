"""What `mahalleh doctor` asks of the room."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from mahalleh_site import terminal
from mahalleh_site.house.doctor import Finding
from mahalleh_site.watch import looking, queries, running


def looked() -> Iterator[Finding]:
    """The watch may work, and has looked at the newest complete period."""
    topics, scheme, _, events = running.situation(timezone.localdate())
    periods = looking.newest_periods(events, scheme) if topics else []
    if not periods:
        return
    newest = queries.last_look()
    if newest is None:
        yield Finding(False, "watching.doctor-never")
        return
    since = [period for period in periods if period[0] > newest.start]
    facts = {"start": terminal.day(newest.start), "count": len(since)}
    yield Finding(not since, "watching.doctor-behind" if since else "watching.doctor-good", facts)
