"""Forgetting: whatever is sealed about a conversation is deleted, and the keys to it; what is counted stays.

Parts are found by what they are (`models.Part`), not by a list: a room that adds a table of sealed things
cannot forget to forget it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet

from mahalleh_site.sealed import rules
from mahalleh_site.sealed.models import Attachment, Conversation, Message, Part, Step


def parts(model: type[Conversation]) -> list[type[Part]]:
    """The tables of what belongs to a kind of conversation."""
    related = (
        field.related_model for field in model._meta.get_fields(include_hidden=True) if field.is_relation
    )
    return list(dict.fromkeys(each for each in related if isinstance(each, type) and issubclass(each, Part)))


def forget(conversations: Sequence[Conversation], *, on: date) -> None:
    """Delete everything sealed about conversations, and the keys to it. Steps stay, without reasons."""
    if not conversations:
        return
    for part in parts(type(conversations[0])):
        if issubclass(part, Step):
            part.of_all(conversations).update(box=None)
        else:
            part.of_all(conversations).delete()
    gone = {"by_receipt": b"", "words_purged_on": on, "contact_purged_on": on}
    _rows(conversations).update(**gone)
    for conversation in conversations:
        for name, value in gone.items():
            setattr(conversation, name, value)


def forget_contacts(conversations: Sequence[Conversation], *, on: date) -> None:
    """Delete how to reach the residents."""
    if not conversations:
        return
    messages: type[Message] = conversations[0].messages.model
    messages.of_all(conversations).filter(kind=rules.CONTACT).delete()
    _rows(conversations).update(contact_purged_on=on)


def sweep_drafts(model: type[Attachment], *, before: date) -> int:
    """Delete files of forms that were begun before a day and never sent; how many."""
    drafts = model._default_manager.filter(**{model.OF: None}, day__lt=before)
    count = drafts.count()
    drafts.delete()
    return count


def _rows(conversations: Sequence[Conversation]) -> QuerySet[Conversation]:
    return type(conversations[0])._default_manager.filter(pk__in=[each.pk for each in conversations])
