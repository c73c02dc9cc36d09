"""The watch's background work."""

from __future__ import annotations

from django_tasks import task

from mahalleh_site import logs
from mahalleh_site.watch import running

log = logs.get("watch")


@task()
def watch_periods(periods: int = 1) -> int:
    """Look at the newest periods, as far as that was not done; how many looks were made."""
    runs = running.watch(by="system:watch", periods=periods)
    log.info("watched", extra={"event": "watch", "count": len(runs)})
    if runs:
        draw_charts()
    return len(runs)


def draw_charts() -> int:
    """Draw every signal's curve that is not kept yet; how many were drawn."""
    from mahalleh_site.watch import charts  # draws with Altair: not for the web process

    return charts.prewarm()
