"""What a room states about itself, so that the house finds it: one frozen `Room` in its `room.py`.

A `room.py` is read before Django starts, since `city.toml` needs it. So it imports this module, pure ones of
its own (`rules`, the table of `city.toml`) and lazy translations, and nothing else. Everything that runs
stands in the room's other modules and is named here as `module:attribute`, counted from the room's package:
`"queries.waiting:waiting"`; `house.checking` looks each name up when the house starts.

Two things are found by their place alone: the `app` of a room's `commands.py`, which is hung into the
`mahalleh` command, and the room's `messages/*.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import polars as pl
    from django.utils.functional import _StrPromise

    from mahalleh_site.house.doctor import Finding
    from mahalleh_site.people.permissions import Anyone  # the type alone: the house imports no room


Reference: TypeAlias = str  # "module:attribute" below the room's package


class Place(StrEnum):
    """Where a public page is reached from on every page."""

    DOOR = "door"  # one of the header's three: tell us, find help, see what is done
    FOOT = "foot"  # the list at the end of the page


class Phase(StrEnum):
    """The order within a turn of `mahalleh loop`: what reads numbers comes after what brings them."""

    GATHER = "gather"  # brings events in
    PUBLISH = "publish"  # freezes what the public may have
    READ = "read"  # computes on what is there now


class Retention(StrEnum):
    """How long something about a person is kept. Guard-rail 14: free text goes, statistics stay."""

    ACCOUNT = "account"  # with the account; erased on request
    WORDS = "words"  # what somebody wrote: some time after the end of its matter (city.toml)
    CONTACT = "contact"  # how somebody can be reached: a shorter time after the end
    SHORT = "short"  # days at most: forms begun, requests not confirmed
    PUBLISHED = "published"  # what staff showed to the public, by consent, until it is taken down
    SETTING = "setting"  # what staff set up, until they change it
    RECORD = "record"  # who decided what: as long as the city's records
    STATISTIC = "statistic"  # no text and no name: for ever


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the staff's menu: an address's name, what it is called, and the permission that opens it.

    `may` is a function `(user) -> bool` of the room's `permissions`.
    """

    address: str
    name: _StrPromise
    may: str


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """A line of the public menu: an address's name, what it is called, and where it stands."""

    address: str
    name: _StrPromise
    place: Place = Place.FOOT


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for somebody: until when it was promised, what it is, and where."""

    due: date
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Turned:
    """What a room did in a turn of the loop: facts for a script, and sentences (message code, facts)."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """A table of counts that leaves with noise, so that the account of what it costs can add it up.

    It either draws its own noise and names its `ledger`, or says what it counts in a week (`weekly`): then
    `releases.tallies` draws and keeps it. The fields below are those of `mahalleh.disclose.account.Table`,
    which says what each means.
    """

    title: _StrPromise  # what it counts, for the page about methods
    ledger: Reference = ""  # Ledger: every draw ever made for it
    weekly: Reference = ""  # Cells: the exact counts of a week
    file: str = ""  # the ledger's name in the city's folder `private`, where it is a file
    unit: str = "event"
    sensitivity: int = 1
    apart: tuple[str, ...] = ("topic", "place", "time")


@dataclass(frozen=True, slots=True)
class Section:
    """A table of `city.toml`: a frozen dataclass of whole numbers, each made by `limited`."""

    name: str
    kind: type
    comments: Mapping[str, str]  # field -> what it means, for the file that `mahalleh init` writes


def limited(default: int, low: int, high: int) -> Any:
    """A field of a section: a whole number between two limits, both allowed."""
    return field(default=default, metadata={"limits": (low, high)})


Step: TypeAlias = Callable[[str], None]  # begins the next step of a progress bar, by message code


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample city that is being founded. `end`: the day after its last event; `past`: watch it too.

    `shared` hands what one step made to later ones: the simulated city.
    """

    by: str
    seed: int
    areas: int
    weeks: int
    end: date
    past: bool = True
    shared: dict[str, Any] = field(default_factory=dict)


# What a manifest's references name.
May: TypeAlias = "Callable[[Anyone], bool]"
Waits: TypeAlias = "Callable[[Anyone], Iterable[Waiting]]"
Version: TypeAlias = Callable[[], object]
Check: TypeAlias = "Callable[[], Iterable[Finding]]"
State: TypeAlias = Callable[[], str]
Ledger: TypeAlias = "Callable[[], pl.DataFrame]"
Furnish: TypeAlias = Callable[[Sample, Step], None]
Cells: TypeAlias = "Callable[[date, date], Mapping[tuple[str, str], int]]"  # exact; (place, what) -> count
Done: TypeAlias = Mapping[str, Mapping[str, int]]  # message code -> how many of what


class Daily(Protocol):
    """A day's work of a room."""

    def __call__(self, *, by: str, today: date) -> Done:
        """Do it; safe to do again."""


class Turn(Protocol):
    """A room's part of a turn of the loop."""

    def __call__(self, *, by: str, revise: bool) -> Turned:
        """Take it. `revise`: late reports are added to what is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One room. Everything but its name may be left out, and is then empty."""

    name: str
    title: _StrPromise
    of_the_house: bool = False  # it serves all rooms: in menus it stands after those of the loop
    pages: tuple[str, ...] = ()  # URLconfs of pages, below a language
    files: tuple[str, ...] = ()  # URLconfs for machines, without a language
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)  # staff address -> who may open it
    staff_menu: tuple[Entry, ...] = ()
    public_menu: tuple[PublicEntry, ...] = ()
    search: str = ""  # the address that the search of the header asks, where this room answers it
    waiting: Reference = ""  # Waits
    verbs: Mapping[str, _StrPromise] = field(default_factory=dict)  # of the audit log, in words
    public_version: Reference = ""  # Version: another one, and kept public pages are old
    daily: Reference = ""  # Daily
    checks: Mapping[str, Reference] = field(default_factory=dict)  # fault where it breaks -> Check
    ready: Mapping[str, Reference] = field(default_factory=dict)  # part of /readyz -> State
    published: Mapping[str, Published] = field(default_factory=dict)  # name -> a table of counts that leaves
    turn: Mapping[Phase, Reference] = field(default_factory=dict)  # Turn
    sample: Mapping[str, Reference] = field(default_factory=dict)  # message code -> Furnish
    city: tuple[Section, ...] = ()
    retention: Mapping[str, Retention] = field(default_factory=dict)  # "Model.field" -> class
    register: str = ""  # a file of the room: its methods in the public register
    untold: tuple[str, ...] = ()  # "Model.field": values that no log, count, public page or cache may hold
