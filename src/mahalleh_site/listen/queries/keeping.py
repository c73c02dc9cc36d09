"""What has been kept long enough, and what will be deleted soon."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Report


def keeping() -> rules.Keeping:
    """How long this city keeps things."""
    listen = settings.CITY.listen
    return rules.Keeping(listen.words_days, listen.contact_days, listen.notice_days)


def words_due(today: date) -> QuerySet[Report]:
    """Reports whose words go on this day. One that others follow keeps them until it has ended itself."""
    kept = keeping()
    ended = Q(status__in=rules.ENDED - {"refused"}, ended_on__lte=today - timedelta(kept.words))
    refused = Q(status="refused", ended_on__lte=today - timedelta(kept.refused))
    return Report.objects.filter(ended | refused, words_purged_on=None)


def contact_due(today: date) -> QuerySet[Report]:
    """Reports whose contact goes on this day."""
    kept = keeping()
    return Report.objects.filter(
        status__in=rules.ENDED,
        ended_on__lte=today - timedelta(kept.contact),
        contact_purged_on=None,
        messages__kind="contact",
    ).distinct()


def words_until(report: Report) -> date | None:
    """The day on which a report's words go; None while it is open, and after they went."""
    return None if report.words_purged_on else keeping().words_until(report.status, report.ended_on)


def notice(report: Report, today: date) -> date | None:
    """The day on which a report's words go, if it is near enough to warn of."""
    until = words_until(report)
    return until if until and until - timedelta(keeping().notice) <= today else None
