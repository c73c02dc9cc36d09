"""Whether the service lives and can answer, for machines that watch it. No secrets, no numbers."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from mahalleh_site import logs

log = logs.get("health")


def alive(request: HttpRequest) -> HttpResponse:
    """`/healthz`: this process answers."""
    return _uncached(HttpResponse("ok\n", content_type="text/plain; charset=utf-8"))


def ready(request: HttpRequest) -> HttpResponse:
    """`/readyz`: each part that pages need, as `ok`, `none` (nothing published yet) or `failed`; then 503."""
    states = {name: _state(check) for name, check in CHECKS.items()}
    is_ready = "failed" not in states.values()
    return _uncached(JsonResponse({"ready": is_ready, **states}, status=200 if is_ready else 503))


# Open to everyone and never kept: not a page (those are marked `public_page`), but no secret either.
alive.machine_page = ready.machine_page = True  # type: ignore[attr-defined]


def database() -> str:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def migrations() -> str:
    """The database is as new as the code."""
    executor = MigrationExecutor(connection)
    return "failed" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def release() -> str:
    """The newest release can be read."""
    from django.conf import settings

    from mahalleh_site.releases import frozen
    from mahalleh_site.releases.models import Release

    newest = Release.objects.first()
    if newest is None:
        return "none"
    return "ok" if len(frozen.cells(settings.VAR, newest.number)) == newest.rows else "failed"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "release": release,
}


def _state(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OSError, ValueError) as error:
        log.warning("not ready", extra={"event": type(error).__name__})
        return "failed"


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
