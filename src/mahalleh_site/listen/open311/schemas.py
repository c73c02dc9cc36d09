"""What each answer holds, as JSON Schema in OpenAPI 3.0's words. An answer holds nothing besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mahalleh_site.listen.open311.payloads import SPECIFICATION

TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
DATE_TIME: Final = {"type": "string", "format": "date-time"}
NOTHING: Final = {"type": "string", "nullable": True, "maxLength": 0}  # a field of the standard we never fill


def holding(fields: Mapping[str, Any], *, about: str = "") -> dict[str, Any]:
    """An object of exactly these fields."""
    found: dict[str, Any] = {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }
    return found | ({"description": about} if about else {})


def several(of: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A list of one kind of thing."""
    return {"type": "array", "items": dict(of), **more}


def one(of: Mapping[str, Any]) -> dict[str, Any]:
    """A list of one, as the standard has it."""
    return several(of, minItems=1, maxItems=1)


def _perhaps(of: Mapping[str, Any]) -> dict[str, Any]:
    return {**of, "nullable": True}


ERRORS: Final = one(holding({"code": {"type": "integer"}, "description": TEXT}))
ENDPOINT: Final = holding(
    {
        "specification": {"type": "string", "enum": [SPECIFICATION]},
        "url": TEXT,
        "changeset": DATE_TIME,
        "type": {"type": "string", "enum": ["production", "test"]},
        "formats": several({"type": "string", "enum": ["text/xml", "application/json"]}, minItems=2),
    }
)
DISCOVERY: Final = holding(
    {"changeset": DATE_TIME, "contact": TEXT, "key_service": TEXT, "endpoints": one(ENDPOINT)}
)
SERVICE: Final = holding(
    {
        "service_code": TEXT,
        "service_name": TEXT,
        "description": TEXT,
        "metadata": {"type": "boolean", "enum": [False]},
        "type": {"type": "string", "enum": ["realtime"]},
        "keywords": TEXT,
        "group": TEXT,
    }
)
DEFINITION: Final = holding({"service_code": TEXT, "attributes": several(TEXT, maxItems=0)})
REQUEST: Final = holding(
    {
        "service_request_id": TEXT,
        "status": {"type": "string", "enum": ["open", "closed"]},
        "status_notes": _perhaps(TEXT),
        "service_name": TEXT,
        "service_code": TEXT,
        "description": TEXT,
        "agency_responsible": _perhaps(TEXT),
        "service_notice": TEXT,
        "requested_datetime": DATE_TIME,
        "updated_datetime": DATE_TIME,
        "expected_datetime": _perhaps(DATE_TIME),
        "address": TEXT,
        "address_id": TEXT,
        "zipcode": NOTHING,
        "lat": NUMBER,
        "long": NUMBER,
        "media_url": NOTHING,
    },
    about="Days, never times: a date-time is the day's first moment. The point is the middle of a cell.",
)
SENT: Final = holding(
    {
        "service_request_id": TEXT,
        "service_notice": {"type": "string", "description": "Holds the receipt, for the resident alone."},
        "account_id": NOTHING,
    }
)
TOKEN: Final = holding({"service_request_id": TEXT, "token": TEXT})
