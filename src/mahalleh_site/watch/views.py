"""The pages of the watch: signals, one signal, deciding, and how it went."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mahalleh_site.people.permissions import NotAllowedError, StaffRequest, requires
from mahalleh_site.watch import actions, charts, forms, permissions, queries, rules, wording
from mahalleh_site.watch.maps import signal_map
from mahalleh_site.watch.models import Signal

SIGNALS_A_PAGE = 20


@require_safe
@requires(permissions.check_see_signals)
def signals(request: StaffRequest) -> HttpResponse:
    """All signals, the strongest and newest first."""
    form = forms.SignalFilter(request.GET, **queries.filter_choices())
    chosen = form.chosen()
    page = Paginator(queries.signals(**chosen), SIGNALS_A_PAGE).get_page(request.GET.get("page"))
    waiting = queries.undecided()
    shown = {"form": form, "page": page, "rows": page.object_list, "filtered": bool(chosen)}
    shown |= {"waiting": len(waiting), "first": waiting[0] if waiting else None}
    looked = queries.last_look()
    shown |= {"looked": looked, "topics": queries.topics_looked(looked) if looked else None}
    shown |= {"query": f"{urlencode(chosen)}&" if chosen else "", "in_use": queries.any_method_in_use()}
    return render(request, "watch/signals.html", shown)


@require_safe
@requires(permissions.check_see_signals)
def signal(request: StaffRequest, signal_id: str) -> HttpResponse:
    """One signal: is this real, and does it need something?"""
    try:
        page = queries.signal(signal_id)
    except Signal.DoesNotExist as error:
        raise Http404 from error
    caption = wording.caption(page.row.topic.name, page.row.newest.freq)
    shown = {
        "page": page,
        "figure": charts.figure(page.curve, caption),
        "map": signal_map(page.row.newest.areas),
        "may_decide": permissions.decide_signals(request.user) and bool(rules.allowed(page.row.status)),
        "unmatched": page.row.newest.recurrence > page.computed.replicates,
        "seldom_year": queries.stated_rate(),
    }
    return render(request, "watch/signal.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.check_decide_signals)
def decide(request: StaffRequest, signal_id: str) -> HttpResponse:
    """What becomes of a signal, with a reason."""
    try:
        row = queries.signal_row(signal_id)
    except Signal.DoesNotExist as error:
        raise Http404 from error
    problems = apps.is_installed("mahalleh_site.respond")
    verbs = [verb for verb in rules.allowed(row.status) if problems or verb != "open_problem"]
    form = forms.DecideForm(request.POST or None, group=row.topic.group, verbs=verbs)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide(by=request.user, id=signal_id, **form.decided())
            messages.success(request, _("The decision is recorded."))
            return redirect("signal", signal_id)
        except NotAllowedError as refused:
            form.add_error(None, str(refused))
    shown: dict[str, Any] = {"row": row, "form": form, "problems": problems, "hints": wording.VERB_HELP}
    return render(request, "watch/decide.html", shown)


@require_safe
@requires(permissions.check_see_calibration)
def calibration(request: StaffRequest) -> HttpResponse:
    """How far signals can be trusted, by the city's own past."""
    page = queries.calibration()
    return render(
        request,
        "watch/calibration.html",
        {"page": page, **(wording.calibration(page) if page else {})}
        | {"may_see_signals": permissions.see_signals(request.user)},
    )
