"""The words of the room: deeds of the audit log, states as residents and as staff read them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

VERBS_OF_THE_LOG = {
    "enter-report": _("entered a report for a resident"),
    "read-report": _("opened a report"),
    "read-queue": _("read words in the queue of reports"),
    "read-contact": _("looked up how to reach a resident"),
    "take-report": _("took up a report"),
    "answer-report": _("answered a report as done"),
    "decline-report": _("answered a report: nothing will be done"),
    "promise-report": _("promised something about a report"),
    "reply-report": _("wrote to a resident"),
    "note-report": _("wrote a note about a report"),
    "forward-report": _("handed a report to another organisation"),
    "merge-report": _("joined a report with another"),
    "part-report": _("took joined reports apart"),
    "accept-report": _("accepted a report that was held"),
    "refuse-report": _("set a report aside"),
    "publish-report": _("showed a report to the public"),
    "unpublish-report": _("took a report down from the public page"),
    "mark-private": _("marked a report as private"),
    "unmark-private": _("took the mark “private” off a report"),
    "add-route": _("added a receiver of reports"),
    "remove-route": _("took away a receiver of reports"),
    "save-template": _("saved an answer to begin with"),
    "remove-template": _("removed an answer to begin with"),
    "make-api-key": _("let a program send reports"),
    "end-api-key": _("ended a program's key"),
    "purge-reports": _("deleted what had been kept long enough"),
    "count-reports": _("added reports to the counts"),
}
