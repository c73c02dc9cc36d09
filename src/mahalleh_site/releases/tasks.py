"""The releases room's background work: a turn of the loop, and charts drawn before anyone asks for them."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from mahalleh_site import logs
from mahalleh_site.releases import tallies, turn

log = logs.get("releases")


@task()
def turn_loop(revise: bool = False) -> int | None:
    """Publish what is new and draw its charts; the number of the new release, if there is one."""
    tallies.draw(by="system:loop", today=timezone.localdate())
    release = turn.publish(by="system:loop", revise=revise)
    if release is None:
        return None
    log.info("published", extra={"event": "release", "count": release.rows})
    draw_charts()
    return release.number


@task()
def prewarm() -> int:
    """Draw the charts of the current release that are not there yet."""
    return draw_charts()


def draw_charts() -> int:
    """Draw every chart that a public page shows and that is not kept yet; how many were drawn."""
    from mahalleh_site.releases import charts  # draws with Altair: not for the web process

    return charts.prewarm()
