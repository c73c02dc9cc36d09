"""What is sealed of a conversation, and opening it again: with a receipt, or with an organisation's key."""

from __future__ import annotations

from collections.abc import Iterable

from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import Organisation, OrganisationKey, User
from mahalleh_site.sealed.form_token import FormToken
from mahalleh_site.sealed.models import Attachment, Conversation, Envelope, Message, Step


def envelopes(conversation: Conversation, key: bytes, to: Iterable[OrganisationKey]) -> list[Envelope]:
    """The conversation's key for each organisation's key, not yet stored."""
    model: type[Envelope] = conversation.envelopes.model
    return [
        model.made_for(
            conversation, key=each, organisation_id=each.organisation_id, box=seal.seal(key, each.public)
        )
        for each in to
    ]


def for_receipt(model: type[Conversation], token: FormToken) -> bytes:
    """The key of the conversation that a form begins, for its receipt."""
    return seal.lock(token.content_key, seal.receipt_key(token.receipt), about=f"{model.NAME}:{token.number}")


def by_receipt(conversation: Conversation, receipt: str) -> bytes:
    """The conversation's key.

    Raises:
        SealError: another receipt.
    """
    about = f"{conversation.NAME}:{conversation.number}"
    return seal.unlock(conversation.by_receipt, seal.receipt_key(receipt), about=about)


def by_member(conversation: Conversation, user: User, member_key: bytes) -> bytes:
    """The conversation's key, by the shares of a member.

    Raises:
        SealError: where none of them opens it.
    """
    return by_member_all([conversation], user, member_key)[conversation.pk]


def by_member_all(conversations: Iterable[Conversation], user: User, member_key: bytes) -> dict[int, bytes]:
    """The keys of those conversations of a kind that a member can open: primary key -> key.

    Raises:
        SealError: from `by_member` alone, for a conversation that is missing here.
    """
    wanted, result = list(conversations), _Keys()
    if not wanted:
        return result
    model: type[Envelope] = wanted[0].envelopes.model
    found = list(model.of_all(wanted))
    opened = holding.opened(user, member_key, {envelope.key_id for envelope in found})
    for envelope in found:
        of = getattr(envelope, f"{model.OF}_id")
        if of not in result and envelope.key_id in opened:
            result[of] = seal.open_sealed(envelope.box, opened[envelope.key_id])
    return result


class _Keys(dict[int, bytes]):
    """A conversation that cannot be opened is a SealError, not a KeyError."""

    def __missing__(self, number: int) -> bytes:
        raise seal.SealError


def message_box(
    conversation: Conversation, kind: str, text: str, key: bytes, organisation: Organisation | None = None
) -> bytes:
    """A message's words, sealed as those of an organisation; of the resident, where there is none."""
    author = organisation.pk if organisation is not None else None
    return seal.lock_text(text, key, about=_about(conversation, kind, author))


def words(message: Message, key: bytes) -> str:
    """A message's words.

    Raises:
        SealError: another key, or not words of this conversation, kind and organisation.
    """
    about = _about(message.conversation, message.kind, message.organisation_id)
    return seal.unlock_text(message.box, key, about=about)


def _about(conversation: Conversation, kind: str, author: int | None) -> str:
    return f"message:{conversation.number}:{kind}:{author or 'resident'}"


def reason_box(conversation: Conversation, text: str, key: bytes) -> bytes:
    """A reason for colleagues, sealed."""
    return seal.lock_text(text, key, about=f"step:{conversation.number}")


def reason(step: Step, key: bytes) -> str:
    """A reason for colleagues; nothing where none was given."""
    return seal.unlock_text(step.box, key, about=f"step:{step.conversation.number}") if step.box else ""


def attachment_box(form_digest: seal.Box, data: bytes, key: bytes) -> bytes:
    """A file, sealed. It is bound to the form that it came with, since it comes before its conversation."""
    return seal.lock(data, key, about=f"photo:{bytes(form_digest).hex()}")


def attachment(file: Attachment, form_digest: seal.Box, key: bytes) -> bytes:
    """What is in a file.

    Raises:
        SealError: another key.
    """
    return seal.unlock(file.box, key, about=f"photo:{bytes(form_digest).hex()}")
