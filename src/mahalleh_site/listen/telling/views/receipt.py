"""Coming back: a receipt opens one's report and is in no address, cookie or session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.decorators import residents
from mahalleh_site.listen.queries import published
from mahalleh_site.listen.telling import drafts, forms
from mahalleh_site.listen.telling.actions import own_report
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people import limits
from mahalleh_site.people.keys import seal
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.ui.decorators import public_page


@public_page
def receipt(request: HttpRequest) -> HttpResponse:
    """Where a receipt is entered."""
    return render(request, "listen/receipt.html", {})


@residents.form("the receipt in the form is the key")
def receipt_open(request: HttpRequest) -> HttpResponse:
    """One's own report, after doing what the form asks."""
    typed = request.POST.get("receipt", "")
    report = receipts.find(typed)
    if report is None:  # a right one opens however often others were tried: nobody guesses 120 bits
        if _too_many("receipts", request):
            return render(request, "listen/receipt.html", {"wait": True}, status=429)
        return render(request, "listen/receipt.html", {"wrong": True}, status=404)
    page = receipts.opened(report, typed)
    done, error = "", ""
    bound: dict[str, Any] = {}
    name = request.POST.get("do", "")
    if name in FORMS and _too_many("deeds", request):
        error = _much()
        bound = {name: FORMS[name](request.POST, auto_id=f"{name}-%s")}
    elif do := HANDLERS.get(name):
        try:
            done, bound = do(request, page)
        except NotAllowedError as refused:
            error = str(refused)
        fresh = receipts.find(typed)
        page = receipts.opened(fresh, typed) if fresh is not None else page
    shown = {"page": page, "receipt": seal.grouped(seal.read_code(typed) or ""), "done": done, "error": error}
    return render(request, "listen/own.html", {**shown, **_forms(page), **bound})


def _too_many(what: str, request: HttpRequest) -> bool:
    return limits.count(what, limits.visitor(request), seconds=rules.HOUR) > rules.TRIES


def _much() -> str:
    return _("Much came from your connection. Nothing is lost: please send it again in an hour.")


def _forms(page: receipts.Opened) -> dict[str, Any]:
    return {
        "add": forms.AddForm(auto_id="add-%s"),
        "contact": forms.ContactForm(initial={"contact": page.contact}, auto_id="contact-%s"),
        "better": forms.BetterForm(auto_id="better-%s"),
        "leave": forms.LeaveForm(
            care=page.care,
            initial={
                "may_publish": page.report.may_publish and not page.leave_broken,
                "police_may_read": page.report.police_may_read and not page.leave_broken,
            },
            auto_id="leave-%s",
        ),
    }


FORMS: dict[str, type[Form]] = {
    "add": forms.AddForm,
    "contact": forms.ContactForm,
    "better": forms.BetterForm,
}
Done = tuple[str, dict[str, Any]]


def _add(request: HttpRequest, page: receipts.Opened) -> Done:
    form = forms.AddForm(request.POST, auto_id="add-%s")
    files = request.FILES.getlist("photos")
    taken = drafts.pictures(files, who=limits.visitor(request), have=len(page.photos))
    valid = form.is_valid()
    for sentence in taken.errors:
        form.add_error(None, sentence)
    if valid and not form.cleaned_data.get("words") and not taken.drawn and not taken.errors:
        form.add_error("words", _("Write something, or choose a photo."))
    if form.errors or page.key is None:
        return "", {"add": form}
    own_report.add(page.report, page.key, words=form.cleaned_data["words"], pictures=taken.drawn)
    return _("It was added. Those who answer will see it."), {}


def _contact(request: HttpRequest, page: receipts.Opened) -> Done:
    form = forms.ContactForm(request.POST, auto_id="contact-%s")
    if not form.is_valid() or page.key is None:
        return "", {"contact": form}
    own_report.leave_contact(page.report, page.key, contact=form.cleaned_data["contact"])
    return _("It was changed."), {}


def _leave(request: HttpRequest, page: receipts.Opened) -> Done:
    form = forms.LeaveForm(request.POST, care=page.care, auto_id="leave-%s")
    if not form.is_valid() or page.key is None:
        return "", {"leave": form}
    given = {name: form.cleaned_data.get(name, False) for name in ("may_publish", "police_may_read")}
    if _too_many("deeds", request) and not _takes_back(page, given):
        return "", {"leave": form, "error": _much()}
    shown = published.report(page.report.number) is not None
    changed = own_report.change_leave(page.report, page.key, request.POST.get("receipt", ""), **given)
    return _later(_("It was changed."), shown=shown and changed), {}


def _takes_back(page: receipts.Opened, given: dict[str, bool]) -> bool:
    """Whether a statement is a no to what was a yes, or may have been one: that waits for nothing."""
    stood = page.report.may_publish or page.report.police_may_read or page.leave_broken
    return stood and not any(given.values())


def _better(request: HttpRequest, page: receipts.Opened) -> Done:
    form = forms.BetterForm(request.POST, auto_id="better-%s")
    if not form.is_valid():
        return "", {"better": form}
    answer = form.cleaned_data["better"]
    own_report.say_better(page.report, better=answer)
    if answer in rules.NOT_BETTER:
        return _("Thank you. Your report is open again, and whoever closed it has been told."), {}
    return _("Thank you. Your answer is counted."), {}


def _withdraw(request: HttpRequest, page: receipts.Opened) -> Done:
    shown = published.report(page.report.number) is not None
    own_report.withdraw(page.report)
    return _later(_("Your report was withdrawn. Your words and photos were deleted."), shown=shown), {}


def _later(done: str, *, shown: bool) -> str:
    if not shown:
        return done
    later = _("What the neighbourhood could read of it goes tonight, so that nobody sees when you did this.")
    return f"{done} {later}"


HANDLERS: dict[str, Callable[[HttpRequest, receipts.Opened], Done]] = {
    "add": _add,
    "contact": _contact,
    "leave": _leave,
    "better": _better,
    "withdraw": _withdraw,
}
