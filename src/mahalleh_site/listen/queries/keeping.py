"""What has been kept long enough, and what will be deleted soon."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from mahalleh_site.listen import rules
from mahalleh_site.listen.city_section import Listen
from mahalleh_site.listen.models import Report
from mahalleh_site.sealed import queries
from mahalleh_site.sealed.rules import Keeping


def keeping() -> Keeping:
    """How long this city keeps things."""
    listen = settings.CITY.of(Listen)
    return Keeping(rules.COURSE, listen.words_days, listen.contact_days, listen.notice_days)


def words_due(today: date) -> QuerySet[Report]:
    """Reports whose words go on this day."""
    kept = keeping()
    return queries.words_due(Report.objects.all(), kept, today, _ended(today - timedelta(kept.words)))


def contact_due(today: date) -> QuerySet[Report]:
    """Reports whose contact goes on this day."""
    kept = keeping()
    return queries.contact_due(Report.objects.all(), kept, today, _ended(today - timedelta(kept.contact)))


def _ended(by: date) -> Q:
    """Reports that ended by a day; one that follows another ends with that one."""
    own = Q(status__in=rules.ENDED - {"merged"}, ended_on__lte=by)
    return own | Q(status="merged", merged_into__status__in=rules.ENDED, merged_into__ended_on__lte=by)


def words_until(report: Report) -> date | None:
    """The day on which a report's words go; None while it is open, and after they went."""
    leading = _leading(report)
    return None if report.words_purged_on else keeping().words_until(leading.status, leading.ended_on)


def contact_until(report: Report, today: date) -> date | None:
    """The day on which the way to reach the resident goes; None while it is open, and after it went.

    One that was left when that day had passed goes with the next day's work.
    """
    leading = _leading(report)
    until = None if report.contact_purged_on else keeping().contact_until(leading.status, leading.ended_on)
    return today + timedelta(1) if until and until < today else until


def _leading(report: Report) -> Report:
    """The report whose end counts: one that follows another ends with that one."""
    return (report.merged_into if report.status == "merged" else None) or report


def notice(report: Report, today: date) -> date | None:
    """The day on which a report's words go, if it is near enough to warn of."""
    until = words_until(report)
    return until if until and until - timedelta(keeping().notice) <= today else None
