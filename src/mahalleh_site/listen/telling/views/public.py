"""What everyone may see of a report whose sender allowed it, and “I have this too”."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.decorators import residents
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.queries import published
from mahalleh_site.listen.telling.queries import receipts, similar
from mahalleh_site.people import limits
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.sealed import form_token
from mahalleh_site.ui.decorators import public_page
from mahalleh_site.ui.templatetags.mahalleh import language


@public_page
def report(request: HttpRequest, number: str) -> HttpResponse:
    """One report, as a moderator published it, with what was promised and done."""
    page = published.report(number)
    if page is None:
        raise Http404
    return render(request, "listen/report.html", {"page": page})


@residents.form("anyone may say that they have the same trouble")
def also(request: HttpRequest, number: str) -> HttpResponse:
    """“I have this too”: a receipt of one's own for somebody else's report."""
    found = similar.named(number)
    if found is None:
        raise Http404
    if limits.count("reports", limits.visitor(request), seconds=rules.HOUR) > rules.HELD_FROM:
        return residents.refused(
            request,
            429,
            _("Please wait a little"),
            _("Many reports came from your connection. Try again in an hour."),
        )
    token = form_token.new(Report.ROOM)
    try:
        made = intake.also(found, token=token, language=language())
    except NotAllowedError as error:
        return residents.refused(request, 409, _("This report has just been closed"), str(error))
    return render(request, "listen/sent.html", receipts.sent(made, token.receipt), status=201)
