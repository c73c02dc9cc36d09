"""Where boxes stand and arrows run: floors are given, the order on each keeps arrows short."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from tools.house.plan import Arrow, Plan, Room

LEAST, EDGE = 1200, 40  # the picture's width where its floors need no more
BOX, STOREY = 48, 92  # heights of a box, and of a floor with the arrows below it
TOP, BOTTOM = 150, 96  # room for title and roof, and for the legend
GAP, NEAR, LANE = 26, 6, 18  # between boxes, and where it is narrow; what an arrow takes that passes a floor
SWEEPS = 40


@dataclass(slots=True)
class Spot:
    """A place on a floor: a room's box, or where an arrow passes on its way further down."""

    name: str
    floor: int
    width: float
    room: Room | None = None
    x: float = 0.0
    above: list[Spot] = field(default_factory=list)
    below: list[Spot] = field(default_factory=list)

    @property
    def top(self) -> float:
        """The height of its upper edge, once floors are counted from above."""
        return TOP + self.floor * STOREY


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow with the points that it passes, from the room that imports."""

    arrow: Arrow
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything in its place."""

    boxes: tuple[Spot, ...]
    lines: tuple[Line, ...]
    floors: int
    width: float

    @property
    def height(self) -> float:
        """The height of the whole."""
        return TOP + (self.floors - 1) * STOREY + BOX + BOTTOM


def arrange(plan: Plan) -> Picture:
    """Put every room and arrow of a plan in its place."""
    used = sorted({room.floor for room in plan.rooms}, reverse=True)
    spots = {room.name: Spot(room.name, used.index(room.floor), _width(room), room) for room in plan.rooms}
    rows: list[list[Spot]] = [[] for _ in used]
    for spot in spots.values():
        rows[spot.floor].append(spot)
    ways = {}
    for arrow in plan.bearing():
        start, end = spots[arrow.above], spots[arrow.below]
        way = [start, end]
        if not arrow.climbs:
            passed = [
                Spot(f"{arrow.above} {arrow.below}", floor, LANE)
                for floor in range(start.floor + 1, end.floor)
            ]
            for spot in passed:
                rows[spot.floor].append(spot)
            way = [start, *passed, end]
            for upper, lower in pairwise(way):
                upper.below.append(lower)
                lower.above.append(upper)
        ways[arrow] = way
    width = max(LEAST, *(2 * EDGE + sum(spot.width + NEAR for spot in row) for row in rows))
    _order(rows, width)
    lines = tuple(Line(arrow, _points(way, arrow)) for arrow, way in ways.items())
    return Picture(tuple(spots.values()), lines, len(used), width)


def _order(rows: list[list[Spot]], width: float) -> None:
    """Sweep down and up: each spot goes to the middle of its neighbours, as far as the others leave room."""
    for row in rows:
        row.sort(key=lambda spot: spot.name)
        _settle(row, [0.0] * len(row), width)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        last = sweep >= SWEEPS - 4
        for row in rows if down else rows[::-1]:
            wanted = []
            for spot in row:
                near = spot.above + spot.below if last else spot.above if down else spot.below
                wanted.append(sum(n.x for n in near) / len(near) if near else spot.x)
            if not last:
                order = sorted(range(len(row)), key=lambda number: (wanted[number], row[number].name))
                row[:], wanted = [row[n] for n in order], [wanted[n] for n in order]
            _settle(row, wanted, width)


def _settle(row: list[Spot], wanted: list[float], width: float) -> None:
    """Put a row as near to where its spots want to be as their widths allow (pooled, least squares)."""
    free = width - 2 * EDGE - sum(spot.width for spot in row)
    gap = min(GAP, free / max(1, len(row) - 1))
    starts, at = [], 0.0
    for spot in row:
        starts.append(at + spot.width / 2)
        at += spot.width + gap
    pools: list[tuple[float, int]] = []  # mean of what is wanted, how many
    for want, start in zip(wanted, starts, strict=True):
        pools.append((want - start, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    shifts = [mean for mean, many in pools for _ in range(many)]
    for spot, start, shift in zip(row, starts, shifts, strict=True):
        spot.x = start + min(max(shift, EDGE), width - EDGE - (at - gap))


def _points(way: list[Spot], arrow: Arrow) -> tuple[tuple[float, float], ...]:
    first, last = way[0], way[-1]
    if arrow.climbs:
        return (first.x, first.top), (last.x, last.top + BOX if last.floor < first.floor else last.top)
    start = _port(first, way[1], first.below), first.top + BOX
    end = _port(last, way[-2], last.above), last.top
    passed = [point for spot in way[1:-1] for point in ((spot.x, spot.top), (spot.x, spot.top + BOX))]
    return start, *passed, end


def _port(spot: Spot, other: Spot, all_: list[Spot]) -> float:
    """Where on a box's edge an arrow begins or ends, so that arrows do not cross there."""
    order = sorted(all_, key=lambda each: (each.x, each.name))
    step = min(spot.width / (len(order) + 1), 22)
    return spot.x + (order.index(other) - (len(order) - 1) / 2) * step


def size(room: Room) -> str:
    """A room's size in words, and whether imports run in a circle within it."""
    many = f", {len(room.circles)} circle{'s' * (len(room.circles) > 1)}" if room.circles else ""
    return f"{room.lines:,} lines{many}"


def _width(room: Room) -> float:
    """As long as its lines need, and as its name does: 1,000 lines are 55 pixels."""
    return max(
        10 * len(room.label) + 24,
        7.2 * len(size(room)) + 20,
        min(50 + room.lines / 18, 340),
    )
