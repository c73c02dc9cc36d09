"""Which country a time zone lies in, and the public holidays of a country.

of_zone("Asia/Tehran")  # "IR"
public_holidays("GB-SCT", [2026])
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

from mahalleh.errors import WatchError

# Four nations share one zone and few holidays; most of its people live in England.
NATION: Final[Mapping[str, str]] = {"Europe/London": "GB-ENG"}
CODE: Final = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


def of_zone(zone: str) -> str | None:
    """Tell the country of a time zone, by the tables that come with the zones.

    Parameters
    ----------
    zone : str
        A name of the IANA time zone database; old names, such as `Iran`, are known too.

    Returns
    -------
    str or None
        The country's two letters (ISO 3166-1), with a nation where it shares its zone (ISO 3166-2); None of
        zones that belong to no country, such as `UTC`.

    Examples
    --------
    >>> of_zone("Asia/Kolkata"), of_zone("Europe/London"), of_zone("Etc/GMT-3")
    ('IN', 'GB-ENG', None)
    """
    table = _zones()
    if zone not in table:
        from babel.core import get_global  # a tenth of a second that names of today do without

        zone = get_global("zone_aliases").get(zone, zone)
    return NATION.get(zone, table.get(zone))


def is_country(code: str) -> bool:
    """Whether a code is a country's of ISO 3166-1, alone or with a part of the country (ISO 3166-2).

    Parameters
    ----------
    code : str
        Such as `IR`, `GB-SCT`, `US-MO`. Which parts a country has is not looked up here.

    Returns
    -------
    bool
        Whether the country exists and the code is well formed.

    Examples
    --------
    >>> is_country("IR"), is_country("GB-SCT"), is_country("XX"), is_country("Iran")
    (True, True, False, False)
    """
    found = CODE.fullmatch(code)
    return found is not None and found[1] in _countries()


def public_holidays(code: str, years: Iterable[int]) -> frozenset[date]:
    """List the public holidays of a country, by the library `holidays`.

    Parameters
    ----------
    code : str
        ISO 3166, alone or with a part of the country: `DE`, `US-MO`, in letters of either case.
    years : iterable of int
        Gregorian years.

    Returns
    -------
    frozenset of datetime.date
        The days that are free by law there: of a country without a part, those that all its parts share.

    Raises
    ------
    WatchError
        `watch.unknown-calendar`, where nobody knows the holidays of such a place.

    Examples
    --------
    >>> date(2026, 11, 30) in public_holidays("GB-SCT", [2026])  # Saint Andrew's Day
    True
    """
    import holidays  # a tenth of a second that most looks do without

    country, _, part = code.partition("-")
    part = part.upper() if part.islower() else part
    try:
        return frozenset(holidays.country_holidays(country.upper(), subdiv=part or None, years=years))
    except NotImplementedError as error:
        raise WatchError("watch.unknown-calendar", given=code) from error


@cache
def _zones() -> dict[str, str]:
    return {zone: code for code, _place, zone, *_ in _rows("zone.tab")}


@cache
def _countries() -> frozenset[str]:
    return frozenset(code for code, *_ in _rows("iso3166.tab"))


def _rows(name: str) -> list[list[str]]:
    """The rows of a table of the package tzdata; comments begin with a hash."""
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
