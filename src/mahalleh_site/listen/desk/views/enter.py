"""The offline path: a partner enters what somebody told or wrote, and hands over the receipt."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from mahalleh_site.listen import permissions
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.desk import forms
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.queries import routing
from mahalleh_site.listen.telling.queries import receipts
from mahalleh_site.people.permissions import NotAllowedError, StaffRequest, requires
from mahalleh_site.sealed import form_token
from mahalleh_site.sealed.actions.sending import SentAlreadyError
from mahalleh_site.ui.templatetags.mahalleh import language

_SENT = gettext_lazy(
    "This form was sent already: “%(topic)s, %(area)s” is kept, and its receipt was shown then. "
    "If this is another report, send it now; it gets a receipt of its own."
)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.check_see_reports)
def enter(request: StaffRequest) -> HttpResponse:
    """A report for a resident; its receipt is shown once, to be handed over."""
    token = form_token.read(request.POST.get("form", ""), Report.ROOM) or form_token.new(Report.ROOM)
    form = forms.EnterForm(request.POST or None, topics=routing.offered())
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        channel = given.pop("channel")
        home = request.user.memberships.filter(ended_at=None, role__in=permissions.READERS).first()
        try:
            report = intake.send(
                intake.Submission(cell=None, language=language(), **given),
                token=token,
                channel=channel,
                by=request.user,
                organisation=home.organisation if home else None,
            )
            return render(
                request, "listen/staff_handed.html", receipts.sent(report, token.receipt), status=201
            )
        except SentAlreadyError as known:
            token = form_token.new(Report.ROOM)
            kept = Report.objects.select_related("topic", "area").get(pk=known.conversation.pk)
            form.add_error(None, _SENT % {"topic": kept.topic.name, "area": kept.area.name})
        except NotAllowedError as refused:
            form.add_error(None, str(refused))
        except (DatabaseError, OSError):
            form.add_error(
                None, _("We could not keep it just now; nothing was stored. Please send it again.")
            )
    status = 400 if form.is_bound else 200
    return render(request, "listen/staff_enter.html", {"form": form, "token": token}, status=status)
