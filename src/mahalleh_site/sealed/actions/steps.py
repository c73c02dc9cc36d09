"""Steps under lock: rows held in one order, a table of states applied, a row of history written."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mahalleh_site.people.models import Organisation, User
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.sealed import rules, sealing
from mahalleh_site.sealed.models import Conversation

C = TypeVar("C", bound=Conversation)


def locked(rows: QuerySet[C]) -> dict[int, C]:
    """Conversations, held against others who would change them: by one question in one order, no deadlock."""
    return {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}


def step(
    conversation: Conversation,
    verb: str,
    *,
    course: rules.Course,
    on: date,
    by: User | None = None,
    organisation: Organisation | None = None,
    reason: str = "",
    key: bytes | None = None,
) -> None:
    """Lead a locked conversation on by a verb and write its history; the caller saves the conversation.

    `reason`: for colleagues, sealed under `key`.

    Raises:
        NotAllowedError: where the verb leads nowhere from its state.
    """
    before = conversation.status
    try:
        conversation.status = course.after(before, verb)
    except rules.NotPossibleError as error:
        raise NotAllowedError(_("This is not possible any more: somebody was quicker.")) from error
    conversation.changed_on = on
    conversation.ended_on = on if conversation.status in course.ended else None
    conversation.steps.create(
        verb=verb,
        before=before,
        after=conversation.status,
        day=on,
        by=by,
        organisation=organisation,
        box=sealing.reason_box(conversation, reason, key) if reason and key else None,
    )


def mention(
    conversation: Conversation,
    verb: str,
    *,
    on: date,
    by: User | None = None,
    organisation: Organisation | None = None,
) -> None:
    """Write something into a conversation's history that leaves its state as it is."""
    state = conversation.status
    conversation.steps.create(verb=verb, before=state, after=state, day=on, by=by, organisation=organisation)
