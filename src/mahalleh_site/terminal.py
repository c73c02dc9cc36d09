"""What every command shares: the city's folder, Django's start, progress on the terminal."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from mahalleh.cli import MachineError, language, word
from mahalleh.errors import CityError
from mahalleh.text import persian_digits

SETTINGS = "mahalleh_site.settings"
ROOM = 1 << 20  # bytes: a disk with less left is why the database failed (its index alone takes 32 KiB)
CLOSED = 0o077  # what is made in a city's folder is for its account alone

P = ParamSpec("P")
R = TypeVar("R")


def folder() -> Path:
    """The city's folder, by MAHALLEH_VAR or `var` below the working folder."""
    return Path(os.environ.get("MAHALLEH_VAR", "var")).resolve()


def start(path: Path | None = None, *, founding: bool = False) -> None:
    """Start Django on the city in the folder.

    Raises:
        CityError: where there is no city, or its settings are wrong. While `founding`, the caller has just
            written them.
    """
    from mahalleh_site.city import read_city

    os.umask(CLOSED)
    if path is not None:
        os.environ["MAHALLEH_VAR"] = str(path)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if not founding:
        read_city(folder())
    import django

    django.setup()


def current() -> None:
    """Refuse to work on a database that is older than the code.

    Raises:
        CityError: where migrations are missing.
    """
    from mahalleh_site.house import health

    if health.migrations() != "ok":
        raise CityError("cli.not-migrated")


def worded(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose database faults are worded like all others; a full disk always has a path."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except OSError as error:
            if (
                error.errno in (errno.ENOSPC, errno.EDQUOT) and error.filename is None
            ):  # a write tells no path, unlike an opening
                error.filename = str(folder())
            raise
        except Exception as error:
            if type(error).__module__.split(".")[:2] == ["django", "db"]:
                if _full(str(error)):
                    raise MachineError("cli.disk-full", path=folder()) from error
                raise MachineError("cli.database", reason=" ".join(str(error).split())) from error
            raise

    return wrapped


def _full(said: str) -> bool:
    """Whether SQLite's words mean a full disk: without room for its own index it says something else."""
    if "disk is full" in said:
        return True
    with suppress(OSError):
        return "disk I/O error" in said and shutil.disk_usage(folder()).free < ROOM
    return False


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar on standard error; the function that it gives begins the next step, by message code.

    Without a terminal, each step is a line, so that a log shows how far it came.
    """
    if not sys.stderr.isatty():
        yield lambda code: print(f"{word(code)} ...", file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    done = -1
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=total)

        def step(code: str) -> None:
            nonlocal done
            done += 1
            progress.update(bar, completed=done, description=word(code))

        yield step


def number(value: float) -> str:
    """A whole number as the user writes it: Persian digits and separators in Persian."""
    text = f"{value:,.0f}"
    if language() == "fa":
        return persian_digits(text).replace(",", "٬")
    return text


def last_day(past: date) -> str:
    """The last day of what ends before `past`, as the user writes it."""
    return day(past - timedelta(days=1))


def day(value: date) -> str:
    """A day as the user writes it: in Persian by the city's calendar, with Persian digits."""
    if language() != "fa":
        return value.isoformat()
    from django.conf import settings

    shown = value.isoformat()
    if settings.CITY.calendar == "persian":
        import jdatetime

        shown = jdatetime.date.fromgregorian(date=value).isoformat()
    return persian_digits(shown.replace("-", "/"))


def json_ready(row: object, names: list[str]) -> dict[str, Any]:
    """The named fields of a database row for `--json`."""
    return {name: getattr(row, name) for name in names}
