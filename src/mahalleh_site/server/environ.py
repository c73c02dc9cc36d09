"""A request in the words of WSGI (PEP 3333), which Django reads."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any, Protocol

Environ = dict[str, Any]
NOWHERE = "/\ufffd"  # the path of an address that is no text: it names nothing


class Headers(Protocol):
    """Granian's headers: names in small letters."""

    def keys(self) -> list[str]:
        """Each name once."""

    def items(self) -> list[tuple[str, str]]:
        """Pairs, one for each line."""

    def get(self, key: str, default: Any = None) -> Any:
        """One value, or the default where it is no ASCII."""


class Scope(Protocol):
    """What Granian says of a request."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Headers


def environ(scope: Scope) -> Environ:
    """Everything but the body. Names of headers with an underscore are left out: `X_Real_IP` would pass for
    `X-Real-IP`, which a web server in front writes."""
    host, _, port = scope.server.rpartition(":")
    found: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _path(scope).encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in _pairs(scope.headers):
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        found[key] = f"{found[key]}{joint}{value}" if key in found else value
    if scope.authority:
        found.setdefault("HTTP_HOST", scope.authority)
    return found


def _path(scope: Scope) -> str:
    try:
        return scope.path
    except Exception:
        return NOWHERE


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    try:
        return headers.items()
    except Exception:
        return [(name, headers.get(name, "")) for name in headers.keys()]  # noqa: SIM118  (no dictionary)
