"""The site's commands. This module is read whenever `mahalleh` starts, so it imports nothing heavy: each
command loads Django and the numbers when it runs."""

from __future__ import annotations

from importlib import import_module, util

import typer

from mahalleh.errors import add_messages
from mahalleh_site.commands import doctor, founding, loading, serving
from mahalleh_site.house import rooms


def register(app: typer.Typer) -> None:
    """Hang the house's commands, and the `app` of each room's `commands.py`, in the `mahalleh` command.

    Manifests are not read for it: their translations would load Django whenever the command starts.
    """
    app.command("demo")(founding.demo)
    app.command("init")(founding.init)
    app.command("load")(loading.load)
    app.command("loop")(loading.loop)
    app.command("daily")(doctor.daily)
    app.command("serve")(serving.serve)
    app.command("worker")(serving.worker)
    app.command("doctor")(doctor.doctor)
    app.command(
        "manage",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    )(doctor.manage)
    for package in rooms.packages():
        add_messages(package)
        if util.find_spec(f"{package}.commands") is not None:
            app.add_typer(import_module(f"{package}.commands").app)
