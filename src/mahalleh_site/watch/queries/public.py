"""What anyone may read of the watch: decided and expired signals in coarse words, and the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import get_language

from mahalleh.calendars import month_start, next_month
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.watch import rules
from mahalleh_site.watch.models import Method, Signal
from mahalleh_site.watch.pages import MethodEntry, PublicSignal, SignalRow
from mahalleh_site.watch.queries import lists
from mahalleh_site.watch.register import is_in_use

SHOWN: Final = 12  # signals on a page of a place
# Verbs of the audit log after which anyone may read something else here.
VERBS: Final = (
    "watch-run",
    "decide-signal",
    "expire-signal",
    "join-signals",
    "register-method",
    "switch-method",
    "topic.change",
)


def public_signals(place: Area | District) -> list[PublicSignal]:
    """Decided and expired signals of a neighbourhood or a district, the newest first.

    Coarse: no count and no probability. Careful topics stand on districts' pages alone and with whole months,
    sealed ones nowhere.
    Of signals that were found afterwards, over the past, those that somebody decided on are shown: nobody let
    the others run out.
    """
    found = lists.whole().exclude(stands=Signal.Status.OPEN)
    found = found.exclude(stands=Signal.Status.EXPIRED, live=False)
    if isinstance(place, Area):
        found = found.filter(areas=place, topic__sensitivity=Topic.Sensitivity.OPEN)
    else:
        found = found.filter(areas__district=place).exclude(topic__sensitivity=Topic.Sensitivity.SEALED)
    return [_public(row, place) for row in lists.rows(found.distinct()[:SHOWN])]


def methods() -> list[MethodEntry]:
    """The register's entries in the page's language."""
    return [_entry(method) for method in Method.objects.all()]


def any_method_in_use() -> bool:
    """Whether something is computed about the city beyond counts."""
    return any(is_in_use(method) for method in Method.objects.all())


def public_version() -> str:
    """What public pages show of the watch: another text means that kept pages are out of date."""
    newest = AuditEntry.objects.filter(verb__in=VERBS).aggregate(last=Max("number"))["last"]
    expired = lists.standing().filter(stands=Signal.Status.EXPIRED).aggregate(n=Count("pk"))["n"]
    used = [method.pk for method in Method.objects.all() if is_in_use(method)]  # an entry runs out by itself
    return f"{newest}-{expired}-{'-'.join(used)}"


def _public(row: SignalRow, place: Area | District) -> PublicSignal:
    """A signal without its numbers, and a decision without the name of who made it or its wording."""
    shown = None if row.verdict is None else replace(row.verdict, by="", reason="", other="")
    decided = None if row.verdict is None else timezone.localtime(row.verdict.at).date()
    start, end = row.newest.start, row.newest.end
    if row.topic.sensitivity != Topic.Sensitivity.OPEN:
        start, end = _months(start, end)
    return PublicSignal(
        topic=row.topic,
        place=place,
        scope=_scope(row, place),
        start=start,
        end=end,
        step=rules.step(row.newest.observed, row.newest.expected),
        status=row.status,
        decided_on=decided or rules.expires_on(row.opened_on),
        verdict=shown if row.status != Signal.Status.EXPIRED else None,
    )


def _scope(row: SignalRow, place: Area | District) -> str:
    """How a place stands to a rise: `alone`, `together` with others, or the rise is in a `part` of it."""
    if isinstance(place, District):
        return "part"
    return "alone" if len(row.newest.areas) == 1 else "together"


def _months(start: date, end: date) -> tuple[date, date]:
    """The whole months of the city's calendar that a period touches."""
    calendar = settings.CITY.calendar
    last = month_start(end - timedelta(days=1), calendar)
    return month_start(start, calendar), next_month(last, calendar)


def _entry(method: Method) -> MethodEntry:
    language = (get_language() or settings.LANGUAGE_CODE)[:2]

    def said(texts: dict[str, str]) -> str:
        return texts.get(language) or texts.get("en", "")

    return MethodEntry(
        name=method.pk,
        title=said(method.names),
        version=method.version,
        purpose=said(method.purpose),
        data=said(method.data),
        errors=method.errors,
        owner=said(method.owner),
        reviewed_on=method.reviewed_on,
        expires_on=method.expires_on,
        in_use=is_in_use(method),
    )
