"""`mahalleh listen`: the listen room from the command line."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from mahalleh.cli import put, say
from mahalleh_site.commands import _frame

app = typer.Typer(no_args_is_help=True, help="Reports of residents: counting, forgetting, how it stands.")
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def group() -> None:
    """Reports of residents."""


@app.command()
@_frame.worded
def daily(json: Json = False) -> None:
    """A day's work: count what came, delete what was kept long enough. The worker does it by itself."""
    _frame.start()
    _frame.current()
    from mahalleh_site.listen import tasks

    done = tasks.work(by="system:listen", today=date.today())
    if json:
        put({"months": done.months, **asdict(done.purged)})
        return
    say(
        "listening.daily",
        months=_frame.number(done.months),
        words=_frame.number(done.purged.words),
        contacts=_frame.number(done.purged.contacts),
        begun=_frame.number(done.purged.begun),
    )


@app.command()
@_frame.worded
def status(json: Json = False) -> None:
    """How listening stands: who can receive, what is open and late. No words, no names."""
    _frame.start()
    _frame.current()
    from mahalleh_site.listen.queries import standing

    told = standing.standing(date.today())
    if json:
        put(asdict(told))
        return
    say(
        "listening.status",
        open=_frame.number(told.open),
        late=_frame.number(told.late),
        held=_frame.number(told.held),
        heard=_frame.number(told.heard),
        topics=_frame.number(told.topics),
    )
