"""Words that the public reads bear the city's mark: a keyed hash that the database alone cannot make.

It binds the text to its report, place and topic and to the leave under which it was published. What bears
none, another's, or one that was taken back is shown nowhere (`models.Report.from_db`), and is not copied for
the public. A copy bears the mark too, since a database holds copies as well (`models.ShownReport.from_db`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from mahalleh_site.people.keys import seal
from mahalleh_site.sealed import taken_back
from mahalleh_site.sealed.digests import digest

BOUND: Final = ("number", "area_id", "topic_id", "leave_version", "public_edited", "public_text")
ROOM: Final = "listen"
_ONCE: Final = 16  # random bytes: the same words, published again, bear another mark


def mark(row: Mapping[str, Any]) -> bytes:
    """The mark of a report's public words. `row`: the report's columns by name."""
    once = seal.new_key()[:_ONCE]
    return once + _made(row, once)


def hold(row: Mapping[str, Any]) -> bool:
    """Whether a report's public words bear a mark that holds; columns that were not read are wrong ones."""
    return _good(row) and all(taken_back.holds(each, room=ROOM) for each in _grounds(row))


def hold_in_copy(row: Mapping[str, Any], *, today: date) -> bool:
    """Whether a copy's words bear a mark that holds, or that was taken back on this day (`take_back`)."""
    return _good(row) and all(
        taken_back.holds(each, room=ROOM) or not taken_back.holds(_on(each, today), room=ROOM)
        for each in _grounds(row)
    )


def statement(row: Mapping[str, Any]) -> bytes:
    """The name of the leave under which a report is shown: that of its number in the report's columns."""
    return f"leave:{row.get('number')}:{row.get('leave_version')}".encode()


def take_back(given: seal.Box, *, on: date | None = None) -> None:
    """A mark, or a statement, holds no longer; with a day, in copies from the day after it on.

    So nobody sees in a copy at what time of the day it was taken back.
    """
    if given and on is not None:
        taken_back.add(_on(bytes(given), on), room=ROOM)
    if given:
        taken_back.add(bytes(given), room=ROOM)


def _given(row: Mapping[str, Any]) -> bytes:
    return bytes(row.get("public_mark") or b"")


def _grounds(row: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """What words are shown on: their mark, and the leave, whose end needs no row that bears the mark."""
    return _given(row), statement(row)


def _good(row: Mapping[str, Any]) -> bool:
    given = _given(row)
    return hmac.compare_digest(given[_ONCE:], _made(row, given[:_ONCE]))


def _on(given: bytes, day: date) -> bytes:
    return given + day.isoformat().encode()


def _made(row: Mapping[str, Any], once: bytes) -> bytes:
    said = "\x1f".join(str(row.get(name)) for name in BOUND)
    return digest(once + said.encode(errors="replace"), room=ROOM, purpose="public words")
