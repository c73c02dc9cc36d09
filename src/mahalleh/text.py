"""Persian and English text as it is compared: letters, digits, half-spaces and marks made alike.

    folded("كوي علي") == folded("کوی علی")
    words("می‌شود") == words("میشود")

`folded` is how names are searched, `words` how texts are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

LATIN: Final = "0123456789"
PERSIAN: Final = "۰۱۲۳۴۵۶۷۸۹"
ARABIC: Final = "٠١٢٣٤٥٦٧٨٩"
DIGITS: Final[Mapping[str, str]] = dict(zip(PERSIAN + ARABIC, LATIN + LATIN, strict=True))  # each to Latin
_TO_LATIN: Final = str.maketrans(dict(DIGITS))
_TO_PERSIAN: Final = str.maketrans(LATIN, PERSIAN)
_FOLD: Final = str.maketrans(
    {
        "ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ؤ": "و", "أ": "ا", "إ": "ا", "آ": "ا",
        "ٱ": "ا", "\u200c": " ", "\u200d": "", "\u00a0": " ", "-": " ", "_": " ", "'": "", "’": "", "ـ": "",
        **DIGITS,
    }
)  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
# written apart, with a half-space or in one: the same word
_BEFORE: Final = frozenset({"می", "نمی"})
_AFTER: Final = frozenset({"ها", "های", "هایی", "هایم", "تر", "ترین", "ی"})
# "12th", «۱۲ام», «۱۲ ام»: the number alone
_ORDINAL: Final = re.compile(r"(\d)(?:th|st|nd|rd|مین|ام|م)\b")
_ORDINAL_APART: Final = frozenset({"مین", "ام", "م"})
_LOOSE: Final = _BEFORE | _AFTER | _ORDINAL_APART


def latin_digits(text: str) -> str:
    """Replace Persian and Arabic digits by Latin ones.

    Parameters
    ----------
    text : str
        Any text, such as what somebody typed.

    Returns
    -------
    str
        The text, as long as it was.

    Examples
    --------
    >>> latin_digits("۱۲ و ١٢")
    '12 و 12'
    """
    return text.translate(_TO_LATIN)


def persian_digits(text: str) -> str:
    """Replace Latin digits by Persian ones.

    Parameters
    ----------
    text : str
        Any text, such as a number that is to be shown.

    Returns
    -------
    str
        The text, as long as it was.

    Examples
    --------
    >>> persian_digits("1405/9/2")
    '۱۴۰۵/۹/۲'
    """
    return text.translate(_TO_PERSIAN)


def folded(text: str) -> str:
    """Fold a name to how it is searched, so that what differs only in typing is alike.

    Arabic and Persian letters alike, no marks above letters, half-spaces as spaces, Latin digits, no case.

    Parameters
    ----------
    text : str
        A name or a query.

    Returns
    -------
    str
        The folded text; folded again it stays as it is.

    Examples
    --------
    >>> folded("كوي علي ١٢")
    'کوی علی 12'
    """
    # the letters first: decomposed, a hamza above is a mark like any other. NFKC, since text copied from a
    # PDF holds the shapes of letters and not the letters
    letters = unicodedata.normalize("NFKC", text).translate(_FOLD)
    plain = unicodedata.normalize("NFKD", letters)
    marks = [ord(letter) for letter in set(plain) if unicodedata.combining(letter)]
    if marks:
        plain = plain.translate(dict.fromkeys(marks))
    return " ".join(plain.casefold().split())


def words(text: str) -> tuple[str, ...]:
    """Split a text into folded words: letters and digits apart, no punctuation, affixes joined.

    «می شود», «می‌شود» and «میشود» are one word, «کوچه ۱۲ام» and "کوچه12" the same two.

    Parameters
    ----------
    text : str
        A text of a resident, say.

    Returns
    -------
    tuple of str
        Its words in its order; none where it has only signs.

    Examples
    --------
    >>> words("Lamp out -- corner of 12th St.")
    ('lamp', 'out', 'corner', 'of', '12', 'st')
    """
    return words_of([text])[0]


def words_of(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Split many texts as `words` does: they share most of their words, and each is folded once.

    Parameters
    ----------
    texts : iterable of str
        The texts.

    Returns
    -------
    list of tuple of str
        The words of each text, in the texts' order.

    Examples
    --------
    >>> words_of(["Park Laleh", "lane 7"])
    [('park', 'laleh'), ('lane', '7')]
    """
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
