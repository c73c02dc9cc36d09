"""What a resident does with a receipt: writes more, leaves or takes back a way to be reached, withdraws, says
whether it is better. The receipt is the only proof, and nothing of who came is kept."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from mahalleh_site.listen import contents, rules
from mahalleh_site.listen.actions import _common
from mahalleh_site.listen.models import Message, Photo, Report
from mahalleh_site.places import promises


@transaction.atomic
def add(report: Report, key: bytes, *, words: str, pictures: Sequence[bytes] = ()) -> None:
    """Write more, or send more photos. It waits for those who answer, also where they have answered before.

    Raises:
        NotAllowedError: where the report is no longer followed.
    """
    found = _common.locked(report)
    _check_followed(found)
    if words:
        _say(found, Message.Kind.ADDED, words, key)
    have = found.photos.count()
    if len(pictures) > rules.PHOTOS - have:
        raise _common.NotAllowedError(_("A report can have three photos."))
    Photo.objects.bulk_create(
        [
            Photo(
                report=found,
                day=_common.today(),
                box=contents.photo_box(found.once, picture, key),
            )
            for picture in pictures
        ]
    )
    leading = _common.locked(found.merged_into) if found.merged_into_id else found
    if leading.status in rules.ANSWERED and not found.unread:
        Report.objects.filter(pk=leading.pk).update(due_on=rules.due("add", _common.today()))
    Report.objects.filter(pk=found.pk).update(unread=F("unread") + 1)


@transaction.atomic
def leave_contact(report: Report, key: bytes, *, contact: str) -> None:
    """Leave another way to be reached in place of the last; an empty one takes it back."""
    found = _common.locked(report)
    _check_followed(found)
    found.messages.filter(kind=Message.Kind.CONTACT).delete()
    if contact:
        _say(found, Message.Kind.CONTACT, contact, key)
        Report.objects.filter(pk=found.pk).update(contact_purged_on=None)


@transaction.atomic
def withdraw(report: Report) -> None:
    """Take a report back: all that is sealed is deleted at once, and it is counted no longer."""
    found = _common.locked(report)
    before = found.status
    if before == Report.Status.MERGED and found.merged_into_id:
        Report.objects.filter(pk=found.merged_into_id, also__gt=0).update(also=F("also") - 1)
    _common.step(found, "withdraw")
    _common.pass_on(found, before=before)
    found.merged_into = None
    promises.end(subject=_common.subject(found), outcome="dropped", on=_common.today())
    found.save()
    _common.forget([found], on=_common.today())


@transaction.atomic
def say_better(report: Report, *, better: str) -> Report:
    """Answer “is it better now?”. No and worse open the report again, for whoever closed it.

    Raises:
        NotAllowedError: where it isn't closed, or its words are deleted and nobody could answer.
    """
    found = _common.locked(report)
    leading = _common.locked(found.merged_into) if found.merged_into_id else found
    if leading.status not in rules.ANSWERED or leading.words_purged_on or found.status == "withdrawn":
        raise _common.NotAllowedError(_("This is not possible any more: somebody was quicker."))
    found.better = better
    if better in rules.NOT_BETTER:
        closer = leading.steps.filter(after__in=rules.ANSWERED).last()
        _common.step(leading, "reopen")
        leading.assigned = closer.by if closer is not None and closer.by and closer.by.is_active else None
        _common.owe(leading, due_on=rules.due("reopen", _common.today()))
        leading.save()
    if found.pk != leading.pk or better not in rules.NOT_BETTER:
        found.save(update_fields=["better"])
    return found


def _check_followed(report: Report) -> None:
    if report.status in (Report.Status.WITHDRAWN, Report.Status.REFUSED) or report.words_purged_on:
        raise _common.NotAllowedError(_("This report is not followed any more."))


def _say(report: Report, kind: str, words: str, key: bytes) -> None:
    Message.objects.create(
        report=report,
        kind=kind,
        day=_common.today(),
        box=contents.message_box(report, kind, words[: rules.WORDS], key),
    )
