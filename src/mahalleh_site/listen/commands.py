"""`mahalleh listen`: the listen room from the command line."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from mahalleh.cli import put, say
from mahalleh_site import terminal

app = typer.Typer(name="listen", no_args_is_help=True, help="Reports of residents: how it stands.")
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def group() -> None:
    """Reports of residents."""


@app.command()
@terminal.worded
def status(json: Json = False) -> None:
    """How listening stands: who can receive, what is open and late. No words, no names."""
    terminal.start()
    terminal.current()
    from mahalleh_site.listen.queries import standing

    told = standing.standing(date.today())
    if json:
        put(asdict(told))
        return
    say(
        "listening.status",
        open=terminal.number(told.open),
        late=terminal.number(told.late),
        held=terminal.number(told.held),
        heard=terminal.number(told.heard),
        topics=terminal.number(told.topics),
    )
