"""What GeoReport's answers say, as plain data: services, published reports, discovery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

import h3
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import ShownReport
from mahalleh_site.listen.queries import routing
from mahalleh_site.listen.queries.published import intact
from mahalleh_site.listen.queries.published import shown as shown_to_all
from mahalleh_site.places.models import ShownPromise, Topic
from mahalleh_site.places.wording import group

SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
CHANGED: Final = "2026-11-01T00:00:00Z"  # when the interface last changed
DECIMALS: Final = 5
STATUSES: Final = {"open": rules.OPEN, "closed": rules.COUNTED - rules.OPEN}


def services() -> list[Topic]:
    """What may be told by another program: never what is sealed, which goes from hand to hand alone."""
    return [topic for topic in routing.offered() if topic.sensitivity != Topic.Sensitivity.SEALED]


def service(topic: Topic) -> dict[str, Any]:
    """A topic as a service."""
    return {
        "service_code": topic.pk,
        "service_name": topic.name,
        "description": topic.example or topic.name,
        "metadata": False,
        "type": "realtime",
        "keywords": ",".join(dict.fromkeys((topic.name_en, topic.name_fa))),
        "group": group(topic.group),
    }


def definition(topic: Topic) -> dict[str, Any]:
    """A service's own questions: there are none."""
    return {"service_code": topic.pk, "attributes": []}


def discovery(url: str) -> dict[str, Any]:
    """Where the interface stands and what it speaks."""
    contact = settings.CITY.contact
    return {
        "changeset": CHANGED,
        "contact": contact,
        "key_service": contact,
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": url,
                "changeset": CHANGED,
                "type": "test" if settings.CITY.is_demo else "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


def published(
    *,
    numbers: Iterable[str] = (),
    codes: Iterable[str] = (),
    start: date | None = None,
    end: date | None = None,
    statuses: Iterable[str] = (),
) -> QuerySet[ShownReport]:
    """Reports that the public may see, newest first. `numbers` override all else; `end` is the last day."""
    found = shown_to_all().select_related("topic", "area", "lead")
    if numbers := list(numbers):
        return found.filter(number__in=numbers)
    if codes := list(codes):
        found = found.filter(topic__in=codes)
    if start and end:
        found = found.filter(day__gte=start, day__lte=end)
    if statuses := set(statuses):
        found = found.filter(status__in=frozenset().union(*(STATUSES[status] for status in statuses)))
    return found


def requests(reports: Iterable[ShownReport]) -> list[dict[str, Any]]:
    """Published reports as service requests, with the newest public answer to each."""
    shown = intact(reports)
    subjects = {f"report:{report.number}": report.pk for report in shown}
    promised = ShownPromise.objects.filter(subject__in=subjects)
    ended = promised.exclude(ended_on=None).order_by("ended_on", "number")
    notes = {subjects[promise.subject]: promise.words for promise in ended}  # the newest stays
    return [_request(report, notes) for report in shown]


def _request(report: ShownReport, notes: Mapping[int, str]) -> dict[str, Any]:
    lat, lon = report.area.lat, report.area.lon
    notice = _("The point is the middle of the neighbourhood; nothing finer is known.")
    if report.cell is not None:
        lat, lon = h3.cell_to_latlng(h3.int_to_str(report.cell))
        notice = _(
            "The point is the middle of the surroundings, about 350 metres across; nothing finer is kept."
        )
    is_open = report.status in rules.OPEN
    return {
        "service_request_id": report.number,
        "status": "open" if is_open else "closed",
        "status_notes": notes.get(report.pk) or None,
        "service_name": report.topic.name,
        "service_code": report.topic_id,
        "description": report.public_text,
        "agency_responsible": report.lead.name if report.lead else None,
        "service_notice": notice,
        "requested_datetime": moment(report.day),
        "updated_datetime": moment(report.changed_on),
        "expected_datetime": moment(report.due_on) if is_open else None,
        "address": report.area.name,
        "address_id": report.area_id,
        "zipcode": None,
        "lat": round(lat, DECIMALS),
        "long": round(lon, DECIMALS),
        "media_url": None,
    }


def moment(day: date) -> str:
    """A day's first moment in the city: nothing finer is known."""
    return datetime.combine(day, time(), timezone.get_default_timezone()).isoformat()
