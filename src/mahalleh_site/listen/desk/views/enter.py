"""The offline path: a partner enters what somebody told or wrote, and hands over the receipt."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mahalleh_site.listen import once, permissions
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk import forms
from mahalleh_site.listen.queries import routing
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.permissions import NotAllowedError, requires
from mahalleh_site.ui.templatetags.mahalleh import language


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.check_see_reports)
def enter(request: HttpRequest) -> HttpResponse:
    """A report for a resident; its receipt is shown once, to be handed over."""
    begun = once.read(request.POST.get("form", "")) or once.new()
    form = forms.EnterForm(request.POST or None, topics=routing.offered())
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        channel = given.pop("channel")
        home = request.user.memberships.filter(ended_at=None, role__in=permissions.READERS).first()
        try:
            report = intake.send(
                intake.Telling(cell=None, language=language(), **given),
                once=begun,
                channel=channel,
                by=request.user,
                organisation=home.organisation if home else None,
            )
            return render(
                request, "listen/staff_handed.html", receipts.sent(report, begun.receipt), status=201
            )
        except NotAllowedError as refused:
            form.add_error(None, str(refused))
        except (DatabaseError, OSError):
            form.add_error(
                None, _("We could not keep it just now; nothing was stored. Please send it again.")
            )
    status = 400 if form.is_bound else 200
    return render(request, "listen/staff_enter.html", {"form": form, "begun": begun}, status=status)
