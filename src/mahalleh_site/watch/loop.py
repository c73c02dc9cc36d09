"""The room's part of a turn of the loop: a look at the newest week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mahalleh.errors import EventsError, MahallehError
from mahalleh_site import terminal
from mahalleh_site.house.manifest import Turned
from mahalleh_site.places.files import BusyError
from mahalleh_site.watch import queries, running, tasks
from mahalleh_site.watch.actions import NotInUseError
from mahalleh_site.watch.models import Run


def look(*, by: str, revise: bool) -> Turned:
    """Watch what is new. A watch that may not run, or runs already, is said and stops nothing else."""
    try:
        runs = running.watch(by=by)
        tasks.draw_charts()
    except (BusyError, NotInUseError, EventsError) as error:
        return Turned({"looks": []}, _faults(error))
    looks = [terminal.json_ready(run, ["start", "opened", "seen"]) for run in runs]
    return Turned({"looks": looks}, (found(runs),) if runs else ())


def found(runs: Sequence[Run]) -> tuple[str, dict[str, str]]:
    """What looks found, as a message."""
    return "watching.looked", {
        "count": terminal.number(len(runs)),
        "last": terminal.last_day(runs[-1].end),
        "opened": terminal.number(sum(one.opened for one in runs)),
        "seen": terminal.number(sum(one.seen for one in runs)),
        "waiting": terminal.number(len(queries.undecided())),
    }


def _faults(error: MahallehError) -> tuple[tuple[str, Any], ...]:
    return tuple((fault.code, fault.facts) for fault in error.faults)
