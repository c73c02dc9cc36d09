"""Something is said in a conversation: sealed words, and who else may read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from mahalleh_site.people.models import Organisation, OrganisationKey
from mahalleh_site.sealed import rules, sealing
from mahalleh_site.sealed.models import Conversation, Envelope


def say(
    conversation: Conversation,
    kind: str,
    words: str,
    *,
    key: bytes,
    on: date,
    organisation: Organisation | None = None,
) -> None:
    """Keep sealed words. `organisation`: whose they are; none for the resident's own."""
    conversation.messages.create(
        kind=kind,
        organisation=organisation,
        day=on,
        box=sealing.message_box(conversation, kind, words, key, organisation),
    )


def leave_contact(conversation: Conversation, contact: str, *, key: bytes, on: date) -> None:
    """Keep another way to be reached in place of the last; an empty one takes it back."""
    conversation.messages.filter(kind=rules.CONTACT).delete()
    if contact:
        say(conversation, rules.CONTACT, contact, key=key, on=on)
        type(conversation)._default_manager.filter(pk=conversation.pk).update(contact_purged_on=None)


def share(conversation: Conversation, key: bytes, to: Iterable[OrganisationKey]) -> None:
    """Let more organisations open it; those that can already are left as they are."""
    deliver(sealing.envelopes(conversation, key, to))


def deliver(envelopes: Sequence[Envelope]) -> None:
    """Store envelopes of a kind, in one go; those that are there already are left as they are."""
    if envelopes:
        type(envelopes[0])._default_manager.bulk_create(envelopes, ignore_conflicts=True)
