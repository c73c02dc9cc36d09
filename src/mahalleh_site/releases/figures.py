"""A curve as a page shows it: its drawing in two sizes, and the table of the same numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mahalleh.disclose import Series
from mahalleh_site.releases import charts
from mahalleh_site.ui import formats
from mahalleh_site.ui.templatetags.mahalleh import language, number


@dataclass(frozen=True, slots=True)
class Figure:
    """A curve ready for a page. `each`: what one point holds, in words; `caption`: what the picture says."""

    curve: Series
    caption: str
    each: str
    wide: SafeString
    narrow: SafeString


def figure(curve: Series | None, caption: str) -> Figure | None:
    """A curve's picture; None where there is nothing that could be drawn."""
    if curve is None or curve.empty:
        return None
    return Figure(
        curve, caption, each(curve), _picture(curve, "wide", caption), _picture(curve, "narrow", caption)
    )


def each(curve: Series) -> str:
    """What one point of a curve holds."""
    names = {
        ("W", 1): _("by week"),
        ("W", 4): _("four weeks together"),
        ("W", 13): _("by quarter of a year"),
        ("M", 1): _("by month"),
        ("M", 3): _("three months together"),
        ("M", 12): _("by year"),
    }
    return names[curve.freq, curve.span]


def _picture(curve: Series, size: str, caption: str) -> SafeString:
    wanted = charts.plot(curve, size)
    below = [_short_day(curve, position) for position in wanted.marks]
    beside = [number(height) for height in wanted.heights]
    return charts.svg(wanted, below=below, beside=beside, title=caption)


def _short_day(curve: Series, position: int) -> str:
    """A label below the curve: the month, as short as it can be told."""
    start = curve.points[position].start
    return formats.short_month(start, language(), settings.CITY.calendar)
