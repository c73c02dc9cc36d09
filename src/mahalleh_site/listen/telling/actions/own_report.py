"""What a resident does with a receipt: writes more, leaves or takes back a way to be reached, withdraws, says
whether it is better. The receipt is the only proof, and nothing of who came is kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from mahalleh_site.listen import leave, rules
from mahalleh_site.listen.actions import report_steps
from mahalleh_site.listen.models import Message, Photo, Report
from mahalleh_site.listen.queries import routing
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import Organisation
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.places.actions import promises
from mahalleh_site.places.models import Topic
from mahalleh_site.sealed import sealing
from mahalleh_site.sealed.actions import talking


@transaction.atomic
def add(report: Report, key: bytes, *, words: str, pictures: Sequence[bytes] = ()) -> None:
    """Write more, or send more photos. It waits for those who answer, also where they have answered before.

    Raises:
        NotAllowedError: where the report is no longer followed.
    """
    found = report_steps.locked(report)
    _check_followed(found)
    if words:
        talking.say(found, Message.Kind.ADDED, words[: rules.WORDS], key=key, on=report_steps.today())
    have = found.photos.count()
    if len(pictures) > rules.PHOTOS - have:
        raise NotAllowedError(_("A report can have three photos."))
    Photo.objects.bulk_create(
        [
            Photo.made_for(
                found, day=report_steps.today(), box=sealing.attachment_box(found.form_digest, picture, key)
            )
            for picture in pictures
        ]
    )
    leading = report_steps.locked(found.merged_into) if found.merged_into else found
    if leading.status in rules.ANSWERED and not found.unread:
        Report.objects.filter(pk=leading.pk).update(due_on=rules.due("add", report_steps.today()))
    Report.objects.filter(pk=found.pk).update(unread=F("unread") + 1)


@transaction.atomic
def leave_contact(report: Report, key: bytes, *, contact: str) -> None:
    """Leave another way to be reached in place of the last; an empty one takes it back."""
    found = report_steps.locked(report)
    _check_followed(found)
    talking.leave_contact(found, contact, key=key, on=report_steps.today())


@transaction.atomic
def change_leave(
    report: Report, key: bytes, receipt: str, *, may_publish: bool, police_may_read: bool
) -> bool:
    """Say anew who else may read it; False where that was said already.

    A no takes the police's key at once. What was shown goes with the next drawing, so that nobody sees when
    its sender came by; from now on it is shown to nobody anew.

    Raises:
        NotAllowedError: where the report is no longer followed.
        SealError: not its receipt.
    """
    found = report_steps.locked(report)
    _check_followed(found)
    code = seal.read_code(receipt) or ""
    care = leave.care(found, key, receipt=code)
    asked = leave.Leave(
        found.leave_version + 1,
        may_publish and care == Topic.Sensitivity.OPEN,
        police_may_read and care != Topic.Sensitivity.OPEN,
        care,
    )
    with suppress(seal.SealError):  # what was changed behind the resident's back is said anew in any case
        said = leave.checked(found, key, receipt=code)
        if (said.may_publish, said.police_may_read) == (asked.may_publish, asked.police_may_read):
            return False
    leave.replace(found, on=report_steps.today())
    leave.state(found, asked, key=key, receipt=code)
    if found.public_text:
        report_steps.mention(found, "unpublish")
    report_steps.take_down(found, on=report_steps.today())
    promises.show(subject=report_steps.subject(found), open_to_all=False)
    if care != Topic.Sensitivity.OPEN:
        _let_police(found, key, care, allowed=asked.police_may_read)
    report_steps.mention(found, "leave")
    found.save(update_fields=[*leave.FIELDS, *report_steps.PUBLIC, "lead", "assigned"])
    return True


def _let_police(report: Report, key: bytes, care: str, *, allowed: bool) -> None:
    """Give the police the report's key, or take it; where they led, its service does from now on."""
    to = routing.keys_for(report.topic, report.area, police=allowed, care=care)
    if allowed:
        talking.share(report, key, to.all)
        return
    report.envelopes.filter(organisation__kind=Organisation.Kind.POLICE).delete()
    if report.lead is not None and report.lead.kind == Organisation.Kind.POLICE:
        talking.share(report, key, to.all)
        report.lead, report.assigned = next(iter(to.receivers), None), None
        if report.lead is not None:
            promises.change_hands(subject=report_steps.subject(report), organisation=report.lead)


@transaction.atomic
def withdraw(report: Report) -> None:
    """Take a report back: all that is sealed is deleted at once, and it is counted no longer."""
    found = report_steps.locked(report)
    before = found.status
    if before == Report.Status.MERGED and found.merged_into_id:
        Report.objects.filter(pk=found.merged_into_id, also__gt=0).update(also=F("also") - 1)
    report_steps.step(found, "withdraw")
    report_steps.pass_on(found, before=before)
    found.merged_into = None
    promises.end(subject=report_steps.subject(found), outcome="dropped", on=report_steps.today())
    leave.replace(found, on=report_steps.today())
    found.save()
    report_steps.forget([found], on=report_steps.today())


@transaction.atomic
def say_better(report: Report, *, better: str) -> Report:
    """Answer “is it better now?”. No and worse open the report again, for whoever closed it.

    Raises:
        NotAllowedError: where it isn't closed, or its words are deleted and nobody could answer.
    """
    found = report_steps.locked(report)
    leading = report_steps.locked(found.merged_into) if found.merged_into else found
    if leading.status not in rules.ANSWERED or leading.words_purged_on or found.status == "withdrawn":
        raise NotAllowedError(_("This is not possible any more: somebody was quicker."))
    found.better = better
    if better in rules.NOT_BETTER:
        closer = leading.steps.filter(after__in=rules.ANSWERED).last()
        report_steps.step(leading, "reopen")
        leading.assigned = closer.by if closer is not None and closer.by and closer.by.is_active else None
        report_steps.owe(leading, due_on=rules.due("reopen", report_steps.today()))
        leading.save()
    if found.pk != leading.pk or better not in rules.NOT_BETTER:
        found.save(update_fields=["better"])
    return found


def _check_followed(report: Report) -> None:
    if report.status in (Report.Status.WITHDRAWN, Report.Status.REFUSED) or report.words_purged_on:
        raise NotAllowedError(_("This report is not followed any more."))
