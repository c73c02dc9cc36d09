"""What can be done with a report: for each verb a form, a sentence, and the action that it leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.listen import staff_forms
from mahalleh_site.listen.actions import NotAllowedError, staff
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.queries import one
from mahalleh_site.people.models import User

Act = Callable[[User, Report, bytes, dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed: its name, what it means, the form that it asks for (None: just a button), how it is done.

    `kind`: of its button.
    """

    name: Any
    hint: Any
    form: type[forms.Form] | None
    act: Act
    done: Any
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """A deed that may be done now, with its form."""

    verb: str
    deed: Deed
    form: forms.Form | None
    open: bool


def _answer(verb: str) -> Act:
    def act(by: User, report: Report, private: bytes, given: dict[str, Any]) -> object:
        return staff.answer(by=by, report=report, private=private, verb=verb, **given)

    return act


def _merge(by: User, report: Report, private: bytes, given: dict[str, Any]) -> object:
    try:
        into = one.found(by, given["into"])
    except Report.DoesNotExist as error:
        raise NotAllowedError(_("You know no report with this number.")) from error
    return staff.merge(by=by, report=report, private=private, into=into, reason=given["reason"])


def _publish(by: User, report: Report, private: bytes, given: dict[str, Any]) -> object:
    original = one.page(report, by, private, report.day).words
    edited = given["text"].split() != original.split()
    return staff.publish(by=by, report=report, text=given["text"], edited=edited)


DEEDS: Final[dict[str, Deed]] = {
    "accept": Deed(
        gettext_lazy("It is a report"),
        gettext_lazy("Many came from one connection, so it was held. Accepted, it counts."),
        None,
        lambda by, report, private, given: staff.accept(by=by, report=report),
        gettext_lazy("It was accepted."),
    ),
    "take": Deed(
        gettext_lazy("Take it up"),
        gettext_lazy("Yourself, or a colleague of your organisation."),
        staff_forms.TakeForm,
        lambda by, report, private, given: staff.take(by=by, report=report, **given),
        gettext_lazy("It is taken up."),
    ),
    "reply": Deed(
        gettext_lazy("Write to the resident"),
        gettext_lazy("Ask or tell something. It ends nothing, and the promised day stays."),
        staff_forms.WordsForm,
        lambda by, report, private, given: staff.reply(by=by, report=report, private=private, **given),
        gettext_lazy("The resident will read it with the receipt."),
    ),
    "answer": Deed(
        gettext_lazy("Answer: it is done"),
        gettext_lazy("The resident is asked whether it is better. A “no” comes back to you."),
        staff_forms.AnswerForm,
        _answer("answer"),
        gettext_lazy("It is answered. The resident is asked whether it is better."),
    ),
    "promise": Deed(
        gettext_lazy("Promise something by a day"),
        gettext_lazy("The promise stands on the neighbourhood's page, kept or late."),
        staff_forms.PromiseForm,
        _answer("promise"),
        gettext_lazy("It is promised."),
    ),
    "decline": Deed(
        gettext_lazy("Answer: nothing will be done"),
        gettext_lazy("Say why, and what the resident can do instead."),
        staff_forms.AnswerForm,
        _answer("decline"),
        gettext_lazy("It is answered."),
    ),
    "forward": Deed(
        gettext_lazy("Hand it to another organisation"),
        gettext_lazy("It then answers; the day stays. You can still read it."),
        staff_forms.ForwardForm,
        lambda by, report, private, given: staff.forward(by=by, report=report, private=private, **given),
        gettext_lazy("It was handed on."),
    ),
    "merge": Deed(
        gettext_lazy("Follow it together with another"),
        gettext_lazy("Two people told the same thing. It counts once; both read the answers."),
        staff_forms.MergeForm,
        _merge,
        gettext_lazy("They are followed as one."),
    ),
    "part": Deed(
        gettext_lazy("Follow it by itself again"),
        gettext_lazy("It was another matter after all."),
        None,
        lambda by, report, private, given: staff.part(by=by, report=report),
        gettext_lazy("It is followed by itself again."),
    ),
    "note": Deed(
        gettext_lazy("Note for colleagues"),
        gettext_lazy("The resident does not see it."),
        staff_forms.NoteForm,
        lambda by, report, private, given: staff.note(by=by, report=report, private=private, **given),
        gettext_lazy("The note is kept."),
    ),
    "publish": Deed(
        gettext_lazy("Show it to the neighbourhood"),
        gettext_lazy("The resident allowed it. The original stays sealed; the page says that it was edited."),
        staff_forms.PublishForm,
        _publish,
        gettext_lazy("It was changed on the neighbourhood's page."),
    ),
    "private": Deed(
        gettext_lazy("Mark as private"),
        gettext_lazy("Only coordinators, officers and social workers who receive it see it from then on."),
        None,
        lambda by, report, private, given: staff.mark_private(by=by, report=report, private=True),
        gettext_lazy("It is marked as private."),
        "quiet",
    ),
    "unprivate": Deed(
        gettext_lazy("Take off the mark “private”"),
        gettext_lazy("Partners who receive it see it again."),
        None,
        lambda by, report, private, given: staff.mark_private(by=by, report=report, private=False),
        gettext_lazy("The mark was taken off."),
        "quiet",
    ),
    "refuse": Deed(
        gettext_lazy("It is no report"),
        gettext_lazy("Advertising, a joke, a flood. It counts no longer; its words go in two weeks."),
        staff_forms.ReasonForm,
        lambda by, report, private, given: staff.refuse(by=by, report=report, private=private, **given),
        gettext_lazy("It was set aside."),
        "careful",
    ),
}  # fmt: skip


def verbs(report: Report, may: one.May) -> list[str]:
    """What may be done now, in the order of DEEDS."""
    able = set(may.verbs) | {"note"}
    able |= {name for name, holds in _extra(may).items() if holds}
    return [verb for verb in DEEDS if verb in able]


def form_for(
    verb: str, request: HttpRequest, report: Report, data: Any = None, **initial: Any
) -> forms.Form | None:
    """The form of a deed; bound to `data` where it is given."""
    made = DEEDS[verb].form
    if made is None:
        return None
    about: dict[str, Any] = {"report": report, "user": request.user, "auto_id": f"{verb}-%s"}
    if verb == "take":
        about["able"] = one.colleagues(report)
    elif verb == "forward":
        about["able"] = one.others(report)
    if initial and verb != "take":
        about["initial"] = initial
    return made(data, **about)


def forms_for(
    request: HttpRequest, report: Report, page: one.Page, may: one.May, bound: tuple[str, Any] | None
) -> list[Offered]:
    """Every deed that may be done now with its form; `bound`: the one that was tried, with its faults."""
    begun = next((t for t in one.templates(request.user) if str(t.pk) == request.GET.get("template")), None)
    text = "" if begun is None else begun.text_fa if report.language == "fa" else begun.text_en
    offered = []
    for verb in verbs(report, may):
        tried = bound is not None and bound[0] == verb
        initial = {"words": text} if text and verb in ("reply", "answer", "decline", "promise") else {}
        if verb == "publish":
            initial = {"text": report.public_text or page.words}
        form = bound[1] if bound is not None and tried else form_for(verb, request, report, **initial)
        offered.append(Offered(verb, DEEDS[verb], form, tried or request.GET.get("do") == verb))
    return offered


def _extra(may: one.May) -> dict[str, bool]:
    return {
        "reply": may.reply,
        "publish": may.publish,
        "private": may.mark_private,
        "unprivate": may.unmark_private,
    }
