"""What can be done with a report: for each verb a form, a sentence, and the action that it leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.listen.desk import forms
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.desk.queries import reading
from mahalleh_site.listen.models import Report
from mahalleh_site.people.models import User
from mahalleh_site.people.permissions import NotAllowedError

Act = Callable[[User, Report, bytes, dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed: its name, what it means, the form that it asks for (None: just a button), how it is done.

    `kind`: of its button.
    """

    name: Any
    hint: Any
    form: type[Form] | None
    act: Act
    done: Any
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """A deed that may be done now, with its form."""

    verb: str
    deed: Deed
    form: Form | None
    open: bool


def _answer(verb: str) -> Act:
    def act(by: User, report: Report, private: bytes, given: dict[str, Any]) -> object:
        return handling.answer(by=by, report=report, private=private, verb=verb, **given)

    return act


def _merge(by: User, report: Report, private: bytes, given: dict[str, Any]) -> object:
    try:
        into = reading.found(by, given["into"])
    except Report.DoesNotExist as error:
        raise NotAllowedError(_("You know no report with this number.")) from error
    return handling.merge(by=by, report=report, private=private, into=into, reason=given["reason"])


def _publish(by: User, report: Report, private: bytes, given: dict[str, Any]) -> object:
    original = reading.page(report, by, private, report.day).words
    edited = given["text"].split() != original.split()
    return handling.publish(by=by, report=report, text=given["text"], edited=edited)


DEEDS: Final[dict[str, Deed]] = {
    "accept": Deed(
        gettext_lazy("It is a report"),
        gettext_lazy("Many came from one connection, so it was held. Accepted, it counts."),
        None,
        lambda by, report, private, given: handling.accept(by=by, report=report),
        gettext_lazy("It was accepted."),
    ),
    "take": Deed(
        gettext_lazy("Take it up"),
        gettext_lazy("Yourself, or a colleague of your organisation."),
        forms.TakeForm,
        lambda by, report, private, given: handling.take(by=by, report=report, **given),
        gettext_lazy("It is taken up."),
    ),
    "reply": Deed(
        gettext_lazy("Write to the resident"),
        gettext_lazy("Ask or tell something. It ends nothing, and the promised day stays."),
        forms.WordsForm,
        lambda by, report, private, given: handling.reply(by=by, report=report, private=private, **given),
        gettext_lazy("The resident will read it with the receipt."),
    ),
    "answer": Deed(
        gettext_lazy("Answer: it is done"),
        gettext_lazy("The resident is asked whether it is better. A “no” comes back to you."),
        forms.AnswerForm,
        _answer("answer"),
        gettext_lazy("It is answered. The resident is asked whether it is better."),
    ),
    "promise": Deed(
        gettext_lazy("Promise something by a day"),
        gettext_lazy("The promise stands on the neighbourhood's page, kept or late."),
        forms.PromiseForm,
        _answer("promise"),
        gettext_lazy("It is promised."),
    ),
    "decline": Deed(
        gettext_lazy("Answer: nothing will be done"),
        gettext_lazy("Say why, and what the resident can do instead."),
        forms.AnswerForm,
        _answer("decline"),
        gettext_lazy("It is answered."),
    ),
    "forward": Deed(
        gettext_lazy("Hand it to another organisation"),
        gettext_lazy("It then answers; the day stays. You can still read it."),
        forms.ForwardForm,
        lambda by, report, private, given: handling.forward(by=by, report=report, private=private, **given),
        gettext_lazy("It was handed on."),
    ),
    "merge": Deed(
        gettext_lazy("Follow it together with another"),
        gettext_lazy("Two people told the same thing. It counts once; both read the answers."),
        forms.MergeForm,
        _merge,
        gettext_lazy("They are followed as one."),
    ),
    "part": Deed(
        gettext_lazy("Follow it by itself again"),
        gettext_lazy("It was another matter after all."),
        None,
        lambda by, report, private, given: handling.part(by=by, report=report),
        gettext_lazy("It is followed by itself again."),
    ),
    "note": Deed(
        gettext_lazy("Note for colleagues"),
        gettext_lazy("The resident does not see it."),
        forms.NoteForm,
        lambda by, report, private, given: handling.note(by=by, report=report, private=private, **given),
        gettext_lazy("The note is kept."),
    ),
    "publish": Deed(
        gettext_lazy("Show it to the neighbourhood"),
        gettext_lazy("The resident allowed it. The original stays sealed; the page says that it was edited."),
        forms.PublishForm,
        _publish,
        gettext_lazy("It was changed on the neighbourhood's page."),
    ),
    "private": Deed(
        gettext_lazy("Mark as private"),
        gettext_lazy("Only coordinators, officers and social workers who receive it see it from then on."),
        None,
        lambda by, report, private, given: handling.mark_private(by=by, report=report, private=True),
        gettext_lazy("It is marked as private."),
        "quiet",
    ),
    "unprivate": Deed(
        gettext_lazy("Take off the mark “private”"),
        gettext_lazy("Partners who receive it see it again."),
        None,
        lambda by, report, private, given: handling.mark_private(by=by, report=report, private=False),
        gettext_lazy("The mark was taken off."),
        "quiet",
    ),
    "refuse": Deed(
        gettext_lazy("It is no report"),
        gettext_lazy("Advertising, a joke, a flood. It counts no longer; its words go in two weeks."),
        forms.ReasonForm,
        lambda by, report, private, given: handling.refuse(by=by, report=report, private=private, **given),
        gettext_lazy("It was set aside."),
        "careful",
    ),
}  # fmt: skip


def verbs(report: Report, may: reading.May) -> list[str]:
    """What may be done now, in the order of DEEDS."""
    able = set(may.verbs) | {"note"}
    able |= {name for name, holds in _extra(may).items() if holds}
    return [verb for verb in DEEDS if verb in able]


def form_for(
    verb: str, request: HttpRequest, report: Report, data: Any = None, **initial: Any
) -> Form | None:
    """The form of a deed; bound to `data` where it is given."""
    made = DEEDS[verb].form
    if made is None:
        return None
    about: dict[str, Any] = {"report": report, "user": request.user, "auto_id": f"{verb}-%s"}
    if verb == "take":
        about["able"] = reading.colleagues(report)
    elif verb == "forward":
        about["able"] = reading.others(report)
    if initial and verb != "take":
        about["initial"] = initial
    return made(data, **about)


def forms_for(
    request: HttpRequest, report: Report, page: reading.Page, may: reading.May, bound: tuple[str, Any] | None
) -> list[Offered]:
    """Every deed that may be done now with its form; `bound`: the one that was tried, with its faults."""
    begun = next(
        (t for t in reading.templates(request.user) if str(t.pk) == request.GET.get("template")), None
    )
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


def _extra(may: reading.May) -> dict[str, bool]:
    return {
        "reply": may.reply,
        "publish": may.publish,
        "private": may.mark_private,
        "unprivate": may.unmark_private,
    }
