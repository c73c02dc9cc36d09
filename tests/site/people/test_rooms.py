"""The staff's header and what waits: rooms say so themselves, and everyone sees only what is theirs."""

from __future__ import annotations

from datetime import date

import pytest

from mahalleh_site.people import rooms


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr(rooms, "_ROOMS", {})
    monkeypatch.setattr(rooms, "_WAITING", {})


def test_rooms__stand_in_the_loops_order_whenever_they_came(house):
    for name in ("audit", "review", "signals"):
        rooms.open_room(rooms.Room(name, name, lambda user: True))
    assert [room.address for room in rooms.rooms(None)] == ["signals", "review", "audit"]


def test_rooms__are_shown_to_those_who_may_enter(house):
    rooms.open_room(rooms.Room("signals", "Signals", lambda user: user == "coordinator"))
    assert [room.address for room in rooms.rooms("coordinator")] == ["signals"]
    assert rooms.rooms("partner") == []


def test_waiting__has_the_oldest_promise_first_across_rooms(house):
    def first(user):
        return [rooms.Waiting(date(2026, 11, 9), "c", "/c"), rooms.Waiting(date(2026, 11, 2), "a", "/a")]

    rooms.tell_waiting("one", first)
    rooms.tell_waiting("two", lambda user: [rooms.Waiting(date(2026, 11, 5), "b", "/b")])
    rooms.tell_waiting("three", lambda user: [])
    assert [item.text for item in rooms.waiting("anyone")] == ["a", "b", "c"]
