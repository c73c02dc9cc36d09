"""The stylesheet's promises: readable colours in both schemes, and rules that serve both directions."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from hypothesis import given
from hypothesis import strategies as st

CSS = Path(finders.find("ui/mahalleh.css")).read_text(encoding="utf-8")
RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)
WORDS = ("ink", "soft", "turquoise", "lapis", "saffron", "olive", "pomegranate")
GROUNDS = ("paper", "surface", "wash")


def _schemes() -> dict[str, dict[str, str]]:
    light = _colours(RULES.split("@media", 1)[0])
    dark = _colours(re.search(r"prefers-color-scheme: dark\)\s*\{\s*:root\s*\{(.*?)\}", RULES, re.S).group(1))
    return {"light": light, "dark": light | dark}


def _colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b", text))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast__agrees_with_the_standards_ends():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_contrast__is_at_least_one_and_alike_both_ways(one, other):
    a, b = f"#{one:06x}", f"#{other:06x}"
    assert contrast(a, b) == contrast(b, a) >= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("word", WORDS)
def test_words__are_readable(scheme, ground, word):
    colours = _schemes()[scheme]
    assert contrast(colours[word], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fill", ["turquoise", "pomegranate"])
def test_buttons__are_readable(scheme, fill):
    colours = _schemes()[scheme]
    assert contrast(colours["on-colour"], colours[fill]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("part", ["edge", "saffron"])  # borders of controls; the focus ring
def test_controls__stand_out(scheme, ground, part):
    colours = _schemes()[scheme]
    assert contrast(colours[part], colours[ground]) >= 3


def test_map__steps_grow_darker_one_by_one():
    colours = _schemes()["light"]
    steps = [luminance(colours[f"step-{i}"]) for i in range(1, 6)]
    assert steps == sorted(steps, reverse=True)
    ratios = [a / b for a, b in pairwise(steps)]
    assert min(ratios) > 1.3


def test_change__is_never_red_to_green():
    colours = _schemes()["light"]
    for name in ("less-2", "less-1", "more-1", "more-2"):
        red, green, blue = (int(colours[name][i : i + 2], 16) for i in (1, 3, 5))
        assert not green > max(red, blue)
        if name.startswith("less"):
            assert blue > red


def test_rules__name_no_physical_side():
    physical = re.compile(
        r"(?<![a-z-])(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b"
        r"|(?<![a-z-])(?:left|right|top|bottom|width|height|min-width|max-width|min-height|max-height)\s*:"
        r"|text-align:\s*(?:left|right)|float:|(?:border-)(?:top|bottom)-(?:left|right)-radius"
    )
    without_queries = re.sub(r"@media[^{]*\{", "{", RULES)
    assert not physical.findall(without_queries)


def test_rules__ask_no_other_server():
    assert not re.findall(r"@import|@font-face|url\((?!\"#)", RULES)


def test_rules__honour_reduced_motion_dark_scheme_and_print():
    for query in ("prefers-reduced-motion: reduce", "prefers-color-scheme: dark", "@media print"):
        assert query in RULES


def test_variables__are_all_defined():
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", RULES))
    assert used <= set(re.findall(r"--([a-z0-9-]+)\s*:", RULES))
