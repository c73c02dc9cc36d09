"""What is read of sealed conversations: by receipt, opened, and what has been kept long enough."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet

from mahalleh_site.people.keys import seal
from mahalleh_site.sealed import rules, sealing
from mahalleh_site.sealed.digests import receipt_digest
from mahalleh_site.sealed.form_token import FormToken
from mahalleh_site.sealed.models import Conversation, Message

C = TypeVar("C", bound=Conversation)


@dataclass(frozen=True, slots=True)
class Said:
    """Something said, opened. `kind`: whose words, and for whom; `organisation`: a name, or empty.

    `broken`: the words do not open as those of this conversation, kind and author: the database was changed.
    There is no text then, and nobody is named.
    """

    kind: str
    text: str
    day: date
    organisation: str
    broken: bool = False

    @property
    def mine(self) -> bool:
        """Whether these are the resident's own words."""
        return self.kind in rules.BY_RESIDENT

    @property
    def note(self) -> bool:
        """Whether they are for colleagues alone."""
        return self.kind == rules.NOTE


def of_receipt(rows: QuerySet[C], typed: str) -> C | None:
    """The conversation of a receipt; None for a wrong one. What can be no receipt is looked up alike."""
    code = seal.read_code(typed) or "0" * seal.CODE_LETTERS
    return rows.filter(receipt_digest=receipt_digest(code, room=rows.model.ROOM)).first()


def key_by_receipt(conversation: Conversation, typed: str) -> bytes | None:
    """The conversation's key; None where what it opens was deleted.

    Raises:
        SealError: another receipt.
    """
    code = seal.read_code(typed)
    return sealing.by_receipt(conversation, code) if code and conversation.by_receipt else None


def said(conversation: Conversation, key: bytes | None, *, without: Container[str] = ()) -> list[Said]:
    """What was said, opened, the oldest first; nothing without the key."""
    if not key:
        return []
    messages = conversation.messages.select_related("organisation", conversation.messages.model.OF)
    return [_said(message, key) for message in messages if message.kind not in without]


def _said(message: Message, key: bytes) -> Said:
    try:
        text = sealing.words(message, key)
    except seal.SealError:
        return Said(message.kind, "", message.day, "", broken=True)
    return Said(message.kind, text, message.day, message.organisation.name if message.organisation else "")


def said_first(conversation: Conversation, token: FormToken) -> dict[str, str]:
    """What a form that came before brought, opened with the form: kind -> text. Empty where it was deleted.

    Raises:
        SealError: where what is stored is not what the form brought.
    """
    kinds = (rules.WORDS, rules.CONTACT)
    messages = conversation.messages.filter(kind__in=kinds).select_related(conversation.messages.model.OF)
    return {each.kind: sealing.words(each, token.content_key) for each in messages}


def ended_by(day: date, keeping: rules.Keeping) -> Q:
    """Conversations that ended by a day."""
    return Q(status__in=keeping.course.ended, ended_on__lte=day)


def words_due(rows: QuerySet[C], keeping: rules.Keeping, today: date, ended: Q | None = None) -> QuerySet[C]:
    """Conversations whose words go on this day. `ended`: which ended long ago, if not by themselves."""
    long_ago = ended_by(today - timedelta(keeping.words), keeping) if ended is None else ended
    refused = Q(status=rules.REFUSED, ended_on__lte=today - timedelta(keeping.refused))
    return rows.filter(long_ago | refused, words_purged_on=None)


def contact_due(
    rows: QuerySet[C], keeping: rules.Keeping, today: date, ended: Q | None = None
) -> QuerySet[C]:
    """Conversations whose contact goes on this day. `ended`: as for `words_due`."""
    long_ago = ended_by(today - timedelta(keeping.contact), keeping) if ended is None else ended
    return rows.filter(long_ago, contact_purged_on=None, messages__kind=rules.CONTACT).distinct()
