"""What waits for somebody in the room."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from mahalleh_site.house.manifest import Waiting
from mahalleh_site.listen.desk.queries import queue
from mahalleh_site.people.models import User

MOST = 20  # reports on the page of what waits; the queue has the others


def waiting(user: User) -> Iterable[Waiting]:
    """Reports that wait for somebody: what was not better first, by their days."""
    reports = queue.waiting(user)[:MOST]
    wrote = queue.wrote(reports, user)
    for report in reports:
        about = {"topic": report.topic.name, "area": report.area.name}
        texts = {
            "held": _("Report held for a look: %(topic)s, %(area)s. Is it one?"),
            "promised": _("Promised: %(topic)s, %(area)s. Is it done?"),
            "reopened": _("Not better: %(topic)s, %(area)s. What now?"),
        }
        text = texts.get(report.status, _("Report: %(topic)s, %(area)s. What is the answer?"))
        if report.pk in wrote and report.status not in ("held", "new", "reopened"):  # they are read anyway
            text = _("The resident wrote: %(topic)s, %(area)s. What is the answer?")
        yield Waiting(report.due_on, text % about, reverse("report-staff", args=[report.number]))
