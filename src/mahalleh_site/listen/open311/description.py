"""The interface in OpenAPI's words: for programs that make clients, and for tests that try it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mahalleh_site.listen import rules
from mahalleh_site.listen.open311 import schemas
from mahalleh_site.listen.open311.params import MOST, PAGES
from mahalleh_site.listen.open311.schemas import TEXT, one, several

FAULTS: Final = {
    "400": "Something in it cannot be read, or is missing.",
    "403": "No key that is in use, or not for programs.",
    "404": "There is no such thing.",
    "405": "Another method.",
    "413": "Too much at once.",
    "415": "Another type of body.",
    "429": "Too many at once: wait a minute.",
    "503": "Nothing was stored: try again in a minute.",
}
READ: Final = ("400", "404", "405", "503")
PHOTOS: Final = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": rules.PHOTOS}


def openapi(url: str) -> dict[str, Any]:
    """The description of the interface that stands at `url`. The same with `.xml` answers the same in XML."""
    requests = _read(
        "requests",
        several(schemas.REQUEST, maxItems=MOST),
        _query("service_request_id", "Numbers, joined by commas; they override all else."),
        _query("service_code", "Codes, joined by commas."),
        _query("start_date", "The first day, as 2026-11-23T00:00:00Z."),
        _query("end_date", "The last day, at most 90 days later."),
        _query("status", "open, closed, or both joined by a comma."),
        _query("page", "From 1.", {"type": "integer", "minimum": 1, "maximum": PAGES}),
        _query("page_size", "Requests in an answer.", {"type": "integer", "minimum": 1, "maximum": MOST}),
    )
    paths = {
        "/discovery": {"get": _read("discovery", schemas.DISCOVERY)},
        "/services": {"get": _read("services", several(schemas.SERVICE))},
        "/services/{code}": {"get": _read("service", schemas.DEFINITION, _path("code"))},
        "/requests": {"get": requests, "post": _send()},
        "/requests/{number}": {"get": _read("request", one(schemas.REQUEST), _path("number"))},
        "/tokens/{number}": {"get": _read("token", one(schemas.TOKEN), _path("number"))},
        "/servicerequestupdates": {"post": _updates()},
    }
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Open311 GeoReport v2",
            "version": "2",
            "description": "Each address ends in .json or in .xml; this describes .json.",
        },
        "servers": [{"url": url}],
        "paths": {f"{path}.json": operations for path, operations in paths.items()},
    }


def _read(name: str, schema: Mapping[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    locale = _query("locale", "The language: fa or en. Otherwise Accept-Language rules.")
    return {
        "operationId": name,
        "parameters": [*parameters, locale],
        "responses": {"200": _answer("What was asked for.", schema), **_faults(*READ)},
    }


def _send() -> dict[str, Any]:
    names = ("api_key", "service_code", "lat", "long", "address_id", "address_string", "media_url")
    fields: dict[str, Any] = dict.fromkeys((*names, "first_name", "last_name", "phone", "email"), TEXT)
    fields["description"] = {"type": "string", "maxLength": rules.WORDS}
    body = {"type": "object", "required": ["api_key", "service_code"], "properties": fields}
    with_photos = {**body, "properties": {**fields, "media": PHOTOS}}
    content = {
        "application/x-www-form-urlencoded": {"schema": body},
        "multipart/form-data": {"schema": with_photos},
    }
    taken = _answer("It was taken.", one(schemas.SENT))
    return {
        "operationId": "send",
        "requestBody": {"required": True, "content": content},
        "responses": {"201": taken, **_faults(*FAULTS)},
    }


def _updates() -> dict[str, Any]:
    body = {"type": "object", "properties": {"service_request_id": TEXT, "status": TEXT, "description": TEXT}}
    return {
        "operationId": "update",
        "description": "Refused: answers are given by a named person.",
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": body}}},
        "responses": _faults("403", "405", "413", "415"),
    }


def _faults(*statuses: str) -> dict[str, Any]:
    return {status: _answer(FAULTS[status], schemas.ERRORS) for status in statuses}


def _answer(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _query(name: str, description: str, schema: Mapping[str, Any] = TEXT) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
