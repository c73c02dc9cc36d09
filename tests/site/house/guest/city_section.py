"""The room's table of city.toml."""

from dataclasses import dataclass

from mahalleh_site.house.manifest import limited


@dataclass(frozen=True, slots=True)
class Guest:
    """How many guests."""

    beds: int = limited(2, 1, 9)
