"""What is collected of the manifests: menus, what waits, verbs; everyone sees only what is theirs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import pytest
from django.utils.translation import gettext_lazy as _

from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Entry, Place, PublicEntry, Room, Waiting
from mahalleh_site.house.rooms import Installed


@dataclass
class House:
    """Rooms that a test makes; `waits` and `may` are the modules they name."""

    rooms: list[Installed]

    def add(self, name, *, waits=(), may=lambda user: True, **facts):
        package = f"house_of_tests_{name}"
        sys.modules[f"{package}.queries"] = SimpleNamespace(waiting=lambda user: waits)
        sys.modules[f"{package}.permissions"] = SimpleNamespace(may_enter=may)
        sys.modules[package] = SimpleNamespace(__path__=[])
        self.rooms.append(Installed(package, Room(name=name, title=_("Listen"), **facts)))


@pytest.fixture
def house(monkeypatch):
    made = House([])
    monkeypatch.setattr(rooms, "rooms", lambda: tuple(made.rooms))
    yield made
    for name in [name for name in sys.modules if name.startswith("house_of_tests_")]:
        del sys.modules[name]


def entries(*addresses):
    return tuple(Entry(address, _("Signals"), may="may_enter") for address in addresses)


def test_staff_menu__has_the_loop_in_its_order_and_the_houses_own_rooms_last(house):
    house.add("people", of_the_house=True, staff_menu=entries("organisations", "audit"))
    house.add("listen", staff_menu=entries("listen"))
    house.add("watch", staff_menu=entries("signals", "calibration"))
    found = [entry.address for entry in rooms.staff_menu(None)]
    assert found == ["listen", "signals", "calibration", "organisations", "audit"]


def test_staff_menu__is_shown_to_those_who_may_enter(house):
    house.add("watch", staff_menu=entries("signals"), may=lambda user: user == "coordinator")
    assert [entry.address for entry in rooms.staff_menu("coordinator")] == ["signals"]
    assert rooms.staff_menu("partner") == []


def test_public_menu__keeps_doors_and_foot_apart(house):
    house.add("people", of_the_house=True, public_menu=(PublicEntry("today", _("For staff")),))
    house.add("listen", public_menu=(PublicEntry("tell", _("Tell us"), Place.DOOR),))
    house.add(
        "publish", public_menu=(PublicEntry("data", _("Data")), PublicEntry("done", _("D"), Place.DOOR))
    )
    assert [entry.address for entry in rooms.public_menu(Place.DOOR)] == ["tell", "done"]
    assert [entry.address for entry in rooms.public_menu(Place.FOOT)] == ["data", "today"]


def test_waiting__has_the_oldest_promise_first_across_rooms(house):
    late = [Waiting(date(2026, 11, 9), "c", "/c"), Waiting(date(2026, 11, 2), "a", "/a")]
    house.add("one", waiting="queries:waiting", waits=late)
    house.add("two", waiting="queries:waiting", waits=[Waiting(date(2026, 11, 5), "b", "/b")])
    house.add("three")
    assert [item.text for item in rooms.waiting("anyone")] == ["a", "b", "c"]


def test_rooms__of_this_house_stand_in_the_order_of_installed_apps():
    from django.conf import settings

    ours = [app for app in settings.INSTALLED_APPS if app.startswith("mahalleh_site.")]
    assert [each.package for each in rooms.rooms()] == [app for app in ours if app != rooms.HOUSE]
