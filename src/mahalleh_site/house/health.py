"""Whether the service lives and can answer, for machines that watch it. No secrets, no numbers."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from mahalleh_site import logs
from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import State

log = logs.get("health")


def alive(request: HttpRequest) -> HttpResponse:
    """`/healthz`: this process answers."""
    return _uncached(HttpResponse("ok\n", content_type="text/plain; charset=utf-8"))


def ready(request: HttpRequest) -> HttpResponse:
    """`/readyz`: each part that pages need, as `ok`, `none` (nothing published yet) or `failed`; then 503."""
    states = {name: _state(check) for name, check in checks().items()}
    is_ready = "failed" not in states.values()
    return _uncached(JsonResponse({"ready": is_ready, **states}, status=200 if is_ready else 503))


# Open to everyone and never kept: not a page (those are marked `public_page`), but no secret either.
alive.machine_page = ready.machine_page = True  # type: ignore[attr-defined]  # a mark on a function


def database() -> str:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def migrations() -> str:
    """The database is as new as the code."""
    executor = MigrationExecutor(connection)
    return "failed" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def checks() -> dict[str, State]:
    """What is looked at, by name: the house's own, then each room's."""
    every: dict[str, State] = {"database": database, "migrations": migrations}
    for each in rooms.rooms():
        every |= {name: each.find(reference) for name, reference in each.room.ready.items()}
    return every


def _state(check: State) -> str:
    try:
        return check()
    except (DatabaseError, OSError, ValueError) as error:
        log.warning("not ready", extra={"event": type(error).__name__})
        return "failed"


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
