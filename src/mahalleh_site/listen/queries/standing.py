"""How listening stands, in counts: for the operator's commands, and by channel for the public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.queries import keeping, routing
from mahalleh_site.places.models import Topic

FEW: Final = 50  # reports below which no shares are told


@dataclass(frozen=True, slots=True)
class Standing:
    """Open reports, late ones, held ones; topics that somebody receives, of all; reports to be forgotten."""

    open: int
    late: int
    held: int
    heard: int
    topics: int
    to_forget: int


def standing(today: date) -> Standing:
    """How it stands on a day."""
    open_ = Report.objects.filter(status__in=rules.OPEN)
    topics = Topic.objects.filter(kind=Topic.Kind.NEED).count()
    return Standing(
        open=open_.count(),
        late=open_.filter(due_on__lt=today).count(),
        held=open_.filter(status="held").count(),
        heard=topics - len(routing.unheard()),
        topics=topics,
        to_forget=keeping.words_due(today).count(),
    )


def channels() -> list[tuple[str, float]]:
    """Shares of the channels by which reports of open topics reached us, the largest first.

    Nothing where there are fewer than `FEW`: a share would then be of single people. Rounded to twentieths,
    so that one report more or less shows nothing.
    """
    counted = Report.objects.filter(topic__sensitivity=Topic.Sensitivity.OPEN, status__in=rules.COUNTED)
    rows = dict(counted.values_list("channel").annotate(n=Count("id")).order_by())
    total = sum(rows.values())
    if total < FEW:
        return []
    shares = [(Report.Channel(channel).label, round(20 * n / total) / 20) for channel, n in rows.items()]
    return sorted(((str(name), share) for name, share in shares), key=lambda each: -each[1])
