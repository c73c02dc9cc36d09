"""A plan drawn as SVG, in the colours of the design."""

from __future__ import annotations

from html import escape

from tools.house.layout import BOTTOM, BOX, EDGE, STOREY, TOP, Line, Picture, Spot, arrange, size
from tools.house.plan import Plan

PAPER, SURFACE, INK, SOFT, RULE = "#fbfaf7", "#ffffff", "#1d2733", "#4b5563", "#dcd8cf"
UPPER, LOWER, CLIMBS = "#0f766e", "#1d4e89", "#9f1239"  # turquoise, lapis, pomegranate
FONT = 'Vazirmatn, "Noto Sans", "Segoe UI", Tahoma, system-ui, sans-serif'


def draw(plan: Plan, title: str) -> str:
    """The picture of a plan; the same plan gives the same bytes."""
    picture = arrange(plan)
    said = summary(plan)
    wide, high = f"{picture.width:g}", f"{picture.height:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}"'
        f' height="{high}" role="img" aria-labelledby="t d" font-family=\'{FONT}\'>',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(said)}</desc>',
        "<defs>" + _head("down", SOFT) + _head("climb", CLIMBS) + "</defs>",
        f'<rect width="{wide}" height="{high}" fill="{PAPER}"/>',
        f'<text x="{EDGE}" y="44" font-size="26" font-weight="700" fill="{INK}">{escape(title)}</text>',
        f'<text x="{EDGE}" y="70" font-size="16" fill="{SOFT}">{escape(said)}</text>',
        *_houses(picture),
        *(_line(line) for line in picture.lines if not line.arrow.climbs),
        *(_box(spot, plan) for spot in picture.boxes),
        *(_line(line) for line in picture.lines if line.arrow.climbs),
        *_legend(picture.height - BOTTOM + 44),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def summary(plan: Plan) -> str:
    """What the picture shows, in a sentence."""
    climbing = sum(arrow.climbs for arrow in plan.arrows)
    circles = sum(len(room.circles) for room in plan.rooms)
    lines = sum(room.lines for room in plan.rooms)
    return (
        f"{len(plan.rooms)} rooms, {lines:,} lines. Of {len(plan.arrows)} arrows"
        f" {climbing or 'none'} climb{'' if climbing > 1 else 's'} back;"
        f" {circles or 'no'} circle{'' if circles == 1 else 's'} within a room."
    )


def _houses(picture: Picture) -> list[str]:
    """A frame round each root package, the uppermost with a roof."""
    found, wide = [], picture.width
    houses = list(dict.fromkeys(spot.room.house for spot in picture.boxes[::-1] if spot.room))
    for number, house in enumerate(houses):
        floors = [spot.floor for spot in picture.boxes if spot.room and spot.room.house == house]
        top, bottom = TOP + min(floors) * STOREY - 26, TOP + max(floors) * STOREY + BOX + 18
        found.append(
            f'<rect x="{EDGE / 2:g}" y="{top}" width="{wide - EDGE:g}" height="{bottom - top}" rx="8"'
            f' fill="none" stroke="{RULE}" stroke-width="2"/>'
        )
        if number == 0:
            found.append(
                f'<path d="M{EDGE / 2:g} {top + 8}L{wide / 2:g} {top - 40}L{wide - EDGE / 2:g} {top + 8}"'
                f' fill="none" stroke="{RULE}" stroke-width="2" stroke-linejoin="round"/>'
            )
        found.append(
            f'<text x="{EDGE / 2 + 14:g}" y="{top + 28}" font-size="15" fill="{SOFT}">{escape(house)}</text>'
        )
    return found


def _box(spot: Spot, plan: Plan) -> str:
    room = spot.room
    assert room
    colour = LOWER if room.house == plan.rooms[0].house else UPPER
    left = spot.x - spot.width / 2
    modules = f", {room.modules} modules" if room.modules > 1 else ""
    circles = "".join(f"; {each}" for each in room.circles)
    return (
        f"<g><title>{escape(room.name)}: {room.lines:,} lines{modules}{circles}</title>"
        f'<rect x="{left:.1f}" y="{spot.top}" width="{spot.width:.1f}" height="{BOX}" rx="8" fill="{SURFACE}"'
        f' stroke="{colour}" stroke-width="1.5"/>'
        f'<text x="{spot.x:.1f}" y="{spot.top + 21}" font-size="16" font-weight="600" text-anchor="middle"'
        f' fill="{colour}">{escape(room.label)}</text>'
        f'<text x="{spot.x:.1f}" y="{spot.top + 39}" font-size="13" text-anchor="middle"'
        f' fill="{CLIMBS if room.circles else SOFT}">'
        f"{size(room)}</text></g>"
    )


def _line(line: Line) -> str:
    arrow, (first, *rest) = line.arrow, line.points
    path = [f"M{first[0]:.1f} {first[1]:.1f}"]
    at = first
    for x, y in rest:
        bend = (y - at[1]) / 2
        start, end = at[1] + bend, y - bend
        if abs(bend) < 1:  # to a neighbour on the same floor: over the roofs
            start = end = y - 40
        path.append(f"C{at[0]:.1f} {start:.1f} {x:.1f} {end:.1f} {x:.1f} {y:.1f}")
        at = (x, y)
    colour, head = (CLIMBS, "climb") if arrow.climbs else (SOFT, "down")
    dashes = ' stroke-dasharray="7 4"' if arrow.climbs else ' stroke-opacity="0.65"'
    width = _thickness(arrow.imports) + arrow.climbs
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashes}'
        f' marker-end="url(#{head})"><title>{escape(arrow.above)} imports {escape(arrow.below)}:'
        f" {arrow.imports}</title></path>"
    )


def _thickness(imports: int) -> float:
    return 1.2 if imports < 5 else 2 if imports < 20 else 3


def _head(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="9" markerHeight="9"'
        f' markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .5 8 4 0 7.5z" fill="{colour}"/></marker>'
    )


def _legend(y: float) -> list[str]:
    """What thickness and colour say, in words."""
    parts, x = [], float(EDGE)
    for width, colour, dashes, text in (
        (1.2, SOFT, "", "imports, fewer than 5"),
        (2, SOFT, "", "5 to 19"),
        (3, SOFT, "", "20 or more"),
        (2.2, CLIMBS, ' stroke-dasharray="7 4"', "climbs back"),
    ):
        head = "climb" if dashes else "down"
        parts.append(
            f'<path d="M{x:g} {y - 5:g}h40" stroke="{colour}" stroke-width="{width}"{dashes}'
            f' marker-end="url(#{head})"/>'
            f'<text x="{x + 50:g}" y="{y:g}" font-size="14" fill="{INK}">{text}</text>'
        )
        x += 80 + 7.2 * len(text)
    parts.append(
        f'<text x="{EDGE}" y="{y + 28:g}" font-size="14" fill="{SOFT}">Arrows that others imply are left'
        " out. A box is as wide as its room has lines, migrations not counted.</text>"
    )
    return parts
