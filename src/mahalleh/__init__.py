"""Mahalleh, the library: neighbourhood safety as counts by topic, area and period.

Numbers in, numbers out: no Django, no HTTP, no clock, no global state. Nothing here can hold a person.
"""

from typing import Final

__version__: Final = "0.1.0.dev0"  # the one place: the wheel and CHANGELOG.md agree with it
