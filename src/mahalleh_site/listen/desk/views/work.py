"""Working on reports: one address for every deed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mahalleh_site.listen import permissions
from mahalleh_site.listen.desk import offers
from mahalleh_site.listen.desk.queries import reading
from mahalleh_site.listen.desk.views.reports import opened, shown
from mahalleh_site.listen.models import Report
from mahalleh_site.people.keys.unlocking import private_key
from mahalleh_site.people.permissions import NotAllowedError, Refused, requires


@require_POST
@requires(permissions.check_see_reports)
def work(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """Do it and say so, or show what is wrong with everything kept that was written."""
    if verb not in offers.DEEDS:
        raise Http404
    if private_key(request) is None and offers.DEEDS[verb].form is not None:
        report = _found(request, key)
        form = offers.form_for(verb, request, report, request.POST)
        return _kept(request, report, form, _("Your key was closed meanwhile."), again=True)
    answer: HttpResponse = _work(request, key, verb=verb)
    return answer


@opened
def _work(request: HttpRequest, report: Report, private: bytes, verb: str) -> HttpResponse:
    deed, form = offers.DEEDS[verb], offers.form_for(verb, request, report, request.POST)
    if form is not None and not form.is_valid():
        return _again(request, report, private, verb, form, status=400)
    try:
        deed.act(request.user, report, private, form.cleaned_data if form is not None else {})
    except (Refused, NotAllowedError) as refused:
        if form is None:
            messages.error(request, str(refused))
            return redirect("report-staff", _found(request, report.key).key)
        form.add_error(None, str(refused))
        return _again(request, report, private, verb, form, status=409)
    messages.success(request, str(deed.done))
    try:
        reading.found(request.user, report.key)
    except Report.DoesNotExist:  # it is not for these eyes any more
        return redirect("listen")
    return redirect("report-staff", report.key)


def _again(
    request: HttpRequest, report: Report, private: bytes, verb: str, form: Any, *, status: int
) -> HttpResponse:
    """The report's page with what was written; where this can be done no longer, what was written alone."""
    fresh = _found(request, report.key)
    if verb in offers.verbs(fresh, reading.may(fresh, request.user)):
        return shown(request, fresh, private, status=status, bound=(verb, form))
    why = form.non_field_errors() or [_("This is not possible any more: somebody was quicker.")]
    return _kept(request, fresh, form, why[0])


def _kept(request: HttpRequest, report: Report, form: Any, why: str, *, again: bool = False) -> HttpResponse:
    about = {"report": report, "form": form, "why": why, "again": again}
    return render(request, "listen/staff_kept.html", about, status=409)


def _found(request: HttpRequest, key: str) -> Report:
    try:
        return reading.found(request.user, key)
    except Report.DoesNotExist as error:
        raise Http404 from error
