"""Answers of Open311 GeoReport v2 servers, as they are and not only as the standard has them.

Of a request only what is counted is taken out of the answer: its number, service, moment and point.
Description, address, names, pictures and notes are never copied. Source: the GeoReport v2 specification, and
answers of servers in Toronto, Giessen, Washington DC, Boston, San Francisco and Chicago: lists within a word,
one thing where a list should be, empty texts and elements, offsets without colon, days of one digit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from mahalleh.errors import SourceError

LONGEST: Final = 200  # characters of a value that is kept; no code or name of a service is longer
FIRST_YEAR: Final = 1900  # earlier ones are placeholders such as 0001, or another calendar
HTML: Final = re.compile(  # *+ takes nothing back: comments without a page after them are read once
    rb"(?:<\?xml[^>]*+>|<!--.*?-->|\s++)*+<(!doctype\s++html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
XML_STARTS: Final = (b"<", b"\xff\xfe", b"\xfe\xff")
MOMENT: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?"
    r"\s*(Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)?",
    re.IGNORECASE,
)
SERVICES: Final = ("services", "service")  # words that may wrap a list, then one of its entries
REQUESTS: Final = ("service_requests", "requests", "service_request", "request")


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a server: what residents may ask for."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is counted of one request, as texts; empty where the answer has nothing.

    `id`: the server's number. `requested`: the moment as it was written. `lon`, `lat`: degrees.
    """

    id: str
    code: str
    name: str
    requested: str
    lon: str
    lat: str


def services(body: bytes, *, url: str) -> list[Service]:
    """The services of an answer, XML or JSON; those without a code are left out.

    Raises:
        SourceError: where the answer is a refusal, a web page, broken or something else; `url` is named.
    """
    found = (
        Service(_value(one, "service_code"), _value(one, "service_name"))
        for one in _records(body, SERVICES, url=url)
    )
    return [service for service in found if service.code]


def requests(body: bytes, *, url: str) -> list[Request]:
    """The requests of an answer, XML or JSON.

    Raises:
        SourceError: as for `services`.
    """
    return [
        Request(
            id=_value(one, "service_request_id"),
            code=_value(one, "service_code"),
            name=_value(one, "service_name"),
            requested=_value(one, "requested_datetime"),
            lon=_value(one, "long", "lon", "lng"),
            lat=_value(one, "lat"),
        )
        for one in _records(body, REQUESTS, url=url)
    ]


def refusal(body: bytes) -> tuple[str, str] | None:
    """Code and description of an error answer; None where the body is none."""
    try:
        _records(body, (), url="")
    except SourceError as error:
        fault = error.faults[0]
        if fault.code == "open311.refused":
            return str(fault.facts["code"]), str(fault.facts["description"])
    return None


def moment(text: str, zone: ZoneInfo) -> tuple[datetime | None, str]:
    """A moment as wall time in `zone`, to the minute, and how finely it is known: `minute` or `day`.

    None where it is no date. A moment without offset is taken as the zone's own wall time; one with an offset
    is turned by it, even by an offset that forgets summer time: the server knows its clock best.
    """
    found = MOMENT.fullmatch(text.strip())
    if found is None:
        return None, "minute"
    year, month, day, hour, minute = (int(part or 0) for part in found.groups()[:5])
    try:
        told = datetime(year, month, day, hour, minute)
        if found[4] and found[7]:
            away = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
            offset = timezone(-away if found[8] == "-" else away)
            told = told.replace(tzinfo=offset).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None, "minute"
    return (told if told.year >= FIRST_YEAR else None), ("minute" if found[4] else "day")


def _records(body: bytes, words: tuple[str, ...], *, url: str) -> list[dict[str, Any]]:
    """The entries of an answer as flat tables, keys in small letters."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise SourceError("open311.empty", url=url)
    if HTML.match(start):
        raise SourceError("open311.web-page", url=url)
    try:
        if start.startswith(XML_STARTS):
            return _of_xml(start, words, url=url)
        return list(_of_json(json.loads(start.decode("utf-8")), words, url=url))
    except DefusedXmlException as error:
        raise SourceError("open311.trap", url=url) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise SourceError("open311.broken", url=url, reason=_clean(str(error))) from error


def _of_xml(body: bytes, words: tuple[str, ...], *, url: str) -> list[dict[str, Any]]:
    # no standard answer has a document type, and without one no entity can be declared
    root = fromstring(body, forbid_dtd=True)
    if _tag(root) in ("errors", "error"):
        errors = [_table(one) for one in root.iter() if _tag(one) == "error"]
        _refuse(errors[0] if errors else {}, url=url)
    entries = [one for one in root.iter() if _tag(one) in words and len(one) and not _has(one, words)]
    if not entries and _tag(root) not in words:
        raise SourceError("open311.other-content", url=url, given=_clean(_tag(root)))
    return [_table(one) for one in entries]


def _of_json(value: Any, words: tuple[str, ...], *, url: str) -> Iterator[dict[str, Any]]:
    if value is None:  # how some say that there is nothing
        return
    if isinstance(value, list):
        for one in value:
            yield from _of_json(one, words, url=url)
        return
    if not isinstance(value, dict):
        raise SourceError("open311.other-content", url=url, given=_clean(str(value)))
    table = {str(key).lower(): content for key, content in value.items()}
    if wrapped := [word for word in words if isinstance(table.get(word), list | dict)]:
        yield from _of_json(table[wrapped[0]], words, url=url)
    elif words and ("service_code" in table or "service_request_id" in table or "token" in table):
        yield table
    elif "errors" in table or "error" in table or {"code", "description"} <= set(table):
        errors = table.get("errors", table.get("error", table))
        first = errors[0] if isinstance(errors, list) and errors else errors
        _refuse(first if isinstance(first, dict) else {"description": first}, url=url)
    elif table and not set(table) & set(words):
        raise SourceError("open311.other-content", url=url, given=_clean(", ".join(table)))


def _refuse(error: dict[str, Any], *, url: str) -> None:
    code, description = _value(error, "code"), _clean(_value(error, "description")).rstrip(".")
    raise SourceError("open311.refused", url=url, code=code or "?", description=description or "?")


def _tag(element: Any) -> str:
    """The element's name without namespace; a comment has none."""
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _has(element: Any, words: tuple[str, ...]) -> bool:
    return any(_tag(child) in words for child in element)


def _table(element: Any) -> dict[str, Any]:
    return {_tag(child): child.text for child in element}


def _value(table: dict[str, Any], *keys: str) -> str:
    """The first of the keys that holds a text or a number; true and false are neither."""
    for key in keys:
        value = table.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:LONGEST]
    return ""


def _clean(text: str) -> str:
    """Somebody else's words, fit for a terminal: one line, nothing that steers it, not too long."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:LONGEST]
