"""The room's part of a turn of the loop: what the public may have of the events."""

from __future__ import annotations

from django.utils import timezone

from mahalleh_site import terminal
from mahalleh_site.house.manifest import Turned
from mahalleh_site.releases import tallies, tasks, turn

FIELDS = ["number", "first", "last", "freq", "rows", "hidden", "unknown", "epsilon", "threshold", "digest"]


def publish(*, by: str, revise: bool) -> Turned:
    """Publish what is new and draw its charts."""
    tallies.draw(by=by, today=timezone.localdate())
    release = turn.publish(by=by, revise=revise)
    late = turn.waiting()
    waits = (("cli.waiting", {"count": terminal.number(late)}),) if late else ()
    if release is None:
        return Turned({"release": None, "charts": 0, "waiting": late}, (("cli.nothing-new", {}), *waits))
    drawn = tasks.draw_charts()  # a chart that is missing is drawn when asked for
    shown = {
        "number": terminal.number(release.number),
        "rows": terminal.number(release.rows),
        "hidden": terminal.number(release.hidden),
        "first": terminal.day(release.first),
        "last": terminal.last_day(release.last),
    }
    gaps = (("cli.unknown", {"count": terminal.number(release.unknown)}),) if release.unknown else ()
    charts = (("cli.charts-ready", {"count": terminal.number(drawn)}),) if drawn else ()
    facts = {"release": terminal.json_ready(release, FIELDS), "charts": drawn, "waiting": late}
    return Turned(facts, (("cli.published", shown), *gaps, *waits, *charts))
