"""`mahalleh doctor` and `mahalleh manage`: looking after an installation."""

from __future__ import annotations

from typing import Annotated

import typer

from mahalleh.cli import put, word
from mahalleh_site.commands import _frame


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what is wrong with an installation and how to mend it. Exit status 1 where something is."""
    from mahalleh_site.commands import checks

    found = checks.run(_frame.folder())
    if json:
        put([finding.as_json() for finding in found])
    else:
        for finding in found:
            typer.echo(f"{word('doctor.good' if finding.ok else 'doctor.wrong')}  {finding.text()}")
    if not all(finding.ok for finding in found):
        raise typer.Exit(1)


@_frame.worded
def manage(context: typer.Context) -> None:
    """Django's own commands, such as `mahalleh manage migrate`."""
    _frame.start()
    from django.core.management import ManagementUtility

    ManagementUtility(["mahalleh manage", *context.args]).execute()
