"""Readers of outside formats. `READERS` names them for `mahalleh load`.

Each takes paths first, but for `open311`, which takes the address of a server.
"""

from collections.abc import Callable, Mapping
from typing import Final

from mahalleh.sources import open311, police_uk, table
from mahalleh.sources.reading import Part, Reading, ReadReport, Refused

READERS: Final[Mapping[str, Callable[..., Reading]]] = {
    "police_uk": police_uk.read,
    "table": table.read,
    "open311": open311.read,
}

__all__ = ["READERS", "Part", "ReadReport", "Reading", "Refused"]
