"""The room's table of `city.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from mahalleh_site.house.manifest import limited


@dataclass(frozen=True, slots=True)
class Listen:
    """How reports are treated: days until an answer is owed, and days that things are kept after the end.

    `notice_days`: how long before words are deleted the page of the receipt says so. `draft_photos`: of forms
    that were begun and not sent, how many are kept at once, up to 600 kB each.
    """

    answer_days: int = limited(14, 1, 90)
    words_days: int = limited(180, 1, 3650)
    contact_days: int = limited(30, 1, 365)
    notice_days: int = limited(14, 1, 60)
    draft_photos: int = limited(2000, 30, 100_000)
