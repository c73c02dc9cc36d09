"""The interface in OpenAPI's words: for programs that make clients, and for tests that try it out."""

from __future__ import annotations

from typing import Any, Final

from mahalleh_site.listen import rules
from mahalleh_site.listen.open311.asked import MOST

_TEXT: Final = {"type": "string"}
_REQUEST: Final = {
    "type": "object",
    "required": ["service_request_id", "status", "service_code", "requested_datetime", "lat", "long"],
    "properties": {
        "service_request_id": _TEXT,
        "status": {"type": "string", "enum": ["open", "closed"]},
        "service_code": _TEXT,
        "requested_datetime": _TEXT,
        "lat": {"type": "number"},
        "long": {"type": "number"},
    },
}
_SERVICE: Final = {
    "type": "object",
    "required": ["service_code", "service_name", "metadata", "type"],
    "properties": {
        "service_code": _TEXT,
        "service_name": _TEXT,
        "metadata": {"type": "boolean"},
        "type": {"type": "string", "enum": ["realtime", "batch", "blackbox"]},
    },
}
_ERROR: Final = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["code", "description"],
        "properties": {"code": {"type": "integer"}, "description": _TEXT},
    },
}


def openapi(url: str) -> dict[str, Any]:
    """The description of the interface that stands at `url`, JSON only: XML says the same."""
    lists = {name: _query(name) for name in ("service_request_id", "service_code", "start_date", "end_date")}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Open311 GeoReport v2", "version": "2"},
        "servers": [{"url": url}],
        "paths": {
            "/discovery.json": {"get": _told("discovery", {"type": "object"})},
            "/services.json": {"get": _told("services", {"type": "array", "items": _SERVICE})},
            "/services/{code}.json": {"get": _told("service", {"type": "object"}, _path("code"))},
            "/requests.json": {
                "get": _told(
                    "requests",
                    {"type": "array", "items": _REQUEST},
                    *lists.values(),
                    _query("status"),
                    _query("page", {"type": "integer", "minimum": 1, "maximum": 10_000}),
                    _query("page_size", {"type": "integer", "minimum": 1, "maximum": MOST}),
                ),
                "post": _sent(),
            },
            "/requests/{key}.json": {
                "get": _told("request", {"type": "array", "items": _REQUEST}, _path("key"))
            },
            "/tokens/{key}.json": {"get": _told("token", {"type": "array"}, _path("key"))},
        },
    }


def _told(name: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": _answer(schema)} | {code: _answer(_ERROR) for code in ("400", "404")}
    return {"operationId": name, "parameters": list(parameters), "responses": answers}


def _sent() -> dict[str, Any]:
    names = ("api_key", "service_code", "lat", "long", "address_string", "address_id", "media_url")
    fields: dict[str, Any] = dict.fromkeys(names, _TEXT)
    fields |= {"email": _TEXT, "first_name": _TEXT, "last_name": _TEXT, "phone": _TEXT}
    fields["description"] = {"type": "string", "maxLength": rules.WORDS}
    body = {"type": "object", "required": ["api_key", "service_code"], "properties": fields}
    codes = ("400", "403", "404", "429")
    return {
        "operationId": "send",
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": body}},
        },
        "responses": {"201": _answer({"type": "array"})} | {code: _answer(_ERROR) for code in codes},
    }


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _query(name: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema or _TEXT}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
