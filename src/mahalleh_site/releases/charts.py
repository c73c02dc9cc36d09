"""Charts: a grammar (Altair) drawn to SVG without a browser, kept by content, coloured by the page.

A drawing holds no words and no language: its labels are placeholders (`{x0}`), filled when it is shown, and
its colours are classes of the stylesheet, so that one drawing serves both languages and both schemes. Altair
is imported when a drawing is missing, never otherwise.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from mahalleh.disclose import Series
from mahalleh_site.releases.rules import ticks

if TYPE_CHECKING:
    import altair as alt

DRAWING = 5  # counts up when drawings change, so that older ones are not taken for new
# colours that stand for classes of the stylesheet until the drawing is finished
INKS = {
    "#000001": "c-now",
    "#000002": "c-band",
    "#000003": "c-before",
    "#000004": "c-grid",
    "#000005": "c-axis",
    "#000006": "c-gap",
    "#000007": "c-now-fill",
    "#000008": "c-usual",
    "#000009": "c-expected",
    "#00000a": "c-window",
    "#00000b": "c-look-fill",
    "#00000c": "c-late",
}
SIZES = {"wide": (660, 250, 13), "narrow": (300, 210, 13)}  # width, height, letters
LABELS = {"wide": 7, "narrow": 4}  # how many labels fit below


class Drawing(Protocol):
    """What can be drawn and kept: `name` is a digest of all that it is made of."""

    @property
    def name(self) -> str:
        """What the drawing is kept under."""

    @property
    def size(self) -> str:
        """One of SIZES."""

    def rendered(self) -> str:
        """Vega's own SVG, with placeholders for labels and stand-ins for colours."""


def digest(*parts: object) -> str:
    """What a drawing is kept under, from all that it is made of."""
    return hashlib.sha256(json.dumps([DRAWING, *parts]).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Plot:
    """The numbers of a drawing. None is a gap: small, or `unknown`. `marks`: where labels stand."""

    now: tuple[int | None, ...]
    half_widths: tuple[float, ...]
    before: tuple[int | None, ...]
    marks: tuple[int, ...]
    heights: tuple[int, ...]
    size: str
    unknown: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """What the drawing is kept under: a digest of all that it is made of."""
        return digest(asdict(self))

    def rendered(self) -> str:
        """Vega's own SVG."""
        return _rendered(self)


def plot(curve: Series, size: str) -> Plot:
    """The drawing of a curve in a size of SIZES."""
    now = tuple(point.now.shown for point in curve.points)
    before = tuple(point.before.shown for point in curve.points) if curve.compared else ()
    halves = tuple(round(point.now.half_width, 2) for point in curve.points)
    tops = [value + half for value, half in zip(now, halves, strict=True) if value is not None]
    highest = max([*tops, *(value for value in before if value is not None), 1.0])
    unknown = tuple(i for i, point in enumerate(curve.points) if point.now.hidden == "unknown")
    return Plot(now, halves, before, _marks(curve, LABELS[size]), tuple(ticks(highest)), size, unknown)


def _marks(curve: Series, most: int) -> tuple[int, ...]:
    """Positions that get a label: evenly spread, beginning with the first."""
    count = len(curve.points)
    stride = max(1, -(-count // most))
    return tuple(range(0, count, stride))


def prewarm() -> int:
    """Draw what the current release's public pages show and is not kept yet; how many drawings were made."""
    from mahalleh_site.releases.queries.curves import all_curves

    return sum(keep(plot(curve, size)) for curve in all_curves() if not curve.empty for size in SIZES)


def keep(wanted: Drawing) -> bool:
    """Draw what is not kept yet; whether that was so."""
    folder = Path(settings.VAR) / "charts"
    if _drawing(folder, wanted.name) is not None:
        return False
    _draw(folder, wanted)
    return True


def svg(wanted: Drawing, *, below: Sequence[str], beside: Sequence[str], title: str) -> SafeString:
    """The drawing with its labels: `below` for each mark, `beside` for each height; `title` names it."""
    folder = Path(settings.VAR) / "charts"
    text = _drawing(folder, wanted.name) or _draw(folder, wanted)
    for letter, labels in (("x", below), ("y", beside)):
        for position, label in enumerate(labels):
            text = text.replace(f"{{{letter}{position}}}", _escaped(label))
    return mark_safe(  # noqa: S308  (drawn here; labels are escaped)
        text.replace("<svg ", f'<svg role="img" aria-label="{_escaped(title)}" ', 1)
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


@lru_cache(maxsize=512)
def _kept(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _drawing(folder: Path, name: str) -> str | None:
    try:
        return _kept(folder / f"{name}.svg")
    except OSError:
        return None


def _draw(folder: Path, wanted: Drawing) -> str:
    """Make and keep a drawing. Two processes may make the same one: they write the same bytes."""
    text = _finished(wanted.rendered(), SIZES[wanted.size][2])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{wanted.name}.svg"
    draft = folder / f".{wanted.name}.{os.getpid()}"
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
    return text


def _rendered(wanted: Plot) -> str:
    import altair as alt

    base = chart(_rows(wanted))
    across, up = axes(len(wanted.now), wanted.marks, wanted.heights)
    band = base.mark_area(color="#000002").encode(x=across, y=alt.Y("lo:Q"), y2="hi:Q")
    before = base.mark_line(color="#000003", strokeWidth=1.5, strokeDash=[5, 4]).encode(
        x=across, y=alt.Y("b:Q")
    )
    now = base.mark_line(color="#000001", strokeWidth=2.5).encode(x=across, y=up)
    alone = base.transform_filter("datum.alone").mark_circle(color="#000007", size=28, opacity=1)
    layers = [band, *([before] if wanted.before else []), now, alone.encode(x=across, y=alt.Y("v:Q"))]
    if spans := _gaps(wanted.now, wanted.unknown):
        # over the whole height: what is not known in numbers lies nowhere, least of all at nought
        strips = chart(
            {"i": first, "to": past, "bottom": 0, "top": wanted.heights[-1]} for first, past in spans
        )
        across_strip = {"x": across, "x2": "to:Q", "y": alt.Y("bottom:Q"), "y2": "top:Q"}
        layers.insert(0, strips.mark_rect(color="#000006").encode(**across_strip))
    return picture(layers, wanted.size)


def _gaps(values: Sequence[int | None], unknown: Sequence[int] = ()) -> list[tuple[float, float]]:
    """From where to where, in positions of the curve, numbers are small: neighbours are one gap.

    Where nobody told of anything (`unknown`) the curve is broken, and nothing is drawn.
    """
    spans: list[tuple[float, float]] = []
    for i, value in enumerate(values):
        if value is not None or i in unknown:
            continue
        if spans and spans[-1][1] == i - 0.5:
            spans[-1] = (spans[-1][0], i + 0.5)
        else:
            spans.append((i - 0.5, i + 0.5))
    return spans


def chart(rows: Iterable[Mapping[str, Any]]) -> alt.Chart:
    """Altair's chart of some rows, with nothing drawn yet."""
    import altair as alt

    return alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]  # Altair says no types


def axes(count: int, marks: Sequence[int], heights: Sequence[int], field: str = "v") -> tuple[alt.X, alt.Y]:
    """Altair's axes of a curve of `count` points: a label at each of `marks` below and `heights` beside."""
    import altair as alt

    across = alt.X(
        "i:Q",
        scale=alt.Scale(domain=[-0.5, count - 0.5], nice=False),
        axis=alt.Axis(
            values=list(marks),
            labelExpr=_labels("x", marks),
            title=None,
            grid=False,
            labelOverlap=False,
            labelFlush=False,
        ),
    )
    up = alt.Y(
        f"{field}:Q",
        scale=alt.Scale(domain=[0, heights[-1]], nice=False),
        axis=alt.Axis(values=list(heights), labelExpr=_labels("y", heights), title=None, ticks=False),
    )
    return across, up


def picture(layers: Sequence[alt.Chart], size: str) -> str:
    """Vega's SVG of Altair's layers, in the house's frame."""
    import altair as alt
    import vl_convert

    width, height, letters = SIZES[size]
    drawn = (
        alt.layer(*layers)
        .properties(width=width, height=height, background="white")
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=letters,
            gridColor="#000004",
            domainColor="#000005",
            tickColor="#000005",
            labelPadding=6,
        )
        .configure_axisY(domain=False)
    )
    return str(vl_convert.vegalite_to_svg(drawn.to_json(validate=False)))


def _rows(wanted: Plot) -> Iterator[dict[str, Any]]:
    count = len(wanted.now)
    before = wanted.before or (None,) * count
    for i, (value, half, past) in enumerate(zip(wanted.now, wanted.half_widths, before, strict=True)):
        sides = [wanted.now[j] for j in (i - 1, i + 1) if 0 <= j < count]
        yield {
            "i": i,
            "v": value,
            "b": past,
            "lo": None if value is None else max(value - half, 0),
            "hi": None if value is None else value + half,
            "alone": value is not None and (count <= 16 or all(side is None for side in sides)),
        }


def _labels(letter: str, values: Sequence[int]) -> str:
    """Vega's expression that writes a placeholder for each value."""
    names = {str(value): f"{{{letter}{position}}}" for position, value in enumerate(values)}
    return f"{json.dumps(names)}[datum.value]"


def _finished(text: str, letters: int) -> str:
    """The drawing without fixed colours, letters and inner names: the page gives them, or needs none."""
    text = re.sub(r'\s(?:role|aria-[a-z]+|class|pointer-events|xmlns:xlink|version)="[^"]*"', "", text)
    text = re.sub(r'\sfont-(?:family|size)="[^"]*"', "", text)
    text = re.sub(r'(<text[^>]*?)\sfill="[^"]*"', rf'\1 font-size="{letters}"', text)
    for ink, css in INKS.items():
        text = re.sub(rf'(<[^>]*?)\s(?:fill|stroke)="{ink}"([^>]*>)', rf'\1 class="{css}"\2', text)
        text = re.sub(rf'\s(?:fill|stroke)="{ink}"', "", text)
    text = re.sub(r'<path[^>]*d="M0,0h0v0h0Z"[^>]*/>|<path[^>]*d=""[^>]*/>', "", text)
    text = re.sub(r'<rect[^>]*fill="(?:white|transparent)"[^>]*/>', "", text)
    text = re.sub(r'\s(?:opacity="1"|fill="none"(?=[^>]*class="c-(?:band|gap)"))', "", text)
    text = re.sub(r"(\d+\.\d)\d+", r"\1", text)
    text = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', r'<svg xmlns="http://www.w3.org/2000/svg" \1>', text)
    return re.sub(r'<path d="M0,0h[\d.]+v[\d.]+h-[\d.]+Z"/>', "", text)
