"""Reading reports: the queue, one report, its photos, how the resident can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from mahalleh_site.listen import permissions
from mahalleh_site.listen.desk import forms, offers
from mahalleh_site.listen.desk.actions import handling
from mahalleh_site.listen.desk.queries import queue, reading
from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.people.keys.seal import SealError
from mahalleh_site.people.keys.unlocking import opened_key
from mahalleh_site.people.permissions import StaffRequest, requires

REPORTS_A_PAGE = 20
View = Callable[..., HttpResponse]


def opened(view: View) -> View:
    """For a report that somebody may know of, with the key that opens it; without it: to the key's page."""

    def wrapped(request: StaffRequest, number: str, **more: Any) -> HttpResponse:
        try:
            report = reading.found(request.user, number)
        except Report.DoesNotExist as error:
            raise Http404 from error
        member_key = opened_key(request)
        if member_key is None:
            back = reverse("report-staff", args=[number])
            return redirect(f"{reverse('my-key')}?{urlencode({'next': back})}")
        try:
            return view(request, report, member_key, **more)
        except SealError:
            return render(request, "listen/staff_closed.html", {"report": report}, status=403)

    return wrapped


@require_safe
@requires(permissions.check_see_reports)
def listen(request: StaffRequest) -> HttpResponse:
    """The queue, the oldest promise first."""
    form = forms.QueueFilter(request.GET, **queue.choices(request.user))
    chosen = form.chosen()
    page = Paginator(queue.queue(request.user, **chosen), REPORTS_A_PAGE).get_page(request.GET.get("page"))
    member_key = opened_key(request)
    reports = list(page.object_list)
    if member_key is not None and reports:
        handling.read_queue(by=request.user)
    shown = {
        "form": form,
        "page": page,
        "rows": queue.rows(reports, request.user, member_key),
        "closed": member_key is None,
        "filtered": bool(chosen),
        "query": f"{urlencode(chosen)}&" if chosen else "",
        "may_set_up": permissions.manage_routes(request.user),
        "waiting": len(queue.waiting(request.user)),
    }
    return render(request, "listen/staff_queue.html", shown)


@require_safe
@requires(permissions.check_see_reports)
@opened
def report_staff(request: StaffRequest, report: Report, member_key: bytes) -> HttpResponse:
    """One report, opened; that it was opened is written into the audit log."""
    return shown(request, report, member_key)


@require_POST
@requires(permissions.check_see_reports)
@opened
def report_contact(request: StaffRequest, report: Report, member_key: bytes) -> HttpResponse:
    """How the resident can be reached: shown when asked for, and written down."""
    contact = reading.contact(report, request.user, member_key)
    handling.read(by=request.user, report=report, what="contact")
    return shown(request, report, member_key, contact=contact)


@require_safe
@requires(permissions.check_see_reports)
@opened
def report_photo(request: StaffRequest, report: Report, member_key: bytes, photo: int) -> HttpResponse:
    """A photo."""
    try:
        jpeg = reading.photo(report, photo, request.user, member_key)
    except Photo.DoesNotExist as error:
        raise Http404 from error
    handling.read(by=request.user, report=report)
    return HttpResponse(jpeg, content_type="image/jpeg")


def shown(
    request: StaffRequest, report: Report, member_key: bytes, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a report. `more`: `contact`, or `bound`: the form of an offer with its faults."""
    page = reading.page(report, request.user, member_key, timezone.localdate())
    handling.read(by=request.user, report=report)
    handling.read_added(by=request.user, report=report)
    may = reading.may(report, request.user)
    alike = reading.alike(report, request.user, member_key) if "merge" in may.verbs else []
    context = {
        "page": page,
        "may": may,
        "alike": alike,
        "offers": offers.forms_for(request, report, page, may, more.pop("bound", None)),
        "templates": reading.templates(request.user),
        **more,
    }
    return render(request, "listen/staff_report.html", context, status=status)
