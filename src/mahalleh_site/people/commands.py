"""`mahalleh audit`: the audit log from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from mahalleh.cli import put, say
from mahalleh.errors import MahallehError
from mahalleh_site import terminal

app = typer.Typer(name="audit", no_args_is_help=True, help="The audit log.")


class AuditError(MahallehError):
    """The audit log's chain does not hold."""

    exit_code = 6


@app.callback()
def group() -> None:
    """The audit log."""


@app.command()
@terminal.worded
def verify(json: Annotated[bool, typer.Option(help="Print the result as JSON.")] = False) -> None:
    """Walk the chain of the audit log: exit code 6 where an entry was changed, removed or moved."""
    terminal.start()
    from mahalleh_site.people import audit

    told = audit.verify()
    if json:
        put({"entries": told.entries, "head": told.head, "broken_at": told.broken_at})
    if told.broken_at is not None:
        raise AuditError("audit.broken", number=told.broken_at)
    if not json:
        say("audit.holds", entries=told.entries, head=told.head)
