"""Reading reports: the queue, one report, its photos, how the resident can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from mahalleh_site.listen import permissions, staff_forms
from mahalleh_site.listen.actions import staff
from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.listen.queries import one, queue
from mahalleh_site.listen.views import deeds
from mahalleh_site.people.permissions import requires
from mahalleh_site.people.seal import SealError
from mahalleh_site.people.unlocking import private_key

REPORTS_A_PAGE = 20
View = Callable[..., HttpResponse]


def opened(view: View) -> View:
    """For a report that somebody may know of, with the key that opens it; without it: to the key's page."""

    def wrapped(request: HttpRequest, key: str, **more: Any) -> HttpResponse:
        try:
            report = one.found(request.user, key)
        except Report.DoesNotExist as error:
            raise Http404 from error
        private = private_key(request)
        if private is None:
            back = reverse("report-staff", args=[key])
            return redirect(f"{reverse('my-key')}?{urlencode({'next': back})}")
        try:
            return view(request, report, private, **more)
        except SealError:
            return render(request, "listen/staff_closed.html", {"report": report}, status=403)

    return wrapped


@require_safe
@requires(permissions.check_see_reports)
def listen(request: HttpRequest) -> HttpResponse:
    """The queue, the oldest promise first."""
    form = staff_forms.QueueFilter(request.GET, **queue.choices(request.user))
    chosen = form.chosen()
    page = Paginator(queue.queue(request.user, **chosen), REPORTS_A_PAGE).get_page(request.GET.get("page"))
    private = private_key(request)
    if private is not None and page.object_list:
        staff.read_queue(by=request.user)
    shown = {
        "form": form,
        "page": page,
        "rows": queue.rows(page.object_list, request.user, private),
        "closed": private is None,
        "filtered": bool(chosen),
        "query": f"{urlencode(chosen)}&" if chosen else "",
        "may_set_up": permissions.manage_routes(request.user),
        "waiting": len(queue.waiting(request.user)),
    }
    return render(request, "listen/staff_queue.html", shown)


@require_safe
@requires(permissions.check_see_reports)
@opened
def report_staff(request: HttpRequest, report: Report, private: bytes) -> HttpResponse:
    """One report, opened; that it was opened is written into the audit log."""
    return shown(request, report, private)


@require_POST
@requires(permissions.check_see_reports)
@opened
def report_contact(request: HttpRequest, report: Report, private: bytes) -> HttpResponse:
    """How the resident can be reached: shown when asked for, and written down."""
    contact = one.contact(report, request.user, private)
    staff.read(by=request.user, report=report, what="contact")
    return shown(request, report, private, contact=contact)


@require_safe
@requires(permissions.check_see_reports)
@opened
def report_photo(request: HttpRequest, report: Report, private: bytes, number: int) -> HttpResponse:
    """A photo."""
    try:
        jpeg = one.photo(report, number, request.user, private)
    except Photo.DoesNotExist as error:
        raise Http404 from error
    staff.read(by=request.user, report=report)
    return HttpResponse(jpeg, content_type="image/jpeg")


def shown(
    request: HttpRequest, report: Report, private: bytes, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a report. `more`: `contact`, or `bound`: the form of a deed with its faults."""
    page = one.page(report, request.user, private, timezone.localdate())
    staff.read(by=request.user, report=report)
    staff.read_added(by=request.user, report=report)
    may = one.may(report, request.user)
    alike = one.alike(report, request.user, private) if "merge" in may.verbs else []
    context = {
        "page": page,
        "may": may,
        "alike": alike,
        "deeds": deeds.forms_for(request, report, page, may, more.pop("bound", None)),
        "templates": one.templates(request.user),
        **more,
    }
    return render(request, "listen/staff_report.html", context, status=status)
