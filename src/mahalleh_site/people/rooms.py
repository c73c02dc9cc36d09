"""The rooms of the staff's header, and what waits in them.

A room that comes later in the loop says so itself, when its app starts, with `open_room` and `tell_waiting`:
people imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from mahalleh_site.people import permissions

# in the loop's order; the house's own rooms stand last
ORDER = (
    "listen", "signals", "refer", "respond", "evaluate", "learn", "review", "publish", "calibration",
    "organisations", "audit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """A room: the name of its address, what it is called, and who may enter."""

    address: str
    name: Any
    may: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for somebody: until when it was promised, what it is, and where."""

    due: date
    text: str
    url: str


_ROOMS = {
    "organisations": Room("organisations", _("Organisations"), permissions.manage_people),
    "audit": Room("audit", _("Audit log"), permissions.read_audit),
}
_WAITING: dict[str, Callable[[Any], Iterable[Waiting]]] = {}


def open_room(room: Room) -> None:
    """Add a room of ORDER to the header of those who may enter."""
    _ROOMS[room.address] = room


def rooms(user: Any) -> list[Room]:
    """The rooms that somebody may enter, in the loop's order."""
    return sorted((room for room in _ROOMS.values() if room.may(user)), key=lambda r: ORDER.index(r.address))


def tell_waiting(name: str, finder: Callable[[Any], Iterable[Waiting]]) -> None:
    """Let a room say what waits for an account."""
    _WAITING[name] = finder


def waiting(user: Any) -> list[Waiting]:
    """What waits for somebody in all rooms, the oldest promise first."""
    found = [item for finder in _WAITING.values() for item in finder(user)]
    return sorted(found, key=lambda item: item.due)
