"""`mahalleh doctor`, `mahalleh daily` and `mahalleh manage`: looking after an installation."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from mahalleh.cli import put, say, word
from mahalleh_site import terminal


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what is wrong with an installation and how to mend it. Exit status 1 where something is."""
    from mahalleh_site.commands import checks

    found = checks.run(terminal.folder())
    if json:
        put([finding.as_json() for finding in found])
    else:
        for finding in found:
            typer.echo(f"{word('doctor.good' if finding.ok else 'doctor.wrong')}  {finding.text()}")
    if not all(finding.ok for finding in found):
        raise typer.Exit(1)


@terminal.worded
def daily(
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """A day's work: count what came, delete what was kept long enough. The worker does it by itself."""
    terminal.start()
    terminal.current()
    from mahalleh_site.house.daily import work

    done = work(by="system:daily", today=date.today())
    if json:
        put({key: count for facts in done.values() for key, count in facts.items()})
        return
    for code, facts in done.items():
        say(code, **{key: terminal.number(count) for key, count in facts.items()})


@terminal.worded
def manage(context: typer.Context) -> None:
    """Django's own commands, such as `mahalleh manage migrate`."""
    terminal.start()
    from django.core.management import ManagementUtility

    ManagementUtility(["mahalleh manage", *context.args]).execute()
