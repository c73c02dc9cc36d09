"""The city's own settings: `city.toml` in the city's folder, read once.

Everything that differs between cities and is no secret stands there: names, calendar, time zone, numbers to
call in danger, how carefully counts are published, how long reports are kept. Secrets and addresses come from
the environment.
"""

from __future__ import annotations

import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from mahalleh.countries import is_country, of_zone
from mahalleh.errors import CityError, Faults
from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Section

S = TypeVar("S")

CALENDARS = ("persian", "gregorian")
MODES = ("live", "demo")
WEEK_STARTS = ("saturday", "sunday", "monday")
LANGUAGES = ("fa", "en")
NO_COUNTRY = "none"
ALLOWED_COUNTRIES = ('ISO 3166: "IR"', '"DE"', '"GB-SCT" ...', f'"{NO_COUNTRY}"')


@dataclass(frozen=True, slots=True)
class Helpline:
    """A number to call, and for what, by language. `urgent` ones lead every page where people tell."""

    number: str
    names: Mapping[str, str]
    urgent: bool = False


IRAN_HELPLINES = (
    Helpline("110", {"fa": "پلیس", "en": "police"}, urgent=True),
    Helpline("115", {"fa": "اورژانس", "en": "ambulance"}, urgent=True),
    Helpline("123", {"fa": "اورژانس اجتماعی", "en": "social emergency: family or personal safety"}),
)


@dataclass(frozen=True, slots=True)
class City:
    """One city.

    `country`: whose feasts and public holidays are usual (ISO 3166); empty for that of the time zone.
    `epsilon` and `threshold` rule what is published, `event_cap` is what one event may cost over all of it;
    `lag_weeks` is how long late reports are awaited.
    `sections`: the rooms' own tables, by their class; `of` reads one.
    """

    names: Mapping[str, str] = field(default_factory=lambda: {"fa": "محله", "en": "Mahalleh"})
    mode: str = "live"
    language: str = "fa"
    calendar: str = "persian"
    timezone: str = "Asia/Tehran"
    country: str = ""
    week_start: str = "saturday"
    contact: str = ""
    helplines: tuple[Helpline, ...] = IRAN_HELPLINES
    epsilon: float = 1.0
    threshold: int = 5
    event_cap: float = 4.0
    lag_weeks: int = 0
    sections: Mapping[type, Any] = field(default_factory=dict)

    def of(self, section: type[S]) -> S:
        """A room's table, or its defaults where the city says nothing."""
        found: S | None = self.sections.get(section)
        return section() if found is None else found

    @property
    def is_demo(self) -> bool:
        """Whether this is the invented city, the only one whose sign-in page has the demonstration door."""
        return self.mode == "demo"

    @property
    def feasts(self) -> str | None:
        """The country whose feasts and public holidays are usual; None where the city wants none.

        Raises:
            CityError: where neither the city nor its time zone says, so that none are left out in silence.
        """
        if self.country == NO_COUNTRY:
            return None
        found = self.country or of_zone(self.timezone)
        if found is None:
            raise CityError("city.no-country", path="city.toml", zone=self.timezone)
        return found


def helplines_of(zone: str) -> tuple[Helpline, ...]:
    """The numbers of a city that names none: Iran's there; of other countries none is assumed."""
    return IRAN_HELPLINES if zone == "Asia/Tehran" else ()


def city_path(folder: Path) -> Path:
    """Where a city's settings stand in its folder."""
    return folder / "city.toml"


@lru_cache(maxsize=8)
def read_city(folder: Path) -> City:
    """The settings in `folder`; the defaults for what the file leaves out.

    Raises:
        CityError: where there is no city, or with every fault of its file.
    """
    path = city_path(folder)
    if not path.exists():
        raise CityError("city.no-folder", path=folder)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CityError("city.unreadable", path=path, reason=error) from error
    return _parse(document, path)


def city_or_default(folder: Path) -> City:
    """The settings in `folder`, or a live city's defaults where none has been founded yet."""
    return read_city(folder) if city_path(folder).exists() else City()


def _parse(document: Mapping[str, Any], path: Path) -> City:
    faults = Faults(CityError)
    given: dict[str, Any] = dict(document.get("city", {}))
    publish: dict[str, Any] = dict(document.get("publish", {}))
    allowed: dict[str, tuple[str, ...]] = {
        "mode": MODES,
        "language": LANGUAGES,
        "calendar": CALENDARS,
        "week_start": WEEK_STARTS,
    }
    for key, values in allowed.items():
        if given.get(key, values[0]) not in values:
            faults.add("city.bad-value", path=path, key=key, given=given[key], allowed=values)
    if (zone := given.get("timezone", "Asia/Tehran")) not in zoneinfo.available_timezones():
        faults.add(
            "city.bad-value", path=path, key="timezone", given=zone, allowed="Asia/Tehran, Europe/London ..."
        )
    elif not given.get("country") and of_zone(zone) is None:
        faults.add("city.no-country", path=path, zone=zone)
    country = given.get("country", "")
    if country not in ("", NO_COUNTRY) and not (isinstance(country, str) and is_country(country)):
        faults.add("city.bad-value", path=path, key="country", given=country, allowed=ALLOWED_COUNTRIES)
    known = {"names", "contact", "timezone", "country", *allowed}
    for key in sorted(set(given) - known):
        faults.add("city.bad-value", path=path, key=key, given=given[key], allowed=sorted(known))
    sections = {part.kind: _section(part, document, path, faults) for part in rooms.sections().values()}
    limits = {
        "epsilon": (0.01, 10.0),
        "threshold": (3, 1000),
        "event_cap": (0.01, 100.0),
        "lag_weeks": (0, 52),
    }
    for key, value in publish.items():
        low, high = limits.get(key, (0, 0))
        if key not in limits or not isinstance(value, int | float) or not low <= value <= high:
            faults.add("city.bad-value", path=path, key=key, given=value, allowed=f"{low} ... {high}")
    faults.raise_if_any()
    lines = document.get("helpline")
    if lines is None:
        given["helplines"] = helplines_of(zone)
    else:
        given["helplines"] = tuple(
            Helpline(str(line["number"]), dict(line["names"]), bool(line.get("urgent", False)))
            for line in lines
        )
    own = {kind: made for kind, values in sections.items() if (made := kind(**values)) != kind()}
    return City(**given, **publish, sections=own)


def _section(part: Section, document: Mapping[str, Any], path: Path, faults: Faults) -> dict[str, Any]:
    """What a city says in a room's table; each value is a whole number within its limits."""
    limits = {each.name: each.metadata["limits"] for each in fields(part.kind)}
    values: dict[str, Any] = dict(document.get(part.name, {}))
    for key, value in values.items():
        low, high = limits.get(key, (0, 0))
        whole = isinstance(value, int) and not isinstance(value, bool)
        if key not in limits or not whole or not low <= value <= high:
            faults.add("city.bad-value", path=path, key=key, given=value, allowed=f"{low} ... {high}")
    return values
