"""The site's commands. This module is read whenever `mahalleh` starts, so it imports nothing heavy: each
command loads Django and the numbers when it runs."""

from __future__ import annotations

import typer

from mahalleh_site.commands import auditing, care, founding, listening, loading, serving, watching


def register(app: typer.Typer) -> None:
    """Hang the site's commands in the `mahalleh` command."""
    app.command("demo")(founding.demo)
    app.command("init")(founding.init)
    app.command("load")(loading.load)
    app.command("loop")(loading.loop)
    app.command("serve")(serving.serve)
    app.command("worker")(serving.worker)
    app.command("doctor")(care.doctor)
    app.command(
        "manage",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    )(care.manage)
    app.add_typer(auditing.app, name="audit")
    app.add_typer(listening.app, name="listen")
    app.add_typer(watching.app, name="watch")
