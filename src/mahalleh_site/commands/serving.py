"""`mahalleh serve` and `mahalleh worker`: the web server, and the background work beside it."""

from __future__ import annotations

import os
import resource
import sys
from typing import Annotated

import typer

from mahalleh.cli import say
from mahalleh.errors import InputError
from mahalleh_site import terminal

CONNECTIONS = 4096  # that one process keeps open: silent ones too; each is a file to the machine
FILES = 3 * CONNECTIONS  # a download in each, and room for the rest
HEADERS_WITHIN = 10_000  # milliseconds: for a request's head, and for a connection to be silent
WORKER = [sys.executable, "-m", "mahalleh.cli", "worker"]


@terminal.worded
def serve(
    address: Annotated[str, typer.Option(help="Where to answer: host:port.")] = "127.0.0.1:8000",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 2,
) -> None:
    """Serve the city, with the background worker inside. Ends cleanly on Ctrl+C and on SIGTERM."""
    run(address, workers=workers)


@terminal.worded
def worker(
    batch: Annotated[bool, typer.Option("--batch", help="Do what waits, then stop.")] = False,
) -> None:
    """Do background work. `mahalleh serve` runs one; run more on a busy site."""
    terminal.start()
    terminal.current()
    from django.core.management import call_command

    from mahalleh_site.commands import every_day, heartbeat

    with heartbeat.beating(), every_day.asking():
        call_command("db_worker", batch=batch, verbosity=0, reload=False)


def run(address: str, *, workers: int, refresh: bool = False) -> None:
    """Serve until told to stop. `refresh`: first bring the database and static files up to the code, as the
    sample city does by itself; a live city's operator decides when.

    Raises:
        InputError: where the address cannot be read.
        MachineError: where it is taken, or the server keeps ending.
        CityError: where there is no city, or its database is older than the code.
    """
    host, port = split(address)
    terminal.start()
    from mahalleh_site.commands import static, supervisor

    supervisor.check_free(host, port)
    if refresh:
        _refresh()
    terminal.current()
    static.collect()
    _open_many()
    for_people = f"http://{address}/"

    def told() -> None:
        from django.conf import settings

        say("cli.serving", address=for_people)
        if settings.CITY.is_demo:
            say("cli.demo-door", address=f"{for_people}{settings.CITY.language}/accounts/login/")

    from mahalleh_site.people import limits

    try:
        supervisor.keep(
            {"web": server(host, port, workers=workers), "worker": WORKER},
            environment={**_own_address(address), **os.environ, "MAHALLEH_VAR": str(terminal.folder())},
            ready=(host, port),
            told=told,
        )
    finally:
        limits.forget()  # nothing of visitors stays when the house is shut


def _own_address(address: str) -> dict[str, str]:
    """Where this machine alone is served, the city's address is where it answers, port included."""
    from django.conf import settings

    alone = settings.ALLOWED_HOSTS == settings.LOOPBACK and not settings.HTTPS
    return {"MAHALLEH_ADDRESS": f"http://{address}"} if alone else {}


def server(host: str, port: int, *, workers: int) -> list[str]:
    """The web server's command line. No access log: it would hold the addresses of those who read."""
    options = {
        "--interface": "rsgi",
        "--http": "1",  # a browser speaks HTTP/2 with the web server in front alone
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--backlog": "1024",
        "--backpressure": str(CONNECTIONS),
        "--http1-header-read-timeout": str(HEADERS_WITHIN),
        "--http1-buffer-size": str(64 * 1024),
        "--log-level": "warning",
        "--workers-kill-timeout": "10",
    }
    flat = [part for option in options.items() for part in option]
    return [
        sys.executable, "-m", "granian", *flat, "--no-access-log", "--respawn-failed-workers", "--no-ws",
        "mahalleh_site.server.rsgi:application",
    ]  # fmt: skip


def split(address: str) -> tuple[str, int]:
    """Host and port.

    Raises:
        InputError: where it is no address.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InputError("cli.bad-address", given=address)
    return host, int(port)


def _open_many() -> None:
    """A process may be allowed no more than 1,024 files to begin with, and each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _refresh() -> None:
    from django.core.management import call_command

    from mahalleh_site.house import health

    if health.migrations() != "ok":
        call_command("migrate", interactive=False, verbosity=0)
