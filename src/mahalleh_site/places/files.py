"""The city's folder: what stands where, how a file is replaced whole, and who may write now.

| path | what |
| --- | --- |
| city.toml | the city's settings |
| topics.toml | optional: the operator's own names and care for topics; they win over every reader's |
| register.toml | optional: the operator's own words and days for methods in the public register |
| places.geojson | the neighbourhoods, exact |
| events/ | the event store |
| private/ | exact counts behind the releases; this account alone may look in |
| private/taken-back | hashes of what was taken back, which old rows cannot bring to life; only grows |
| private/open311/ | what a pull from another city's server has read so far; gone when it is loaded |
| releases/<number>/ | what the public may have |
| account.json | what everything published has cost, drawn up whenever something is published |
| charts/, static/ | made again when missing |
| mahalleh.sqlite3, secret-key | the database and the key of sessions |
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd

from mahalleh.errors import CityError, MahallehError
from mahalleh.places import read_places


def places_path(folder: Path) -> Path:
    """The exact neighbourhoods."""
    return folder / "places.geojson"


def topics_path(folder: Path) -> Path:
    """The operator's own word on topics."""
    return folder / "topics.toml"


def events_path(folder: Path) -> Path:
    """The event store."""
    return folder / "events"


def private_path(folder: Path) -> Path:
    """The exact counts; made, when missing, so that only this account can open it."""
    path = folder / "private"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def sweep_pulls(folder: Path, *, days: int = 7) -> int:
    """Delete pulls that nobody went on with for so many days; how many. They hold exact points."""
    before = time.time() - days * 24 * 3600
    old = [each for each in (private_path(folder) / "open311").glob("*") if each.stat().st_mtime < before]
    for each in old:
        shutil.rmtree(each, ignore_errors=True)
    return len(old)


def release_path(folder: Path, number: int) -> Path:
    """The public files of a release."""
    return folder / "releases" / str(number)


def city_places(folder: Path) -> gpd.GeoDataFrame:
    """The city's neighbourhoods as the library wants them, with `name_fa` and `name_en`.

    Raises:
        CityError: where there is no city.
        PlacesError: where the file was edited into something that cannot be trusted.
    """
    path = places_path(folder)
    if not path.exists():
        raise CityError("city.no-folder", path=folder)
    return read_places(
        path,
        id="id",
        name="name",
        population="population",
        parent="parent",
        names={"fa": "name_fa", "en": "name_en"},
    )


def write_whole(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put `data` at `path` so that a reader, or a crash, meets the old file or the new, never a part."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class BusyError(MahallehError):
    """Another process does the same work now."""


@contextmanager
def alone(folder: Path, code: str = "cli.loop-busy", *, name: str = "lock") -> Iterator[None]:
    """Hold the city's publishing lock: two turns at once would draw noise twice for one event.

    `name`: the lock's file, for work of another kind that nobody does twice at once either.

    Raises:
        BusyError: with the message `code`, where another process holds it; the system frees it with that one.
    """
    with open(private_path(folder) / name, "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(code) from error
        yield
