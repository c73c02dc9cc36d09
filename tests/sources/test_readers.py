"""What can be read at all: open records and residents' own reports, by a list that is this short."""

from __future__ import annotations

from mahalleh.sources import READERS


def test_readers__are_those_of_records_and_reports_and_of_no_network_of_people():
    """Guard-rail 15: no camera, telephone or social network is a source. A new one is thought over here."""
    assert set(READERS) == {
        "police_uk",  # crimes and searches as the police of England and Wales publish them
        "table",  # a city's own file, by a mapping that names each column that is read
        "open311",  # requests that residents sent a city
    }
