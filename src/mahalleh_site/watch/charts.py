"""A signal's curve: what was counted, what was expected, and where chance alone would leave it.

Drawn by the machinery of releases: a grammar rendered to SVG once, kept by content, labels and colours given
by the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.safestring import SafeString

from mahalleh_site.releases import charts
from mahalleh_site.releases.rules import ticks
from mahalleh_site.ui import formats
from mahalleh_site.ui.templatetags.mahalleh import language, number
from mahalleh_site.watch.pages import CurvePoint

if TYPE_CHECKING:
    import altair as alt

SHOWN = {"wide": 104, "narrow": 52}  # the newest periods that a drawing has room for; the table has all


@dataclass(frozen=True, slots=True)
class Band:
    """The numbers of a drawing, a value a period. `inside`: first and last position of the rise, if any."""

    observed: tuple[int, ...]
    expected: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    completed: tuple[float | None, ...]
    inside: tuple[int, int] | None
    marks: tuple[int, ...]
    heights: tuple[int, ...]
    size: str

    @property
    def name(self) -> str:
        """What the drawing is kept under."""
        return charts.digest("band", asdict(self))

    def rendered(self) -> str:
        """Vega's own SVG."""
        import altair as alt

        base = charts.chart(_rows(self))
        across, up = charts.axes(len(self.observed), self.marks, self.heights, "o")
        usual = base.mark_area(color="#000008").encode(x=across, y=alt.Y("low:Q"), y2="high:Q")
        expected = base.mark_line(color="#000009", strokeWidth=1.5, strokeDash=[5, 4]).encode(
            x=across, y=alt.Y("e:Q")
        )
        counted = base.mark_line(color="#000001", strokeWidth=2.5).encode(x=across, y=up)
        rise = base.transform_filter("datum.inside").mark_circle(color="#00000b", size=46, opacity=1)
        late = base.transform_filter("datum.late != null").mark_rule(color="#00000c", strokeWidth=2)
        layers = [usual, expected, counted, late.encode(x=across, y="o:Q", y2="late:Q")]
        layers.append(rise.encode(x=across, y=alt.Y("o:Q")))
        if self.inside:
            layers.insert(0, self._window(across))
        return charts.picture(layers, self.size)

    def _window(self, across: alt.X) -> alt.Chart:
        """A pale band behind the periods of the rise."""
        import altair as alt

        first, last = self.inside or (0, 0)
        row = {"i": first - 0.5, "to": last + 0.5, "bottom": 0, "top": self.heights[-1]}
        blank = charts.chart([row]).mark_rect(color="#00000a")
        band: alt.Chart = blank.encode(x=across, x2="to:Q", y=alt.Y("bottom:Q"), y2="top:Q")
        return band


@dataclass(frozen=True, slots=True)
class Figure:
    """A signal's curve ready for a page."""

    points: Sequence[CurvePoint]
    caption: str
    wide: SafeString
    narrow: SafeString
    late: bool
    banded: bool


def figure(curve: Sequence[CurvePoint], caption: str) -> Figure | None:
    """The curve's picture in two sizes; None without a point."""
    if not curve:
        return None
    return Figure(
        points=curve,
        caption=caption,
        wide=_picture(curve, "wide", caption),
        narrow=_picture(curve, "narrow", caption),
        late=any(point.completed is not None for point in curve),
        banded=any(point.expected is not None for point in curve),
    )


def prewarm() -> int:
    """Draw the curves of all signals that are not kept yet, so that nobody waits; how many were drawn."""
    from mahalleh_site.watch.queries.page import curves

    wanted = [band(curve[-SHOWN[size] :], size) for curve in curves() if curve for size in charts.SIZES]
    return sum(charts.keep(drawing) for drawing in wanted)


def band(curve: Sequence[CurvePoint], size: str) -> Band:
    """The drawing of a curve."""
    stride = max(1, -(-len(curve) // charts.LABELS[size]))
    tops = [value for point in curve for value in (point.observed, point.high, point.completed)]
    inside = [position for position, point in enumerate(curve) if point.inside]
    return Band(
        observed=tuple(point.observed for point in curve),
        expected=_tenths(point.expected for point in curve),
        low=_tenths(point.low for point in curve),
        high=_tenths(point.high for point in curve),
        completed=_tenths(point.completed for point in curve),
        inside=(inside[0], inside[-1]) if inside else None,
        marks=tuple(range(0, len(curve), stride)),
        heights=tuple(ticks(max(value for value in (*tops, 1) if value is not None))),
        size=size,
    )


def _tenths(values: Iterator[float | None]) -> tuple[float | None, ...]:
    """Rounded: a drawing shows no more."""
    return tuple(None if value is None else round(value, 1) for value in values)


def _rows(wanted: Band) -> Iterator[dict[str, Any]]:
    first, last = wanted.inside or (len(wanted.observed), -1)
    numbers = zip(wanted.observed, wanted.expected, wanted.low, wanted.high, wanted.completed, strict=True)
    for i, (observed, expected, low, high, late) in enumerate(numbers):
        row = {"i": i, "o": observed, "e": expected, "low": low, "high": high, "late": late}
        yield row | {"inside": first <= i <= last}


def _picture(curve: Sequence[CurvePoint], size: str, caption: str) -> SafeString:
    curve = curve[-SHOWN[size] :]
    wanted = band(curve, size)
    calendar, lang = settings.CITY.calendar, language()
    below = [formats.short_month(curve[position].start, lang, calendar) for position in wanted.marks]
    beside = [number(height) for height in wanted.heights]
    return charts.svg(wanted, below=below, beside=beside, title=caption)
