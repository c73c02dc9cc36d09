"""What `mahalleh doctor` asks of the room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mahalleh_site.house.doctor import Finding
from mahalleh_site.listen.models import Report, Route
from mahalleh_site.listen.queries import routing, standing


def receiving() -> Iterator[Finding]:
    """Residents can tell everything that there is a topic for, and nothing is kept too long."""
    told = standing.standing(date.today())
    if unheard := [topic.name_en for topic in routing.unheard()]:
        # a city that has not begun to listen is no fault; one that listens to half is
        if Route.objects.exists() or Report.objects.exists():
            yield Finding(False, "listening.doctor-unheard", {"given": unheard})
    else:
        facts = {"heard": told.heard, "topics": told.topics, "late": told.late}
        yield Finding(True, "listening.doctor-good", facts)
    if told.to_forget:
        yield Finding(False, "listening.doctor-forgetting", {"given": told.to_forget})
