"""Countries of time zones, against the zones' own tables and against Unicode's."""

from __future__ import annotations

import zoneinfo
from datetime import date

import pytest
from babel.core import get_global

from mahalleh.countries import NATION, is_country, of_zone, public_holidays
from mahalleh.errors import WatchError

# what the watch was told before countries were looked up
BEFORE = {
    "Asia/Tehran": "IR",
    "Europe/London": "GB-ENG",
    "Europe/Berlin": "DE",
    "Europe/Paris": "FR",
    "America/Chicago": "US",
    "America/New_York": "US",
    "America/Los_Angeles": "US",
    "America/Denver": "US",
}
NOWHERE = ("001", "ZZ")  # Unicode's words for the world and for what is unknown


@pytest.mark.parametrize(("zone", "country"), BEFORE.items())
def test_of_zone__is_as_it_was_in_the_zones_that_were_listed(zone, country):
    assert of_zone(zone) == country


def test_of_zone__agrees_with_unicodes_table():
    # Unicode's CLDR, by Babel: made by others from other sources than the zones' own table
    for zone, country in get_global("zone_territories").items():
        if zone not in NATION and country not in NOWHERE:
            assert of_zone(zone) == country, zone


@pytest.mark.parametrize(
    ("old", "country"),
    [("Iran", "IR"), ("Asia/Calcutta", "IN"), ("Europe/Kiev", "UA"), ("US/Central", "US"), ("GB", "GB-ENG"),
     ("Iceland", "IS")],
)  # fmt: skip
def test_of_zone__knows_old_names(old, country):
    assert of_zone(old) == country


def test_of_zone__is_known_of_every_zone_that_is_a_place():
    nowhere = {zone for zone in zoneinfo.available_timezones() if of_zone(zone) is None}
    assert {zone for zone in nowhere if "/" in zone and not zone.startswith("Etc/")} <= {"US/Pacific-New"}
    assert {"UTC", "Etc/GMT+3"} <= nowhere


def test_of_zone__every_country_has_holidays():
    for country in {of_zone(zone) for zone in zoneinfo.available_timezones()} - {None}:
        assert is_country(country)
        public_holidays(country, [2026])


@pytest.mark.parametrize("code", ["", "ir", "I", "IRN", "XX", "GB-", "GB-ENGL", "GB ENG", "none", "IR\n"])
def test_is_country__refuses_what_is_no_code(code):
    assert not is_country(code)


def test_public_holidays__are_those_of_the_part():
    easter_monday = date(2026, 4, 6)  # a holiday in England and not in Scotland
    assert easter_monday in public_holidays("GB-ENG", [2026])
    assert easter_monday not in public_holidays("GB-SCT", [2026])
    assert public_holidays("gb-eng", [2026]) == public_holidays("GB-ENG", [2026])


@pytest.mark.parametrize("code", ["XX", "GB-XYZ", ""])
def test_public_holidays__of_no_known_place_are_refused(code):
    with pytest.raises(WatchError) as caught:
        public_holidays(code, [2026])
    assert caught.value.faults[0].code == "watch.unknown-calendar"
