"""The plan of a house: its rooms with their floors, and the arrows of imports between them."""

from __future__ import annotations

import sys
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

import grimp

LEFT_OUT = frozenset(["migrations", "__pycache__"])  # written by Django


@dataclass(frozen=True, slots=True)
class Room:
    """A module or package directly below a root package; floor 0 is the lowest."""

    name: str  # dotted
    floor: int
    lines: int
    modules: int
    circles: tuple[str, ...] = ()  # imports within it that would have to go for none to run in a circle

    @property
    def house(self) -> str:
        """The root package."""
        return self.name.partition(".")[0]

    @property
    def label(self) -> str:
        """Its name within the root package."""
        return self.name.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Arrow:
    """All imports of one room by another."""

    above: str  # the room that imports
    below: str
    imports: int
    climbs: bool  # what is imported stands on the same floor or a higher one


@dataclass(frozen=True, slots=True)
class Plan:
    """Rooms from the lowest floor up, and arrows in order of their names."""

    rooms: tuple[Room, ...]
    arrows: tuple[Arrow, ...]

    def bearing(self) -> tuple[Arrow, ...]:
        """The arrows that no others imply, and every arrow that climbs."""
        down: dict[str, set[str]] = {room.name: set() for room in self.rooms}
        for arrow in self.arrows:
            if not arrow.climbs:
                down[arrow.above].add(arrow.below)
        reached: dict[str, set[str]] = {}
        for room in self.rooms:  # from below, so that what is reached from there is known
            reached[room.name] = down[room.name].union(*(reached[below] for below in down[room.name]))
        return tuple(
            arrow
            for arrow in self.arrows
            if arrow.climbs or not any(arrow.below in reached[other] for other in down[arrow.above])
        )


def survey(root: Path) -> Plan:
    """The plan of the tree at `root`: its `src` and its `.importlinter`."""
    config = ConfigParser()
    config.read_string((root / ".importlinter").read_text(encoding="utf-8"))
    houses = config["importlinter"]["root_packages"].split()
    graph = import_graph(root / "src", houses)
    imports = _imports(graph)
    sizes = {
        f"{house}.{path.stem}": _size(path)
        for house in houses
        for path in sorted((root / "src" / house).iterdir())
        if _is_room(path)
    }
    floors = _floors(_layers(config, houses), imports, list(sizes))
    rooms = [Room(name, floors[name], *size, _circles(graph, name)) for name, size in sizes.items()]
    arrows = [
        Arrow(above, below, count, floors[below] >= floors[above])
        for (above, below), count in sorted(imports.items())
    ]
    return Plan(tuple(sorted(rooms, key=lambda room: (room.floor, room.name))), tuple(arrows))


def import_graph(source: Path, houses: list[str]) -> grimp.ImportGraph:
    """Which module imports which; nothing is run."""
    sys.path.insert(0, str(source))
    try:
        return grimp.build_graph(*houses, exclude_type_checking_imports=True, cache_dir=None)
    finally:
        sys.path.remove(str(source))


def _imports(graph: grimp.ImportGraph) -> dict[tuple[str, str], int]:
    """How many imports there are from one room to another."""
    found: dict[tuple[str, str], int] = {}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = _room(module), _room(imported)
            if pair[0] != pair[1] and all("." in name for name in pair):
                found[pair] = found.get(pair, 0) + 1
    return found


def _circles(graph: grimp.ImportGraph, name: str) -> tuple[str, ...]:
    """Imports between the modules of a room that close a circle, as few as will do."""
    if name not in graph.modules or not graph.find_children(name):
        return ()
    return tuple(sorted(f"{above} imports {below}" for above, below in graph.nominate_cycle_breakers(name)))


def _layers(config: ConfigParser, houses: list[str]) -> dict[str, int]:
    """The floor of each room that stands in a layer; each house stands on those before it in the list."""
    floors: dict[str, int] = {}
    ground = 0
    for house in houses:
        for section in config.sections():
            if config[section].get("type") != "layers":
                continue
            container = config[section].get("containers", "").strip()
            prefix = f"{container}." if container else ""
            layers = [
                [prefix + name for name in line.replace(":", "|").replace(" ", "").strip("()").split("|")]
                for line in config[section]["layers"].strip().splitlines()
            ]
            if not any(name.startswith(f"{house}.") for layer in layers for name in layer):
                continue
            for height, layer in enumerate(reversed(layers)):
                floors |= {_room(name): ground + height for name in layer}
            ground += len(layers)
    return floors


def _floors(floors: dict[str, int], imports: dict[tuple[str, str], int], names: list[str]) -> dict[str, int]:
    """The floor of every room: those in no layer stand just above the highest that they import."""
    floors = {name: floor for name, floor in floors.items() if name in names}
    left = [name for name in names if name not in floors]
    lowest = {
        house: min((f for n, f in floors.items() if _house(n) == house), default=0)
        for house in map(_house, names)
    }
    while left:
        # first those that import nothing which is left, so that a circle is cut where fewest hang on it
        left.sort(key=lambda name: (sum(above == name and below in left for above, below in imports), name))
        name = left.pop(0)
        below = [floors[b] + 1 for a, b in imports if a == name and b in floors and _house(b) == _house(name)]
        floors[name] = max([lowest[_house(name)], *below])
    return floors


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _house(name: str) -> str:
    return name.partition(".")[0]


def _is_room(path: Path) -> bool:
    if path.is_dir():
        return path.name not in LEFT_OUT and any(path.rglob("*.py"))
    return path.suffix == ".py" and path.stem != "__init__"


def _size(path: Path) -> tuple[int, int]:
    """Lines and modules of a room, without migrations."""
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    kept = [file for file in files if LEFT_OUT.isdisjoint(file.relative_to(path.parent).parts)]
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in kept), len(kept)
