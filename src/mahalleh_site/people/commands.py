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
def verify(
    head: Annotated[
        str, typer.Option(help="A head that was kept: look whether the log still goes back to it.")
    ] = "",
    json: Annotated[bool, typer.Option(help="Print the result as JSON.")] = False,
) -> None:
    """Walk the chain of the audit log: exit code 6 where an entry was changed, removed, moved or cut off."""
    terminal.start()
    from mahalleh_site.people import audit

    told = audit.verify()
    kept = "".join(head.split()).lower()
    known = audit.holds(kept) if kept else None
    if json:
        put(
            {
                "entries": told.entries,
                "head": told.head,
                "broken_at": told.broken_at,
                "reason": told.reason,
                "kept": known,
            }
        )
    if told.broken_at is not None:
        raise AuditError(f"audit.{told.reason}", number=told.broken_at)
    if known is False:
        raise AuditError("audit.not-kept", head=kept)
    if not json:
        say("audit.holds", entries=told.entries, head=told.head)
        if known:
            say("audit.kept", head=kept)


@app.command()
@terminal.worded
def restored() -> None:
    """Say that the database was put back from a backup. The log says so too: what was lost stays seen."""
    terminal.start()
    from mahalleh_site.people import actions, audit

    told = audit.verify()
    if told.reason not in ("cut", "replaced", "outside"):
        raise AuditError(f"audit.{told.reason or 'not-restored'}", number=told.broken_at)
    lost = actions.tell_restored(by="system:audit")
    say("audit.restored", entries=told.entries, before=lost)
