"""Answers in GeoReport's two formats: JSON as most clients ask, XML as the standard requires."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree  # nosec B405: it writes here, and reads nothing

from django.http import HttpResponse

TYPES: Final = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# what an element of a list is called in XML
ITEMS: Final = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "attributes": "attribute",
    "values": "value",
}
_NOT_XML: Final = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def answer(form: str, root: str, data: Any, *, status: int = 200) -> HttpResponse:
    """`data` in a format; `root`: the name of its outermost element in XML."""
    body = _json(data) if form == "json" else _xml(root, data)
    response = HttpResponse(body, content_type=TYPES[form], status=status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-store"
    return response


def fault(form: str, status: int, description: Any) -> HttpResponse:
    """An error, as GeoReport words it."""
    told = [{"code": status, "description": str(description)}]
    return answer(form if form in TYPES else "xml", "errors", told, status=status)


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _xml(root: str, data: Any) -> bytes:
    element = ElementTree.Element(root)
    _fill(element, data)
    return bytes(ElementTree.tostring(element, encoding="utf-8", xml_declaration=True))


def _fill(element: ElementTree.Element, data: Any) -> None:
    if isinstance(data, Mapping):
        for name, value in data.items():
            _fill(ElementTree.SubElement(element, name), value)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for value in data:
            _fill(ElementTree.SubElement(element, ITEMS[element.tag]), value)
    elif isinstance(data, bool):
        element.text = "true" if data else "false"
    elif data is not None:
        text = str(data).translate(_NOT_XML)
        element.text = "".join(letter for letter in text if not 0xD800 <= ord(letter) <= 0xDFFF)
