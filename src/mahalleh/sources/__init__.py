"""Readers of outside formats. `READERS` names them for `mahalleh load`."""

from collections.abc import Callable, Mapping
from typing import Final

from mahalleh.sources import police_uk, table
from mahalleh.sources.reading import Part, Reading, ReadReport, Refused

READERS: Final[Mapping[str, Callable[..., Reading]]] = {"police_uk": police_uk.read, "table": table.read}

__all__ = ["READERS", "Part", "ReadReport", "Reading", "Refused"]
