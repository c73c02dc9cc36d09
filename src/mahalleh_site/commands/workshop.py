"""A new city is built in a workshop folder and moved into place when whole: nothing stands half done."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mahalleh.errors import CityError
from mahalleh_site import terminal
from mahalleh_site.city import city_path

MARK = ".founding-"  # how a workshop's name begins


def check_free(target: Path) -> None:
    """Refuse a folder that holds a city or anything else.

    Raises:
        CityError: with what stands in the way.
    """
    if city_path(target).exists():
        raise CityError("city.exists", path=target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CityError("cli.folder-not-empty", path=target)


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """A folder to build in; whatever happens inside, nothing of it is left unless `move_in` was called.

    It stands in `target` where that is there already, since the account may write there and not beside it.

    Raises:
        CityError: where the account may not write.
    """
    check_free(target)
    os.umask(terminal.CLOSED)
    try:
        made = _missing_parents(target)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
        inside = target.exists()
        path = Path(tempfile.mkdtemp(prefix=MARK, dir=target if inside else target.parent))
    except OSError as error:
        raise CityError("city.not-writable", path=target, reason=error.strerror or error) from error
    try:
        yield path  # for this account alone: so makes it `mkdtemp`
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if not city_path(target).exists():
            for parent in made:
                parent.rmdir()


def move_in(path: Path, target: Path) -> None:
    """Make the workshop the city's folder. `city.toml` comes last: it is what makes a folder a city.

    Raises:
        CityError: where it cannot be moved.
    """
    try:
        if path.parent != target:
            os.replace(path, target)
            return
        for child in sorted(path.iterdir(), key=lambda child: child.name == city_path(path).name):
            os.replace(child, target / child.name)
        target.chmod(0o700)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise CityError("cli.folder-not-empty", path=target) from error
        raise CityError("city.not-writable", path=target, reason=error.strerror or error) from error


def _missing_parents(target: Path) -> list[Path]:
    """The parents that will have to be made, innermost first."""
    return [parent for parent in target.parents if not parent.exists()]
