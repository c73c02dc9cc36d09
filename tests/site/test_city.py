"""The city's settings file: defaults for what is left out, and every fault at once."""

import pytest

from mahalleh.errors import CityError
from mahalleh_site.city import City, city_or_default, read_city


def founded(folder, text):
    (folder / "city.toml").write_text(text, encoding="utf-8")
    return folder


def test_read_city__fills_what_the_file_leaves_out(tmp_path):
    city = read_city(founded(tmp_path, '[city]\nlanguage = "en"\n[publish]\nepsilon = 0.5\n'))
    assert (city.language, city.epsilon, city.threshold, city.is_demo) == ("en", 0.5, City().threshold, False)
    assert [line.number for line in city.helplines if line.urgent] == ["110", "115"]


def test_read_city__takes_a_citys_own_numbers_to_call(tmp_path):
    text = '[[helpline]]\nnumber = "999"\nurgent = true\nnames = { fa = "پلیس", en = "police" }\n'
    assert [line.number for line in read_city(founded(tmp_path, text)).helplines] == ["999"]


@pytest.mark.parametrize("none", ["", "helpline = []\n"], ids=["left out", "written"])
def test_read_city__assumes_no_number_to_call_outside_iran(tmp_path, none):
    text = f'{none}[city]\ntimezone = "America/Chicago"\n'
    assert read_city(founded(tmp_path, text)).helplines == ()


def test_read_city__names_every_fault_at_once(tmp_path):
    text = """
[city]
mode = "test"
timezone = "Mars/Olympus"
colour = "red"
[publish]
epsilon = 99
threshold = 1
secret = 3
"""
    with pytest.raises(CityError) as caught:
        read_city(founded(tmp_path, text))
    assert sorted(fault.facts["key"] for fault in caught.value.faults) == [
        "colour", "epsilon", "mode", "secret", "threshold", "timezone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "feasts"),
    [
        ("", "IR"),
        ('timezone = "America/Toronto"', "CA"),
        ('timezone = "Europe/London"', "GB-ENG"),
        ('timezone = "Europe/London"\ncountry = "GB-SCT"', "GB-SCT"),
        ('timezone = "UTC"\ncountry = "none"', None),
    ],
)
def test_read_city__takes_the_holidays_of_its_country(tmp_path, text, feasts):
    assert read_city(founded(tmp_path, f"[city]\n{text}\n")).feasts == feasts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('timezone = "UTC"', "city.no-country"),
        ('country = "Iran"', "city.bad-value"),
        ('country = "XX"', "city.bad-value"),
        ("country = 98", "city.bad-value"),
        ('timezone = "Mars/Olympus"', "city.bad-value"),  # once, not twice
    ],
)
def test_read_city__never_leaves_holidays_out_in_silence(tmp_path, text, code):
    with pytest.raises(CityError) as caught:
        read_city(founded(tmp_path, f"[city]\n{text}\n"))
    assert [fault.code for fault in caught.value.faults] == [code]


def test_feasts__of_a_city_that_was_not_read_are_asked_for_too():
    with pytest.raises(CityError, match="UTC"):
        _ = City(timezone="UTC").feasts


def test_read_city__says_how_to_found_one_where_there_is_none(tmp_path):
    with pytest.raises(CityError, match="mahalleh init"):
        read_city(tmp_path)
    assert city_or_default(tmp_path) == City()


def test_read_city__refuses_broken_toml(tmp_path):
    with pytest.raises(CityError, match="cannot be read"):
        read_city(founded(tmp_path, "[city"))
