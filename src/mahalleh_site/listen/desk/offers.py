"""What can be done with a report: for each verb a form, a sentence, and the action that it leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.forms import Form
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mahalleh_site.listen.desk import forms
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.desk.queries import reading
from mahalleh_site.listen.models import Report
from mahalleh_site.people.models import User
from mahalleh_site.people.permissions import NotAllowedError, StaffRequest

Act = Callable[[User, Report, bytes, dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page offers: its name, what it means, its form (None: just a button), and the action behind it.

    `kind`: of its button.
    """

    name: Any
    hint: Any
    form: type[Form] | None
    act: Act
    done: Any
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """An offer that may be taken up now, with its form. `open`: it was tried, or is asked for."""

    verb: str
    offer: Offer
    form: Form | None
    open: bool


def _plain(action: Callable[..., object]) -> Act:
    """An action that opens nothing."""

    def act(by: User, report: Report, member_key: bytes, given: dict[str, Any]) -> object:
        return action(by=by, report=report, **given)

    return act


def _opening(action: Callable[..., object]) -> Act:
    """An action that opens the report."""

    def act(by: User, report: Report, member_key: bytes, given: dict[str, Any]) -> object:
        return action(by=by, report=report, member_key=member_key, **given)

    return act


def _answering(verb: str) -> Act:
    """One of the verbs that end something, all by the same action."""
    return _opening(partial(handling.answer, verb=verb))


def _merge(by: User, report: Report, member_key: bytes, given: dict[str, Any]) -> object:
    try:
        into = reading.found(by, given["into"])
    except Report.DoesNotExist as error:
        raise NotAllowedError(_("You know no report with this number.")) from error
    return handling.merge(by=by, report=report, member_key=member_key, into=into, reason=given["reason"])


def _publish(by: User, report: Report, member_key: bytes, given: dict[str, Any]) -> object:
    original = reading.page(report, by, member_key, report.day).words
    edited = given["text"].split() != original.split()
    return handling.publish(by=by, report=report, member_key=member_key, text=given["text"], edited=edited)


OFFERS: Final[dict[str, Offer]] = {
    "accept": Offer(
        gettext_lazy("It is a report"),
        gettext_lazy("Many came from one connection, so it was held. Accepted, it counts."),
        None,
        _plain(handling.accept),
        gettext_lazy("It was accepted."),
    ),
    "take": Offer(
        gettext_lazy("Take it up"),
        gettext_lazy("Yourself, or a colleague of your organisation."),
        forms.TakeForm,
        _plain(handling.take),
        gettext_lazy("It is taken up."),
    ),
    "reply": Offer(
        gettext_lazy("Write to the resident"),
        gettext_lazy("Ask or tell something. It ends nothing, and the promised day stays."),
        forms.WordsForm,
        _opening(handling.reply),
        gettext_lazy("The resident will read it with the receipt."),
    ),
    "answer": Offer(
        gettext_lazy("Answer: it is done"),
        gettext_lazy("The resident is asked whether it is better. A “no” comes back to you."),
        forms.AnswerForm,
        _answering("answer"),
        gettext_lazy("It is answered. The resident is asked whether it is better."),
    ),
    "promise": Offer(
        gettext_lazy("Promise something by a day"),
        gettext_lazy("The promise stands on the neighbourhood's page, kept or late."),
        forms.PromiseForm,
        _answering("promise"),
        gettext_lazy("It is promised."),
    ),
    "decline": Offer(
        gettext_lazy("Answer: nothing will be done"),
        gettext_lazy("Say why, and what the resident can do instead."),
        forms.AnswerForm,
        _answering("decline"),
        gettext_lazy("It is answered."),
    ),
    "forward": Offer(
        gettext_lazy("Hand it to another organisation"),
        gettext_lazy("It then answers; the day stays. You can still read it."),
        forms.ForwardForm,
        _opening(handling.forward),
        gettext_lazy("It was handed on."),
    ),
    "merge": Offer(
        gettext_lazy("Follow it together with another"),
        gettext_lazy("Two people told the same thing. It counts once; both read the answers."),
        forms.MergeForm,
        _merge,
        gettext_lazy("They are followed as one."),
    ),
    "part": Offer(
        gettext_lazy("Follow it by itself again"),
        gettext_lazy("It was another matter after all."),
        None,
        _plain(handling.part),
        gettext_lazy("It is followed by itself again."),
    ),
    "note": Offer(
        gettext_lazy("Note for colleagues"),
        gettext_lazy("The resident does not see it."),
        forms.NoteForm,
        _opening(handling.note),
        gettext_lazy("The note is kept."),
    ),
    "publish": Offer(
        gettext_lazy("Show it to the neighbourhood"),
        gettext_lazy("The resident allowed it. The original stays sealed; the page says that it was edited."),
        forms.PublishForm,
        _publish,
        gettext_lazy("It was changed on the neighbourhood's page."),
    ),
    "private": Offer(
        gettext_lazy("Mark as private"),
        gettext_lazy("Only coordinators, officers and social workers who receive it see it from then on."),
        None,
        _plain(partial(handling.mark_private, is_private=True)),
        gettext_lazy("It is marked as private."),
        "quiet",
    ),
    "unprivate": Offer(
        gettext_lazy("Take off the mark “private”"),
        gettext_lazy("Partners who receive it see it again."),
        None,
        _plain(partial(handling.mark_private, is_private=False)),
        gettext_lazy("The mark was taken off."),
        "quiet",
    ),
    "refuse": Offer(
        gettext_lazy("It is no report"),
        gettext_lazy("Advertising, a joke, a flood. It counts no longer; its words go in two weeks."),
        forms.ReasonForm,
        _opening(handling.refuse),
        gettext_lazy("It was set aside."),
        "careful",
    ),
}  # fmt: skip


def verbs(report: Report, may: reading.May) -> list[str]:
    """What may be done now, in the order of OFFERS."""
    able = set(may.verbs) | {"note"}
    able |= {name for name, holds in _extra(may).items() if holds}
    return [verb for verb in OFFERS if verb in able]


def form_for(
    verb: str, request: StaffRequest, report: Report, data: Any = None, **initial: Any
) -> Form | None:
    """The form of an offer; bound to `data` where it is given."""
    made = OFFERS[verb].form
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
    request: StaffRequest, report: Report, page: reading.Page, may: reading.May, bound: tuple[str, Any] | None
) -> list[Open]:
    """Every offer that may be taken up now with its form; `bound`: the one that was tried, with faults."""
    begun = next(
        (t for t in reading.templates(request.user) if str(t.pk) == request.GET.get("template")), None
    )
    text = "" if begun is None else begun.text_fa if report.language == "fa" else begun.text_en
    found = []
    for verb in verbs(report, may):
        tried = bound is not None and bound[0] == verb
        initial = {"words": text} if text and verb in ("reply", "answer", "decline", "promise") else {}
        if verb == "publish":
            initial = {"text": report.public_text or page.words}
        form = bound[1] if bound is not None and tried else form_for(verb, request, report, **initial)
        found.append(Open(verb, OFFERS[verb], form, tried or request.GET.get("do") == verb))
    return found


def _extra(may: reading.May) -> dict[str, bool]:
    return {
        "reply": may.reply,
        "publish": may.publish,
        "private": may.mark_private,
        "unprivate": may.unmark_private,
    }
