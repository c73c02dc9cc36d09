"""The rooms of the house, in the order of INSTALLED_APPS: collected once, checked when the house starts."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources, util
from typing import TYPE_CHECKING, Any, Final

from mahalleh.errors import add_messages
from mahalleh_site import installed
from mahalleh_site.house.manifest import (
    Cells,
    Check,
    Daily,
    Entry,
    Ledger,
    May,
    Phase,
    Place,
    PublicEntry,
    Published,
    Reference,
    Room,
    Section,
    Turn,
    Version,
    Waiting,
    Waits,
)  # fmt: skip

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from mahalleh_site.people.permissions import Anyone

OURS: Final = __name__.partition(".")[0]  # the package whose apps are rooms
HOUSE: Final = __name__.rpartition(".")[0]  # the one app that is none


@dataclass(frozen=True, slots=True)
class Installed:
    """A room and the package it stands in."""

    package: str
    room: Room

    def find(self, reference: Reference) -> Any:
        """What `module:attribute` names, counted from the room's package; the manifest says of what type.

        Raises:
            ImportError, AttributeError: where there is no such thing.
        """
        module, _, name = reference.partition(":")
        return getattr(import_module(f"{self.package}.{module}"), name)

    def opens(self, entry: Entry) -> May:
        """The permission of a line of the staff's menu."""
        may: May = self.find(f"permissions:{entry.may}")
        return may

    def methods(self) -> dict[str, dict[str, Any]]:
        """What the room enters in the public register, by method: the tables of its file."""
        if not self.room.register:
            return {}
        path = resources.files(self.package).joinpath(self.room.register)
        return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def rooms() -> tuple[Installed, ...]:
    """Every room, in the order of INSTALLED_APPS, with its messages. Django need not have started."""
    for package in packages():
        add_messages(package)
    return tuple(
        Installed(package, import_module(f"{package}.room").ROOM)
        for package in packages()
        if has_room(package)
    )


def packages() -> Iterator[str]:
    """The apps that are rooms, or should be."""
    ours = (app for app in installed.INSTALLED_APPS if app.partition(".")[0] == OURS)
    yield from (app for app in ours if app != HOUSE)


def has_room(package: str) -> bool:
    """Whether an app has a manifest."""
    return util.find_spec(f"{package}.room") is not None


def by_loop() -> list[Installed]:
    """The rooms as menus show them: those of the loop, then those that serve all others."""
    return sorted(rooms(), key=lambda each: each.room.of_the_house)


def staff_menu(user: Anyone) -> list[Entry]:
    """The lines of the staff's menu that somebody may see."""
    return [entry for each in by_loop() for entry in each.room.staff_menu if each.opens(entry)(user)]


def waiting(user: Anyone) -> list[Waiting]:
    """What waits for somebody in all rooms, the oldest promise first."""
    finders: Iterator[Waits] = _named(lambda room: room.waiting)
    return sorted((item for finder in finders for item in finder(user)), key=lambda item: item.due)


def public_menu(place: Place) -> list[PublicEntry]:
    """The lines of the public menu that stand at a place."""
    return [entry for each in by_loop() for entry in each.room.public_menu if entry.place == place]


def search() -> str:
    """The address that the search of the header asks; empty where no room answers it."""
    return next((each.room.search for each in rooms() if each.room.search), "")


def verbs() -> Mapping[str, _StrPromise]:
    """Every verb of the audit log, in words."""
    return {code: words for each in rooms() for code, words in each.room.verbs.items()}


def sections() -> Mapping[str, Section]:
    """The rooms' tables of `city.toml`, by name."""
    return {section.name: section for each in rooms() for section in each.room.city}


def urlconfs(of: Callable[[Room], tuple[str, ...]]) -> list[str]:
    """The rooms' URLconfs by their full names."""
    return [f"{each.package}.{module}" for each in rooms() for module in of(each.room)]


def public_version() -> str:
    """Changes whenever a public page may have: the key of what is kept of them."""
    versions: Iterator[Version] = _named(lambda room: room.public_version)
    return "-".join(str(version()) for version in versions)


def daily_work() -> Iterator[Daily]:
    """Each room's work of a day."""
    return _named(lambda room: room.daily)


def tables() -> Mapping[str, Cells]:
    """The rooms' tables that are published week by week: name -> the exact counts of a week."""
    return {
        name: each.find(table.weekly)
        for each in rooms()
        for name, table in each.room.published.items()
        if table.weekly
    }


def turns(phase: Phase) -> Iterator[Turn]:
    """What each room does in a phase of a turn of the loop."""
    return _named(lambda room: room.turn.get(phase, ""))


def published() -> dict[str, tuple[Published, Ledger | None]]:
    """Every table of counts that leaves, by name, with its own ledger if it has one."""
    return {
        name: (table, each.find(table.ledger) if table.ledger else None)
        for each in rooms()
        for name, table in each.room.published.items()
    }


def checks() -> Iterator[tuple[str, Check]]:
    """What the doctor asks of each room, with the fault's code where the asking itself breaks."""
    return ((code, each.find(found)) for each in rooms() for code, found in each.room.checks.items())


def methods() -> dict[str, dict[str, Any]]:
    """Every room's entries in the public register, by method."""
    return {name: entry for each in rooms() for name, entry in each.methods().items()}


def _named(reference: Callable[[Room], Reference]) -> Iterator[Any]:
    """What one field of every manifest names, room by room, where it names something."""
    return (each.find(found) for each in rooms() if (found := reference(each.room)))
