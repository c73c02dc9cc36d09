"""Forgetting: what has been kept long enough is deleted; what is counted stays.

| what | kept | then |
| --- | --- | --- |
| photos of a form that was never sent | one day | deleted |
| words, photos, notes, reasons of a report | `words_days` after its end | deleted, and the keys to them |
| words of what was no report | 14 days after it was set aside | the same |
| how to reach the resident | `contact_days` after its end | deleted |
| topic, neighbourhood, cell, days, states, promises | for ever, as statistics | |

Withdrawing deletes words, photos and contact at once (`actions.resident`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final

from django.db import transaction

from mahalleh_site.listen.actions import report_steps
from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.listen.queries import keeping
from mahalleh_site.people import audit
from mahalleh_site.people.audit import By
from mahalleh_site.sealed.actions import forgetting

BEGUN_DAYS: Final = 1  # that photos of a form wait to be sent


@dataclass(frozen=True, slots=True)
class Purged:
    """How many reports lost their words, how many their contact, and how many photos were never sent.

    Sealed reports are in no count.
    """

    words: int
    contacts: int
    begun: int


@transaction.atomic
def purge(*, by: By, today: date) -> Purged:
    """Delete what has been kept long enough on this day."""
    begun = forgetting.sweep_drafts(Photo, before=today - timedelta(BEGUN_DAYS))
    due = list(keeping.words_due(today))
    report_steps.forget(due, on=today)
    contacts = list(keeping.contact_due(today))
    forgetting.forget_contacts(contacts, on=today)
    done = Purged(_plain(due), _plain(contacts), begun)
    if done != Purged(0, 0, 0):
        audit.record(by=by, verb="purge-reports", object="reports", facts=asdict(done))
    return done


def _plain(reports: list[Report]) -> int:
    return sum(not report_steps.is_sealed(report) for report in reports)
