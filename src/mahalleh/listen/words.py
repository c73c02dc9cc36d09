"""Persian and English text as it is compared: letters, digits, half-spaces and marks made alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_FOLD = str.maketrans(
    {
        "ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ؤ": "و", "أ": "ا", "إ": "ا", "آ": "ا",
        "ٱ": "ا", "\u200c": " ", "\u200d": "", "\u00a0": " ", "-": " ", "_": " ", "'": "", "’": "", "ـ": "",
        **dict(zip("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789", strict=True)),
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+|\d+")
# written apart, with a half-space or in one: the same word
_BEFORE: Final = frozenset({"می", "نمی"})
_AFTER: Final = frozenset({"ها", "های", "هایی", "هایم", "تر", "ترین", "ی"})
# "12th", «۱۲ام», «۱۲ ام»: the number alone
_ORDINAL = re.compile(r"(\d)(?:th|st|nd|rd|مین|ام|م)\b")
_ORDINAL_APART: Final = frozenset({"مین", "ام", "م"})
_LOOSE: Final = _BEFORE | _AFTER | _ORDINAL_APART


def folded(text: str) -> str:
    """A name as it is searched: Arabic and Persian letters alike, no marks above letters, half-spaces as
    spaces, Latin digits, no case."""
    # the letters first: decomposed, a hamza above is a mark like any other. NFKC, since text copied from a
    # PDF holds the shapes of letters and not the letters
    letters = unicodedata.normalize("NFKC", text).translate(_FOLD)
    plain = unicodedata.normalize("NFKD", letters)
    marks = [ord(letter) for letter in set(plain) if unicodedata.combining(letter)]
    if marks:
        plain = plain.translate(dict.fromkeys(marks))
    return " ".join(plain.casefold().split())


def words(text: str) -> tuple[str, ...]:
    """The words of a text in its order, folded: letters and digits apart, no punctuation, affixes joined.

    «می شود», «می‌شود» and «میشود» are one word, «کوچه ۱۲ام» and "کوچه12" the same two.
    """
    return words_of([text])[0]


def words_of(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The `words` of each text: many texts share most of their words, and each is folded once."""
    pieces: dict[str, list[str]] = {}
    found = []
    for text in texts:
        tokens = text.split()
        for token in tokens:
            if token not in pieces:
                pieces[token] = _WORD.findall(_ORDINAL.sub(r"\1 ", folded(token)))
        parts = [part for token in tokens for part in pieces[token]]
        found.append(tuple(parts) if _LOOSE.isdisjoint(parts) else _joined(parts))
    return found


def _joined(parts: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    join = False
    for part in parts:
        if found and (join or (part in _AFTER and not found[-1].isdigit())):
            found[-1] += part
        elif not (part in _ORDINAL_APART and found and found[-1].isdigit()):
            found.append(part)
        join = part in _BEFORE
    return tuple(found)
