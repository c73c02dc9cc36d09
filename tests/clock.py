"""The one moment at which every test stands, unless it says why it cannot (marker `real_clock`).

It is a Tuesday morning in the sample city, three weeks after its last event (`tests.city.END`), and far from
midnight wherever a test's city lies. Only the time of day stands still: `time.monotonic` and with it every
time-out go on.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

NOW: Final = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Tehran"))
TODAY: Final[date] = NOW.date()
