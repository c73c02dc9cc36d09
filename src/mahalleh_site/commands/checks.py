"""What `mahalleh doctor` looks at. Each check finds one thing, in words, with the way to mend it."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mahalleh.cli import language
from mahalleh.errors import MahallehError
from mahalleh_site.house import rooms
from mahalleh_site.house.doctor import Finding
from mahalleh_site.house.manifest import Check

if TYPE_CHECKING:
    from mahalleh_site.city import City

PYTHON: Final = (3, 11)
LONG_KEY: Final = 50  # letters
SHOWN: Final = 5  # paths of what others can read
ROOM: Final = 1024**3  # bytes that a city needs free to go on for a while
PACKAGES: Final = ("polars", "geopandas", "opendp", "granian", "altair", "vl_convert", "django_tasks_db")


def run(folder: Path) -> list[Finding]:
    """Every check, in the order in which they depend on each other, as far as it can be looked at."""
    found = [*python(), *packages(), *rights(folder)]
    found += settings_file(folder)
    if not any(finding.code == "doctor.city-good" for finding in found):
        return found
    from mahalleh_site import terminal

    terminal.start()
    found += [
        *room(folder),
        *keys(folder),
        *hosts(),
        *address(),
        *mail(),
        *translations(),
        *static_files(),
    ]
    tables = list(_safely("doctor.database-bad", database))
    found += tables
    if any(finding.code == "doctor.database-good" for finding in tables):
        for code, check in rooms.checks():
            found += _safely(code, check)
        found += _safely("doctor.worker-gone", worker)
    return found


def python() -> Iterator[Finding]:
    """The interpreter is new enough."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info >= PYTHON
    yield Finding(ok, "doctor.python-good" if ok else "doctor.python-old", {"given": version})


def packages() -> Iterator[Finding]:
    """Every package that is needed later can be found now."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        yield Finding(False, "doctor.packages-missing", {"given": missing})
    else:
        yield Finding(True, "doctor.packages-good")


def rights(folder: Path) -> Iterator[Finding]:
    """The account may read and write the city's folder, and no stranger may write there."""
    if not folder.is_dir():
        yield Finding(False, "city.no-folder", {"path": folder})
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(False, "doctor.folder-closed", {"path": folder})
    elif folder.stat().st_mode & stat.S_IWOTH:
        yield Finding(False, "doctor.folder-open", {"path": folder})
    else:
        yield Finding(True, "doctor.folder-good", {"path": folder})
    private = folder / "private"
    if private.exists() and private.stat().st_mode & 0o077:
        yield Finding(False, "doctor.private-open", {"path": private})
    if lent := sorted(str(path.relative_to(folder)) for path in others_read(folder)):
        shown = ", ".join(lent[:SHOWN])
        yield Finding(False, "doctor.lent", {"path": folder, "count": len(lent), "shown": shown})


def others_read(folder: Path) -> Iterator[Path]:
    """What other accounts may read, write or enter: the folder, and all that stands in it.

    Below a closed folder they reach nothing, but a copy keeps each file's own rights.
    """
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):  # a draft that was there a moment ago
            if not path.is_symlink() and path.stat().st_mode & 0o077:
                yield path


def settings_file(folder: Path) -> Iterator[Finding]:
    """city.toml says nothing that is not allowed."""
    from mahalleh_site.city import city_path, read_city

    if not folder.is_dir():
        return
    try:
        city = read_city(folder)
    except MahallehError as error:
        for fault in error.faults:
            yield Finding(False, fault.code, dict(fault.facts))
        return
    yield Finding(True, "doctor.city-good", {"name": city.names[language()]})
    yield from feasts(city)
    if not city.contact:
        yield Finding(False, "doctor.no-contact", {"path": city_path(folder)})
    if not any(line.urgent for line in city.helplines):
        yield Finding(False, "doctor.no-helpline", {"path": city_path(folder)})


def feasts(city: City) -> Iterator[Finding]:
    """Somebody knows the holidays of the city's country."""
    from mahalleh.countries import public_holidays

    if city.feasts is None:
        yield Finding(True, "doctor.no-feasts")
        return
    try:
        public_holidays(city.feasts, [date.today().year])
    except MahallehError as error:
        yield Finding(False, error.faults[0].code, dict(error.faults[0].facts))
        return
    yield Finding(True, "doctor.feasts", {"country": city.feasts})


def room(folder: Path) -> Iterator[Finding]:
    """The disk has room left."""
    free = shutil.disk_usage(folder).free
    facts = {"free": f"{free / ROOM:.1f}", "path": folder}
    yield Finding(free >= ROOM, "doctor.room-good" if free >= ROOM else "doctor.room-low", facts)


def keys(folder: Path) -> Iterator[Finding]:
    """The city's keys, of sessions and of the audit log, are long and can be read by this account alone."""
    well = True
    for variable, name in (("MAHALLEH_SECRET_KEY", "secret-key"), ("MAHALLEH_AUDIT_KEY", "audit-key")):
        path = folder / name
        if given := os.environ.get(variable):
            if len(given) < LONG_KEY:
                well = False
                yield Finding(False, "doctor.key-short", {"name": variable})
        elif path.exists() and path.stat().st_mode & 0o077:
            well = False
            yield Finding(False, "doctor.key-open", {"path": path})
    if well:
        yield Finding(True, "doctor.key-good")


def hosts() -> Iterator[Finding]:
    """What is served beyond this machine is served over https, and the sample city not at all."""
    from django.conf import settings

    beyond = [host for host in settings.ALLOWED_HOSTS if host not in settings.LOOPBACK]
    if "*" in beyond:
        yield Finding(False, "doctor.hosts-any")
    elif beyond and not settings.HTTPS:
        yield Finding(False, "doctor.no-https", {"hosts": beyond})
    elif beyond and settings.CITY.is_demo:
        yield Finding(False, "doctor.demo-outside", {"hosts": beyond})
    elif settings.HTTPS and not beyond:
        yield Finding(False, "doctor.https-alone")
    else:
        yield Finding(True, "doctor.hosts-good", {"hosts": settings.ALLOWED_HOSTS})


def address() -> Iterator[Finding]:
    """What posters, feeds and mails are told is an address: scheme, host and perhaps a port."""
    from django.conf import settings

    if settings.ADDRESS and not re.fullmatch(r"https?://[^/\s?#@]+/?", settings.ADDRESS):
        yield Finding(False, "doctor.address-bad", {"given": settings.ADDRESS})


def mail() -> Iterator[Finding]:
    """Mail can be sent: without it, links for new accounts must be handed over in person."""
    from django.conf import settings
    from django.core.mail import get_connection

    if settings.CITY.is_demo:
        return
    if "smtp" not in settings.EMAIL_BACKEND:
        yield Finding(False, "doctor.no-mail")
        return
    try:
        connection = get_connection(timeout=5)
        connection.open()
        connection.close()
    except OSError as error:
        yield Finding(False, "doctor.mail-bad", {"reason": error.strerror or error})
        return
    yield Finding(True, "doctor.mail-good")


def translations() -> Iterator[Finding]:
    """The Persian catalogue is compiled."""
    from django.conf import settings

    path = Path(settings.LOCALE_PATHS[0]) / "fa" / "LC_MESSAGES" / "django"
    source, compiled = path.with_suffix(".po"), path.with_suffix(".mo")
    ok = compiled.exists() and (not source.exists() or compiled.stat().st_mtime >= source.stat().st_mtime - 1)
    yield Finding(ok, "doctor.words-good" if ok else "doctor.words-missing")


def static_files() -> Iterator[Finding]:
    """What pages need is collected."""
    from mahalleh_site.commands import static

    ok = static.is_current()
    yield Finding(ok, "doctor.static-good" if ok else "doctor.static-old")


def database() -> Iterator[Finding]:
    """The database answers, is as new as the code, and lets many read while one writes."""
    from django.db import connection

    from mahalleh_site.house import health

    health.database()
    if health.migrations() != "ok":
        yield Finding(False, "cli.not-migrated")
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            state = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
        if mode != "wal":
            yield Finding(False, "doctor.no-wal", {"given": mode})
        if state != "ok":
            yield Finding(False, "doctor.database-damaged", {"reason": state})
            return
    yield Finding(True, "doctor.database-good", {"vendor": connection.display_name})


def worker() -> Iterator[Finding]:
    """A background worker is alive, where something waits for one."""
    from django_tasks_db.models import DBTaskResult

    from mahalleh_site.commands import heartbeat

    waiting = DBTaskResult.objects.ready().count()
    if heartbeat.alive():
        yield Finding(True, "doctor.worker-good")
    elif waiting:
        yield Finding(False, "doctor.worker-gone", {"count": waiting})
    else:
        yield Finding(True, "doctor.worker-idle")


def _safely(code: str, check: Check) -> Iterator[Finding]:
    """The findings of a check; what it raises is a finding too."""
    from django.db import Error

    try:
        yield from check()
    except MahallehError as error:
        for fault in error.faults:
            yield Finding(False, fault.code, dict(fault.facts))
    except (Error, OSError, ValueError) as error:
        yield Finding(False, code, {"reason": " ".join(str(error).split()), "count": 0})
