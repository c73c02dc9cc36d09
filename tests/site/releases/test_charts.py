"""A curve's picture: what has no number is a gap in it, and lies at no height, least of all at nought."""

from __future__ import annotations

import re

import pytest

from mahalleh_site.releases import charts
from mahalleh_site.releases.charts import Plot, _finished, _gaps

HEIGHTS = (0, 50, 100)


def drawing(now: tuple[int | None, ...], before: tuple[int | None, ...] = ()) -> str:
    halves = (3.0,) * len(now)
    return _finished(Plot(now, halves, before, (0,), HEIGHTS, "wide").rendered(), 13)


def paths(text: str, css: str) -> list[str]:
    """The outlines of a class; each begins with M."""
    return [
        d
        for tag in re.findall(rf'<path[^>]*class="{css}"[^>]*>', text)
        for d in re.findall(r'd="(.*?)"', tag)
    ]


def test_gaps__are_spans_and_neighbours_are_one() -> None:
    assert _gaps((1, None, None, 4, None)) == [(0.5, 2.5), (3.5, 4.5)]
    assert _gaps((1, 2)) == []
    assert _gaps((1, None, None, 4), unknown=(2,)) == [(0.5, 1.5)]


@pytest.mark.parametrize("css", ["c-now", "c-before"])
def test_curve__is_broken_at_a_gap_and_touches_nought_nowhere(css: str) -> None:
    values = tuple(None if i in (10, 11) else 100 for i in range(30))
    text = drawing(values, values)
    (line,) = paths(text, css)
    assert line.count("M") == 2  # two pieces
    heights = {float(y) for y in re.findall(r",(-?[\d.]+)", line)}
    assert heights == {0.0}  # the top of the picture, where 100 lies; nought is at the bottom
    assert "<circle" not in text


def test_gap__is_a_strip_over_the_whole_height() -> None:
    (strip,) = paths(drawing(tuple(None if i == 10 else 100 for i in range(30))), "c-gap")
    assert {float(y) for y in re.findall(r"v(-?[\d.]+)", strip)} == {float(charts.SIZES["wide"][1])}
    assert not paths(drawing((100,) * 30), "c-gap")
