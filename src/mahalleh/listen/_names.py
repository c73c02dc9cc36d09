"""Words that say little, and words that name a place: "Laleh street", «کوچه ۱۲»."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from mahalleh.text import words

STOP: Final = frozenset(
    words(
        """a an the of in on at by to for from near next is are was were has have had been be not no and or it
        its this that there my our your we i they he she with very again some any all
        در از به با را رو و یا که تا بر برای هم این ان یک یه ما من شما انها است هست هستند بود شد شده شدن
        می باشد کرده کردند کنند دارد دارند ندارد نیست سر جلو جلوی کنار نزدیک پشت روی بالای خیلی لطفا چند
        هر باز دوباره"""
    )
)
_KINDS: Final[Mapping[str, str]] = {
    "street": "خیابان خیابون بلوار بزرگراه street st road rd avenue ave boulevard blvd",
    "lane": "کوچه بن‌بست بست بنبست lane alley",
    "number": "پلاک شماره number no house",
    "park": "پارک بوستان park",
    "square": "میدان فلکه square",
    "junction": "چهارراه سه‌راه تقاطع junction crossroads",
}
MARKERS: Final[Mapping[str, str]] = {word: kind for kind, line in _KINDS.items() for word in words(line)}
_TITLES: Final = frozenset(words("شهید شهیدان دکتر امام ایت الله استاد حاج"))
_NOT_A_PLACE: Final = frozenset(words("lamp lamps light lights lamppost"))  # "street lamp"


def names(told: Sequence[str]) -> dict[str, frozenset[str]]:
    """Kind of place to the names that a text, given as its words, has of that kind.

    Persian names stand behind the word for the place, English ones before it, numbers on either side.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for place, word in enumerate(told):
        kind = MARKERS.get(word)
        if kind is None:
            continue
        before = told[place - 1] if place else ""
        behind = next((w for w in told[place + 1 :] if w not in _TITLES), "")
        if word.isascii():
            if behind in _NOT_A_PLACE:
                continue
            name = behind if behind.isdigit() or kind == "number" else before
        else:
            name = behind
        if name and name not in STOP and name not in MARKERS and (kind != "number" or name.isdigit()):
            found[kind].add(name)
    return {kind: frozenset(of_kind) for kind, of_kind in found.items()}
