"""Setting the room up: who receives what, answers to begin with, programs that may send reports."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mahalleh_site.listen import permissions
from mahalleh_site.listen.desk import forms
from mahalleh_site.listen.desk.actions import setup
from mahalleh_site.listen.models import ApiKey, Route, Template
from mahalleh_site.listen.queries import routing
from mahalleh_site.people.keys import seal
from mahalleh_site.people.permissions import NotAllowedError, StaffRequest, requires

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@requires(permissions.check_manage_routes)
def routes(request: StaffRequest) -> HttpResponse:
    """Who receives what; topics that nobody receives are named first."""
    form = forms.RouteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            setup.add_route(by=request.user, **form.cleaned_data)
            messages.success(request, _("From now on it goes there."))
            return redirect("listen-setup")
        except NotAllowedError as refused:
            form.add_error(None, str(refused))
    shown = {
        "form": form,
        "routes": Route.objects.select_related("organisation", "topic", "district", "area"),
        "unheard": routing.unheard(),
        "templates": Template.objects.all(),
        "programs": ApiKey.objects.filter(ended_on=None).select_related("organisation"),
        "program_form": forms.ApiKeyForm(auto_id="program-%s"),
    }
    return render(request, "listen/staff_setup.html", shown)


@get_or_post
@requires(permissions.check_manage_routes)
def template(request: StaffRequest, number: int | None = None) -> HttpResponse:
    """An answer to begin with: a new one, or one to change."""
    old = get_object_or_404(Template, pk=number) if number else None
    form = forms.TemplateForm(request.POST or None, instance=old)
    if request.method == "POST" and form.is_valid():
        setup.save_template(by=request.user, template=old, **form.cleaned_data)
        return redirect("listen-setup")
    return render(request, "listen/staff_template.html", {"form": form, "template": old})


@require_POST
@requires(permissions.check_manage_routes)
def make_program(request: StaffRequest) -> HttpResponse:
    """A key for a program, shown this once."""
    form = forms.ApiKeyForm(request.POST, auto_id="program-%s")
    if not form.is_valid():
        messages.error(request, _("Name the program, and on whose behalf it sends."))
        return redirect("listen-setup")
    code = setup.make_api_key(by=request.user, **form.cleaned_data)
    return render(request, "listen/staff_program.html", {"code": seal.grouped(code), **form.cleaned_data})


def _remove(
    model: type[Model], action: Callable[..., object], name: str, done: Callable[[], str]
) -> Callable[..., HttpResponseBase]:
    @require_POST
    @requires(permissions.check_manage_routes)
    def view(request: StaffRequest, number: int) -> HttpResponse:
        action(by=request.user, **{name: get_object_or_404(model, pk=number)})
        messages.success(request, done())
        return redirect("listen-setup")

    return view


remove_route = _remove(Route, setup.remove_route, "route", lambda: _("It goes there no longer."))
remove_template = _remove(Template, setup.remove_template, "template", lambda: _("The answer was removed."))
end_program = _remove(ApiKey, setup.end_api_key, "key", lambda: _("The program can send no more."))
