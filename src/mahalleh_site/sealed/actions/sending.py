"""A conversation begins: stored once for each form, sealed to its receivers and to its receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mahalleh_site.people.models import OrganisationKey
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.sealed import sealing
from mahalleh_site.sealed.digests import receipt_digest
from mahalleh_site.sealed.form_token import FormToken
from mahalleh_site.sealed.models import Attachment, Conversation

C = TypeVar("C", bound=Conversation)


class SentAlreadyError(NotAllowedError):
    """A form that came before, with other content. `conversation`: what it brought then, which stays."""

    def __init__(self, conversation: Conversation) -> None:
        super().__init__(_("This form was sent already. Begin a new one for something else."))
        self.conversation = conversation


def once(rows: QuerySet[C], token: FormToken, store: Callable[[], C], *, same: Callable[[C], bool]) -> C:
    """What `store` stores, whole or not at all; where the same form came before, what it stored then.

    `same`: whether what came before says the same.

    Raises:
        SentAlreadyError: where it says something else, which would otherwise be lost behind a thank-you.
    """
    try:
        with transaction.atomic():
            return store()
    except IntegrityError:
        known = rows.filter(form_digest=token.digest).first()
        if known is None:
            raise
        if not same(known):
            raise SentAlreadyError(known) from None
        return known


def identity(model: type[Conversation], token: FormToken) -> dict[str, Any]:
    """The fields by which a new conversation is found and opened again."""
    return {
        "number": token.number,
        "form_digest": token.digest,
        "receipt_digest": receipt_digest(token.receipt, room=model.ROOM),
        "by_receipt": sealing.for_receipt(model, token),
    }


def fill(
    conversation: Conversation, token: FormToken, *, to: Iterable[OrganisationKey], said: Mapping[str, str]
) -> None:
    """Seal the key to its receivers, and what was said under the key. `said`: kind -> text, if any."""
    envelopes = sealing.envelopes(conversation, token.content_key, to)
    conversation.envelopes.bulk_create(envelopes)
    model = conversation.messages.model
    conversation.messages.bulk_create(
        [
            model.made_for(
                conversation,
                kind=kind,
                day=conversation.day,
                box=sealing.message_box(conversation, kind, text, token.content_key),
            )
            for kind, text in said.items()
            if text
        ]
    )


def keep_drafts(
    model: type[Attachment], files: Sequence[bytes], token: FormToken, *, on: date, most: int
) -> int:
    """Keep files of a begun form, sealed, until it is sent; how many it has now. Too many are left out."""
    kept = model._default_manager.filter(draft=token.digest)
    model._default_manager.bulk_create(
        [
            model(
                draft=token.digest, day=on, box=sealing.attachment_box(token.digest, file, token.content_key)
            )
            for file in files[: max(0, most - kept.count())]
        ]
    )
    return kept.count()


def drafts(model: type[Attachment]) -> int:
    """How many files of forms that were not sent are kept in the whole city."""
    return model._default_manager.filter(**{model.OF: None}).count()


def take_drafts(model: type[Attachment], conversation: Conversation, token: FormToken, *, most: int) -> None:
    """The files of a form belong to the conversation that it began."""
    drafts = model._default_manager.filter(draft=token.digest).order_by("id")
    first = list(drafts.values_list("pk", flat=True)[:most])
    model._default_manager.filter(pk__in=first).update(**{model.OF: conversation, "draft": None})
