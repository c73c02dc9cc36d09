"""How listening stands, in counts: for the operator's commands, and by channel for the public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, Q, Sum

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import NeedCount, Report, Step
from mahalleh_site.listen.queries import keeping, published, routing
from mahalleh_site.places.models import Topic
from mahalleh_site.releases.queries import tallies

CHANNELS: Final = "channels"  # the tables' names, in the manifest too
YEAR: Final = 52  # weeks
FEW: Final = 50  # reports below which no shares are told
ERROR: Final = 0.1  # a tenth more or less leaves the order of most shares; a choice


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
    """Shares of the channels by which reports of open topics reached us, the largest first: frozen counts.

    Nothing where there are fewer than `FEW`, or where noise could move a share by more than `ERROR`. Rounded
    to twentieths.
    """
    told = tallies.lately(CHANNELS, weeks=YEAR)
    if (told.all.value or 0) < FEW:
        return []
    named = dict(Report.Channel.choices)
    shares = [(str(named[code]), told.share(code, at_most=ERROR)) for code in told.by_what]
    rounded = [(name, round(20 * share) / 20) for name, share in shares if share is not None]
    return sorted(((name, share) for name, share in rounded if share), key=lambda each: -each[1])


def ways(start: date, end: date) -> Mapping[tuple[str, str], int]:
    """How many reports of open topics came by each channel in a week: exact, for a noisy table alone.

    One that is taken back counts as one less, in the week of that day: rows are only added.
    """
    rows = NeedCount.objects.filter(
        topic__sensitivity=Topic.Sensitivity.OPEN, recorded__gte=start, recorded__lt=end
    ).order_by()
    found = dict(rows.values_list("channel").annotate(n=Sum("n")))
    return {("", code): found.get(code, 0) for code in Report.Channel.values}


def votes(start: date, end: date) -> Mapping[tuple[str, str], int]:
    """How many said in a week of each published report that they have it too: exact, for a noisy table.

    Of those that were open in that week; nobody could say it of the others.
    """
    said = Step.objects.filter(verb="also", day__gte=start, day__lt=end).order_by()
    found = dict(said.values_list("report").annotate(n=Count("pk")))
    could = published.shown().filter(Q(status__in=rules.OPEN) | Q(moved_on__gte=start))
    return {(number, ""): found.get(pk, 0) for pk, number in could.values_list("pk", "number")}
