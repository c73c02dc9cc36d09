"""Parts of a page that later rooms fill.

A room never imports one that comes after it in the loop. So a page names a place that others may add to, with
the tag `part`; a later room says, when its app starts, what it shows there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Shown = tuple[str, Mapping[str, Any]]  # a template and its variables
Filler = Callable[..., Shown | None]

_FILLERS: dict[str, dict[str, Filler]] = {}


def fill(place: str, name: str, filler: Filler) -> None:
    """Let `filler` add to a place. It gets what the page tells about itself, and may have nothing to show."""
    _FILLERS.setdefault(place, {})[name] = filler


def filled(place: str, **about: Any) -> list[Shown]:
    """What the rooms show at a place, in the order in which they came."""
    shown = [filler(**about) for filler in _FILLERS.get(place, {}).values()]
    return [each for each in shown if each is not None]
