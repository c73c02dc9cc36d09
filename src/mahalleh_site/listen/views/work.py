"""Working on reports: one address for every deed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from mahalleh_site.listen import permissions
from mahalleh_site.listen.actions import NotAllowedError
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.queries import one
from mahalleh_site.listen.views import deeds
from mahalleh_site.listen.views.staff import opened, shown
from mahalleh_site.people.permissions import Refused, requires


@require_POST
@requires(permissions.check_see_reports)
@opened
def work(request: HttpRequest, report: Report, private: bytes, verb: str) -> HttpResponse:
    """Do it and say so, or show what is wrong with everything kept that was written."""
    if verb not in deeds.DEEDS:
        raise Http404
    deed, form = deeds.DEEDS[verb], deeds.form_for(verb, request, report, request.POST)
    if form is not None and not form.is_valid():
        return shown(request, report, private, status=400, bound=(verb, form))
    try:
        deed.act(request.user, report, private, form.cleaned_data if form is not None else {})
    except Refused as refused:
        raise Http404 from refused
    except NotAllowedError as refused:
        if form is None:
            messages.error(request, str(refused))
            return redirect("report-staff", report.key)
        form.add_error(None, str(refused))
        return shown(request, report, private, status=409, bound=(verb, form))
    messages.success(request, str(deed.done))
    try:
        one.found(request.user, report.key)
    except Report.DoesNotExist:  # it is not for these eyes any more
        return redirect("listen")
    return redirect("report-staff", report.key)
