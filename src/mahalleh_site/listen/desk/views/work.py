"""Working on reports: one address for all that is offered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mahalleh_site.listen import permissions
from mahalleh_site.listen.desk import offers
from mahalleh_site.listen.desk.queries import reading
from mahalleh_site.listen.desk.views.reports import opened, shown
from mahalleh_site.listen.models import Report
from mahalleh_site.people.keys.unlocking import opened_key
from mahalleh_site.people.permissions import NotAllowedError, Refused, StaffRequest, requires


@require_POST
@requires(permissions.check_see_reports)
def work(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    """Do it and say so, or show what is wrong with everything kept that was written."""
    if verb not in offers.OFFERS:
        raise Http404
    if opened_key(request) is None and offers.OFFERS[verb].form is not None:
        report = _found(request, number)
        form = offers.form_for(verb, request, report, request.POST)
        return _kept(request, report, form, _("Your key was closed meanwhile."), again=True)
    answer: HttpResponse = _work(request, number, verb=verb)
    return answer


@opened
def _work(request: StaffRequest, report: Report, member_key: bytes, verb: str) -> HttpResponse:
    offer, form = offers.OFFERS[verb], offers.form_for(verb, request, report, request.POST)
    if form is not None and not form.is_valid():
        return _again(request, report, member_key, verb, form, status=400)
    try:
        offer.act(request.user, report, member_key, form.cleaned_data if form is not None else {})
    except (Refused, NotAllowedError) as refused:
        if form is None:
            messages.error(request, str(refused))
            return redirect("report-staff", _found(request, report.number).number)
        form.add_error(None, str(refused))
        return _again(request, report, member_key, verb, form, status=409)
    messages.success(request, str(offer.done))
    try:
        reading.found(request.user, report.number)
    except Report.DoesNotExist:  # it is not for these eyes any more
        return redirect("listen")
    return redirect("report-staff", report.number)


def _again(
    request: StaffRequest, report: Report, member_key: bytes, verb: str, form: Any, *, status: int
) -> HttpResponse:
    """The report's page with what was written; where this can be done no longer, what was written alone."""
    fresh = _found(request, report.number)
    if verb in offers.verbs(fresh, reading.may(fresh, request.user)):
        return shown(request, fresh, member_key, status=status, bound=(verb, form))
    why = form.non_field_errors() or [_("This is not possible any more: somebody was quicker.")]
    return _kept(request, fresh, form, why[0])


def _kept(request: StaffRequest, report: Report, form: Any, why: str, *, again: bool = False) -> HttpResponse:
    about = {"report": report, "form": form, "why": why, "again": again}
    return render(request, "listen/staff_kept.html", about, status=409)


def _found(request: StaffRequest, number: str) -> Report:
    try:
        return reading.found(request.user, number)
    except Report.DoesNotExist as error:
        raise Http404 from error
