"""Sentences about reports, as residents read them."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from mahalleh_site.listen.models import Report, ShownReport, Step
from mahalleh_site.ui.templatetags.mahalleh import day

register = template.Library()


@register.filter
def titled(report: Report | ShownReport) -> str:
    """What a report is about, and where."""
    about = {"topic": report.topic.name, "area": report.area.name}
    return _("%(topic)s, %(area)s") % about


@register.filter
def state_sentence(report: Report | ShownReport) -> str:
    """Where a report stands, and what happens next, in one sentence."""
    name = report.lead.name if report.lead else _("Nobody yet")
    about = {"who": name, "due": day(report.due_on)}
    sentences = {
        "held": _("It has arrived. Somebody looks at it by %(due)s."),
        "new": _("It has arrived. %(who)s answers by %(due)s."),
        "open": _("%(who)s is looking at it and answers by %(due)s."),
        "promised": _("%(who)s promised to act by %(due)s."),
        "closed": _("%(who)s says that it is done."),
        "declined": _("%(who)s answered that nothing will be done, and says why."),
        "reopened": _("It is open again, since it is not better. %(who)s answers by %(due)s."),
        "merged": _("It is followed together with another report about the same thing."),
        "withdrawn": _("You withdrew it. It is counted no longer."),
        "refused": _("It was set aside as no report."),
    }
    return sentences[report.status] % about


@register.filter
def own_sentence(report: Report) -> str:
    """Where one's own report stands; one that follows another stands where that one does."""
    leading = report.merged_into
    if leading is None or report.status != Report.Status.MERGED:
        return state_sentence(report)
    if leading.status in (Report.Status.WITHDRAWN, Report.Status.REFUSED):
        return _(
            "The report that you followed was taken away. If you still have it, please tell it yourself."
        )
    return state_sentence(leading)


@register.filter
def state_for_staff(report: Report) -> str:
    """Where a report stands, for those who work on it."""
    name = report.lead.name if report.lead else _("Nobody yet")
    about = {"who": name, "due": day(report.due_on), "better": report.get_better_display()}
    sentences = {
        "held": _("It is held: please look by %(due)s whether it is a report."),
        "new": _("It is new. %(who)s owes an answer by %(due)s."),
        "open": _("%(who)s works on it and owes an answer by %(due)s."),
        "promised": _("%(who)s promised to act by %(due)s."),
        "closed": _("It was answered as done."),
        "declined": _("It was answered: nothing will be done."),
        "reopened": _("It is not better, says the resident. %(who)s owes an answer by %(due)s."),
        "merged": _("It is followed together with another report about the same thing."),
        "withdrawn": _("The resident withdrew it."),
        "refused": _("It was set aside as no report."),
    }
    told = sentences[report.status] % about
    if report.better and report.status in ("closed", "declined"):
        better = _("Is it better? “%(better)s”") % about
        return f"{told} {better}"
    return told


@register.filter
def step_sentence(step: Step) -> str:
    """A step of a report's history."""
    about = {"who": step.organisation.name if step.organisation else ""}
    sentences = {
        "take": _("%(who)s took it up"),
        "answer": _("%(who)s answered: it is done"),
        "decline": _("%(who)s answered: nothing will be done"),
        "promise": _("%(who)s promised something"),
        "forward": _("%(who)s handed it to another organisation"),
        "merge": _("It was joined with another report about the same thing"),
        "part": _("It is followed by itself again"),
        "accept": _("It was accepted"),
        "refuse": _("It was set aside"),
        "withdraw": _("It was withdrawn"),
        "reopen": _("It was opened again: not better"),
        "publish": _("It was shown to the neighbourhood"),
        "unpublish": _("It was taken off the neighbourhood's page"),
        "private": _("%(who)s marked it as private"),
        "unprivate": _("%(who)s took the mark “private” off"),
        "leave": _("The resident said anew who else may read it"),
    }
    return sentences.get(step.verb, step.verb) % about


@register.filter
def better_sentence(report: Report | ShownReport) -> str:
    """What the resident said about it in the end; nothing where nobody was asked yet."""
    return {
        "yes": _("The person who told it says: it is better."),
        "somewhat": _("The person who told it says: it is somewhat better."),
        "no": _("The person who told it says: it is the same."),
        "worse": _("The person who told it says: it is worse."),
    }.get(report.better, "")
