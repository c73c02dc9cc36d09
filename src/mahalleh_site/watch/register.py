"""The register's entries as files say them: those of the rooms, and over them the city's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

from mahalleh.errors import CityError
from mahalleh_site.house import rooms
from mahalleh_site.watch import rules
from mahalleh_site.watch.models import Method

FILE: Final = "register.toml"  # of the city, in its folder
DAYS: Final = ("reviewed_on", "expires_on")
TEXTS: Final = ("names", "purpose", "data", "owner", "errors")
LANGUAGES: Final = ("en", "fa")
NOT_MEASURED: Final = frozenset({"rate", "benchmark"})  # what is chosen, and where the rest was measured
FIELDS: Final = ("version", *DAYS, *TEXTS)

Entries = dict[str, dict[str, Any]]


def entries(folder: Path | None = None) -> Entries:
    """Every room's entries by method, with the city's own words and dates where `folder` has some.

    Raises:
        CityError: where the city's file cannot be read, or says what no entry has.
    """
    ours = rooms.methods()
    path = None if folder is None else folder / FILE
    if path is None or not path.exists():
        return ours
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CityError("watching.bad-register", path=path, reason=error) from error
    for name, entry in own.items():
        if name not in ours or not isinstance(entry, Mapping):
            raise CityError("watching.bad-register", path=path, reason=f"[{name}]")
    return {name: _over(entry, own.get(name, {}), path) for name, entry in ours.items()}


def is_complete(method: Method) -> bool:
    """Whether an entry says all that the public must know, in each language, with a measured error rate."""
    texts = (method.names, method.purpose, method.data, method.owner)
    worded = all(str(text.get(language, "")).strip() for text in texts for language in LANGUAGES)
    measured = set(method.errors) - NOT_MEASURED
    return (
        worded and bool(method.version and measured) and None not in (method.reviewed_on, method.expires_on)
    )


def is_in_use(method: Method) -> bool:
    """Guard-rail 9: switched on, complete and not run out."""
    return rules.in_use(
        switched_on=method.switched_on,
        complete=is_complete(method),
        expires=method.expires_on,
        today=timezone.localdate(),
    )


def _over(entry: Mapping[str, Any], own: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The entry, with what the city says itself."""
    found: dict[str, Any] = dict(entry)
    for key, value in own.items():
        fits = type(value) is date if key in DAYS else isinstance(value, Mapping if key in TEXTS else str)
        if key not in FIELDS or not fits:
            raise CityError("watching.bad-register", path=path, reason=f"{key} = {value}")
        found[key] = {**found.get(key, {}), **value} if key in TEXTS else value
    return found
