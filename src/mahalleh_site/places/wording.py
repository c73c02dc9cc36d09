"""Words for codes: the groups of topics, and promises in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.places.models import Promise, ShownPromise
from mahalleh_site.ui.templatetags.mahalleh import day

GROUPS = {
    "surroundings": gettext_lazy("Streets and surroundings"),
    "order": gettext_lazy("Living together"),
    "crime": gettext_lazy("Theft and violence"),
    "property": gettext_lazy("Theft and damage"),
    "violence": gettext_lazy("Violence and threat"),
    "traffic": gettext_lazy("Roads and traffic"),
    "family": gettext_lazy("Family and children"),
    "health": gettext_lazy("Health"),
    "police": gettext_lazy("What police did"),
    "other": gettext_lazy("Other"),
}


def group(code: str) -> str:
    """The heading of a group of topics."""
    return str(GROUPS.get(code, code.replace("-", " ").capitalize()))


def promise_title(promise: ShownPromise) -> str:
    """What a promise is about, and where."""
    return _("%(topic)s, %(area)s") % {"topic": promise.topic.name, "area": promise.area.name}


def promise_sentence(promise: Promise | ShownPromise) -> str:
    """One promise: who owes or owed what by when, and what became of it."""
    about = {
        "who": promise.organisation.name,
        "due": day(promise.due_on),
        "ended": day(promise.ended_on),
    }
    if promise.ended_on is None:
        late = promise.late
        if promise.what == Promise.What.ANSWER:
            owed = _("%(who)s owes an answer since %(due)s.") if late else _("%(who)s answers by %(due)s.")
        else:
            owed = (
                _("%(who)s promised to act by %(due)s, and has not yet.")
                if late
                else _("%(who)s promised to act by %(due)s.")
            )
        return owed % about
    sentences = {
        "done": _("%(who)s answered on %(ended)s: it is done."),
        "declined": _("%(who)s answered on %(ended)s: nothing will be done."),
        "promised": _("%(who)s answered on %(ended)s with a promise."),
        "dropped": _("Not needed any more since %(ended)s."),
    }
    told = sentences[promise.outcome] % about
    if promise.outcome == Promise.Outcome.DROPPED:
        return told
    timely = _("In time.") if promise.in_time else _("That was later than promised.")
    return f"{told} {timely}"
