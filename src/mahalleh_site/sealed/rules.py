"""The rules that all sealed conversations share: what leads from state to state, how long things are kept.

No Django. A room states its own table of states as a `Course`; its truth table stands in the room's rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# kinds of messages that every room knows; a room may have others
WORDS: Final = "words"  # what the conversation began with
CONTACT: Final = "contact"  # how the resident can be reached; kept for a shorter time
ADDED: Final = "added"  # what the resident wrote later
ANSWER: Final = "answer"  # what the resident is told
NOTE: Final = "note"  # among colleagues: the resident never reads it
BY_RESIDENT: Final = frozenset({WORDS, CONTACT, ADDED})

REFUSED: Final = "refused"  # the state of what was none: advertising, a joke, a flood


class NotPossibleError(ValueError):
    """A step that doesn't lead on from the conversation's state."""


@dataclass(frozen=True, slots=True)
class Course:
    """The states of a kind of conversation. `transitions`: from, verb, to. `ended`: states that end it."""

    transitions: Mapping[str, Mapping[str, str]]
    ended: frozenset[str]

    def after(self, status: str, verb: str) -> str:
        """The state to which a verb leads.

        Raises:
            NotPossibleError: where it leads nowhere from here.
        """
        try:
            return self.transitions[status][verb]
        except KeyError as error:
            raise NotPossibleError(f"{verb} from {status}") from error


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long what is stored about a conversation is kept: days after it ended.

    `notice`: days before, on which the page of the receipt says so. `refused`: of what was none.
    """

    course: Course
    words: int = 180
    contact: int = 30
    notice: int = 14
    refused: int = 14

    def words_until(self, status: str, ended: date | None) -> date | None:
        """The day on which words and attachments go; None while it is open."""
        return self._until(status, ended, self.words)

    def contact_until(self, status: str, ended: date | None) -> date | None:
        """The day on which the way to reach the resident goes; None while it is open."""
        return self._until(status, ended, self.contact)

    def _until(self, status: str, ended: date | None, days: int) -> date | None:
        if ended is None or status not in self.course.ended:
            return None
        return ended + timedelta(days=min(days, self.refused) if status == REFUSED else days)
