"""The standing of the day: the only writers of what the public may read of promises.

Promises change whenever somebody tells something or takes it back, and whoever polls a public page would
learn when. So public pages, feeds, programs and mails read copies, drawn once a day for the whole city
(`draw`). The one thing that does not wait is what staff publish on purpose (`show_now`). Rooms call both
inside their own transactions, beside their own copies.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet

from mahalleh_site.places.models import Promise, ShownPromise, Standing, Topic

ROW: Final = 1  # the standing has one row
BATCH: Final = 1000


@transaction.atomic
def draw(*, today: date) -> bool:
    """Draw the promises' part for a day; False, and nothing changes, where that day has been drawn."""
    standing, _made = Standing.objects.select_for_update().get_or_create(pk=ROW)
    if standing.day is not None and standing.day >= today:
        return False
    ShownPromise.objects.all().delete()
    _copy(_open().filter(open_to_all=True), today)
    standing.day, standing.late = today, _late(today)
    standing.save(update_fields=["day", "late"])
    return True


@transaction.atomic
def show_now(*, subject: str, today: date) -> None:
    """Staff published, changed or took down something: what is promised about it is shown as it is now."""
    ShownPromise.objects.filter(subject=subject).delete()
    _copy(_open().filter(subject=subject, open_to_all=True), today)
    Standing.objects.get_or_create(pk=ROW)
    Standing.objects.filter(pk=ROW).update(deeds=F("deeds") + 1)


def _copy(promises: Iterable[Promise], today: date) -> None:
    ShownPromise.objects.bulk_create(
        [
            ShownPromise(
                number=promise.pk,
                subject=promise.subject,
                area_id=promise.area_id,
                topic_id=promise.topic_id,
                what=promise.what,
                organisation_id=promise.organisation_id,
                made_on=promise.made_on,
                due_on=promise.due_on,
                ended_on=promise.ended_on,
                outcome=promise.outcome,
                words=promise.words,  # none where their mark does not hold (`Promise.from_db`)
                mark=promise.mark,
                late=promise.ended_on is None and promise.due_on < today,
            )
            for promise in promises
        ],
        batch_size=BATCH,
    )


def _open() -> QuerySet[Promise]:
    """Careful topics stand in no ledger: a place finer than its district would be told of them."""
    return Promise.objects.filter(topic__sensitivity=Topic.Sensitivity.OPEN)


def _late(today: date) -> dict[str, list[object]]:
    """What organisations owe and have not given, by area."""
    late = _open().filter(ended_on=None, due_on__lt=today).order_by()
    news = Q(due_on__lt=today - timedelta(1))  # late since before today: mails tell of days that are over
    rows = late.values_list("area").annotate(
        n=Count("pk"), first=Min("due_on"), newest=Max("due_on", filter=news)
    )
    return {
        area: [n, first.isoformat(), newest.isoformat() if newest else None]
        for area, n, first, newest in rows
    }
