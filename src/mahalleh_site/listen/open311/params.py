"""What a program asks for: parameters read, or refused with a sentence and a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions.intake import Submission
from mahalleh_site.listen.models import ApiKey, Report
from mahalleh_site.listen.open311 import payloads
from mahalleh_site.listen.queries import placing
from mahalleh_site.people.keys import seal
from mahalleh_site.places.models import Area
from mahalleh_site.sealed.digests import digest

SPAN: Final = 90  # days, by the standard
MOST: Final = 1000  # requests in an answer, by the standard
PAGES: Final = 10_000
LISTED: Final = 100  # ids or codes in a list
CONTACT: Final = 300  # letters, as on the site
LISTS: Final = frozenset({"service_request_id", "service_code", "status"})  # may be given more than once


class BadRequestError(ValueError):
    """What was asked cannot be done. `status`: 400, 403 or 404."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests: filters of `shapes.published`, and the page."""

    filters: dict[str, Any]
    page: int
    size: int


def api_key(given: Mapping[str, str]) -> ApiKey:
    """The key of a program.

    Raises:
        BadRequestError: 403 without one that is in use.
    """
    code = seal.read_code(given.get("api_key", "")) or ""
    wanted = digest(code.encode(), room=Report.ROOM, purpose="api key")
    found = ApiKey.objects.filter(digest=wanted, ended_on=None).select_related("organisation").first()
    if found is None:
        raise BadRequestError(403, _("This needs a valid api_key."))
    return found


def wanted(given: Mapping[str, str]) -> Wanted:
    """Which requests are asked for.

    Raises:
        BadRequestError: a day that cannot be read, a span of more than 90 days, an unknown status.
    """
    numbers = [each.upper() for each in _list(given, "service_request_id")]  # they override all else
    statuses = _list(given, "status")
    if (unknown := [each for each in statuses if each not in payloads.STATUSES]) and not numbers:
        raise BadRequestError(400, _("Unknown status: %(given)s") % {"given": unknown[0]})
    start, end = _days(given) if not numbers else (None, None)
    filters = {
        "numbers": numbers,
        "codes": _list(given, "service_code"),
        "start": start,
        "end": end,
        "statuses": statuses,
    }
    return Wanted(filters, _number(given, "page", 1, PAGES), _number(given, "page_size", MOST, MOST))


def submission(given: Mapping[str, str], language: str) -> Submission:
    """A report as a program sends it.

    Raises:
        BadRequestError: an unknown service (404), no place or one outside the city, words that are too long.
    """
    code = given.get("service_code", "")
    if not code:
        raise BadRequestError(400, _("service_code is missing."))
    topic = next((each for each in payloads.services() if each.pk == code), None)
    if topic is None:
        raise BadRequestError(404, _("There is no service with this service_code."))
    words = given.get("description", "")
    if len(words) > rules.WORDS:
        raise BadRequestError(400, _("That is too long: at most 4,000 letters."))
    area, cell = _place(given)
    return Submission(topic, area, cell, words, contact=_contact(given), language=language)


def _contact(given: Mapping[str, str]) -> str:
    parts = [given.get(name, "").strip() for name in ("first_name", "last_name", "phone", "email")]
    contact = " ".join(part for part in parts if part)
    if len(contact) > CONTACT:  # cut short, it might reach nobody
        raise BadRequestError(400, _("first_name, last_name, phone and email: at most 300 letters together."))
    return contact


def _place(given: Mapping[str, str]) -> tuple[Area, int | None]:
    if given.get("lat") and given.get("long"):
        try:
            found = placing.place_of(float(given["long"]), float(given["lat"]))
        except ValueError as error:
            raise BadRequestError(400, _("lat and long must be degrees.")) from error
        if found is None:
            raise BadRequestError(400, _("That is outside the city. Please choose a place inside it."))
        return found
    if given.get("address_id"):
        area = Area.objects.filter(pk=given["address_id"][:60]).first()
        if area is None:
            raise BadRequestError(404, _("There is no neighbourhood with this address_id."))
        return area, None
    if given.get("address_string"):
        area = placing.named(given["address_string"])
        if area is not None:
            return area, None
        raise BadRequestError(
            400, _("This address_string does not name one neighbourhood: send lat and long.")
        )
    raise BadRequestError(400, _("A place is missing: send lat and long, address_id or address_string."))


def _list(given: Mapping[str, str], name: str) -> list[str]:
    parts = [part.strip() for part in given.get(name, "").split(",")]
    found = [part for part in parts if part]
    if len(found) > LISTED:
        raise BadRequestError(
            400, _("%(name)s: at most %(most)s in a list.") % {"name": name, "most": LISTED}
        )
    return found


def _days(given: Mapping[str, str]) -> tuple[date, date]:
    """The first and the last day that are asked for, in the city's time: nothing finer is known."""
    start, end = _moment(given, "start_date"), _moment(given, "end_date")
    try:
        first = timezone.localdate(start) if start else timezone.localdate(end) - timedelta(SPAN)
        last = timezone.localdate(end) if end else first + timedelta(SPAN)
    except OverflowError as error:
        raise BadRequestError(400, _("Write days as 2026-11-23T00:00:00Z.")) from error
    # where clocks change, 90 days by the calendar are not 90 times 24 hours; either way of counting is right
    apart = min(last - first, end - start) if start and end else last - first
    if last < first or apart > timedelta(SPAN):
        raise BadRequestError(400, _("start_date and end_date may be 90 days apart at most."))
    return first, last


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        # the plus of an offset that was not escaped arrives as a space
        read = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        aware = read if timezone.is_aware(read) else timezone.make_aware(read)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequestError(400, _("Write days as 2026-11-23T00:00:00Z.")) from error


def _number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or not 1 <= int(text) <= most:
        raise BadRequestError(
            400, _("%(name)s must be a number from 1 to %(most)s.") % {"name": name, "most": most}
        )
    return int(text)
