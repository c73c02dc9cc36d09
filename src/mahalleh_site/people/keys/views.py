"""The page of the member's key: make it, open it for this session, recover it, give colleagues access."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mahalleh_site.people import limits
from mahalleh_site.people.keys import actions, forms, holding, seal, unlocking
from mahalleh_site.people.models import MemberKey
from mahalleh_site.people.permissions import StaffRequest, check_signed_in, requires

TRIES, WITHIN = 10, 300  # of passwords and codes, in so many seconds


@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(check_signed_in)
def key(request: StaffRequest) -> HttpResponse:
    """Open the key with the password; where there is none, or the password changed, say what to do."""
    form, status = forms.OpenKeyForm(user=request.user), 200
    if request.method == "POST":
        if limits.count("key", str(request.user.pk), seconds=WITHIN) <= TRIES:
            form = forms.OpenKeyForm(request.POST, user=request.user)
            done = _opened(request, form) if form.is_valid() else None
            if done is not None:
                return done
        else:  # the form is not looked at: what it says of the password would be one more try
            messages.error(request, _("Too many tries. Please wait five minutes, then try again."))
            status = 429
    found = {
        "form": form,
        "has_key": MemberKey.objects.filter(user=request.user).exists(),
        "opened": unlocking.opened_key(request) is not None,
        "newcomers": holding.newcomers(request.user),
        "next": request.GET.get("next", ""),
    }
    return render(request, "people/key.html", found, status=status)


@require_POST
@requires(check_signed_in)
def close_key(request: StaffRequest) -> HttpResponse:
    """Sealed things are closed again for this session."""
    unlocking.forget(request)
    return redirect("my-key")


@require_POST
@requires(check_signed_in)
def grant(request: StaffRequest) -> HttpResponse:
    """Give a colleague access to what an organisation can open."""
    member_key = unlocking.opened_key(request)
    wanted = (request.POST.get("user"), request.POST.get("organisation"))
    found = next(
        (n for n in holding.newcomers(request.user) if (str(n.user.pk), str(n.organisation.pk)) == wanted),
        None,
    )
    if member_key is None or found is None:
        raise Http404
    actions.grant(by=request.user, member_key=member_key, user=found.user, organisation=found.organisation)
    messages.success(request, _("%(name)s can open sealed messages now.") % {"name": found.user.name})
    return redirect("my-key")


def _opened(request: StaffRequest, form: forms.OpenKeyForm) -> HttpResponse | None:
    """The answer to a password or code that was right; None, with the form's error, where it was not."""
    user, given = request.user, form.cleaned_data
    if given["do"] == "open":
        if unlocking.unlock(request, user, given["password"]):
            return redirect(_next(request))
        form.add_error("password", _("This password does not open your key."))
        return None
    if given["do"] == "recover":
        try:
            member_key, code = actions.recover(by=user, code=given["code"], password=given["password"])
        except seal.SealError:
            form.add_error("code", _("This is not the recovery code of your key."))
            return None
        unlocking.hold(request, user, member_key)
    else:
        code = actions.make_key(by=user, password=given["password"])
        unlocking.unlock(request, user, given["password"])
    return render(request, "people/key_code.html", {"code": seal.grouped(code), "next": _next(request)})


def _next(request: HttpRequest) -> Any:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=False)
    return wanted if safe and wanted.startswith("/") else reverse("today")
