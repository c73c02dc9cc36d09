"""A neighbourhood's poster: its code to photograph, and what it says in each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import qrcode
from django.conf import settings
from qrcode.constants import ERROR_CORRECT_Q

from mahalleh_site.places.models import Area
from mahalleh_site.ui.context import Call

QUIET: Final = 4  # modules of white round a code, as ISO/IEC 18004 asks
LANGUAGES: Final = (("fa", "rtl"), ("en", "ltr"))


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: an SVG path of `size` x `size` modules, its quiet zone included."""

    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Half:
    """What the poster says in one language: names, numbers for danger, and those to talk to somebody."""

    language: str
    direction: str
    city: str
    area: str
    urgent: tuple[Call, ...]
    advice: tuple[Call, ...]


def query(area: Area) -> str:
    """What the address to tell something says of the area."""
    return urlencode({"area": area.pk})


def code(text: str) -> Code:
    """The QR code of a text that still reads where a quarter of it is dirty or torn (level Q)."""
    rows = matrix(text)
    return Code(len(rows), "".join(_row(number, row) for number, row in enumerate(rows)))


def matrix(text: str) -> list[list[bool]]:
    """The modules of a text's QR code, row by row, dark ones true, with the quiet zone."""
    drawn = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET)
    drawn.add_data(text)
    drawn.make(fit=True)
    return [[bool(module) for module in row] for row in drawn.get_matrix()]


def halves(area: Area) -> list[Half]:
    """The poster's two halves, Persian first."""
    names = {"fa": area.name_fa, "en": area.name_en}
    return [
        Half(
            language,
            direction,
            settings.CITY.names[language],
            names[language],
            _calls(language, urgent=True),
            _calls(language, urgent=False),
        )
        for language, direction in LANGUAGES
    ]


def _calls(language: str, *, urgent: bool) -> tuple[Call, ...]:
    return tuple(
        Call(line.number, line.names.get(language, line.number), line.urgent)
        for line in settings.CITY.helplines
        if line.urgent == urgent
    )


def _row(number: int, row: Sequence[bool]) -> str:
    """The dark runs of a row, each a rectangle: neighbours in one piece leave no hair of white in print."""
    path, start = "", None
    for place, dark in enumerate([*row, False]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            path += f"M{start} {number}h{place - start}v1H{start}z"
            start = None
    return path
