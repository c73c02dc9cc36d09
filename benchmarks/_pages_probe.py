"""Asks the site itself, without a network, and prints what pages weigh and how long they take (JSON).

Run by `pages.py` in a process of its own, with MAHALLEH_VAR set to the sample city's folder.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from io import BytesIO
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mahalleh_site.settings")

CACHED_ROUNDS = 5
SEEN = re.compile(r'(?:src|href|data-map)="(/(?:static/[^"]+|areas\.geojson))"')


def main() -> None:
    """Measure and print."""
    from mahalleh_site.wsgi import application  # first: it starts Django

    from mahalleh_site.places.models import Area, District, Topic  # isort: skip

    areas = [f"areas/{pk}/" for pk in Area.objects.values_list("pk", flat=True)]
    districts = [f"districts/{pk}/" for pk in District.objects.values_list("pk", flat=True)]
    topics = Topic.objects.exclude(sensitivity="sealed").values_list("pk", flat=True)
    rest = ["", *(f"topics/{pk}/" for pk in topics), "data/", "method/"]
    paths = [f"/{code}/{path}" for code in ("fa", "en") for path in (*areas, *districts, *rest)]
    # first of each kind: templates are compiled and the release is read, once a process
    for path in (
        "/fa/?show=change",
        "/fa/areas/{}/?warm=1",
        "/fa/districts/{}/?warm=1",
        "/fa/topics/noise/?warm=1",
    ):
        kind = Area if "areas" in path else District
        ask(application, path.format(kind.objects.values_list("pk", flat=True).first()))
    first = {path: ask(application, path)[0] for path in paths}
    again = [ask(application, path)[0] for _ in range(CACHED_ROUNDS) for path in paths]
    area_times = [seconds for path, seconds in first.items() if "/areas/" in path]
    print(
        json.dumps(
            {
                "uncached": quantile(area_times, 0.95),
                "uncached_any": quantile(list(first.values()), 0.95),
                "cached": quantile(again, 0.95),
                "plain": max(weight(application, path) for path in paths if "/areas/" in path),
                "map": max(weight(application, path) for path in ("/fa/", "/en/", "/fa/topics/noise/")),
                "pages": len(paths),
            }
        )
    )


def ask(application: Any, path: str) -> tuple[float, bytes]:
    """Seconds and body (as sent, gzipped where the site does) of one request."""
    path, _mark, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }
    status: list[str] = []
    began = time.perf_counter()
    answer = application(environ, lambda given, headers, *rest: status.append(given))
    body = b"".join(answer)
    seconds = time.perf_counter() - began
    if hasattr(answer, "close"):
        answer.close()
    if not status[0].startswith("200"):
        raise SystemExit(f"{path}: {status[0]}")
    return seconds, body


def weight(application: Any, path: str) -> int:
    """Bytes over the wire on a first visit: the page, its static files, and its map's shapes."""
    body = ask(application, path)[1]
    text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
    return len(body) + sum(len(ask(application, found)[1]) for found in set(SEEN.findall(text)))


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
