"""The pages of people: parse, one action or query, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jdatetime
from allauth.account.views import LoginView, LogoutView, PasswordChangeView
from allauth.mfa.base.views import AuthenticateView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.tokens import default_token_generator
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.http import urlencode, urlsafe_base64_decode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mahalleh_site.house import rooms
from mahalleh_site.people import actions, audit_wording, demo, forms, mail, queries
from mahalleh_site.people.keys import unlocking
from mahalleh_site.people.models import Membership, Organisation, User
from mahalleh_site.people.permissions import (
    NotAllowedError,
    StaffRequest,
    check_manage_people,
    check_read_audit,
    check_see_today,
    check_signed_in,
    requires,
)
from mahalleh_site.ui import address

ENTRIES_A_PAGE = 50
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(check_see_today)
def today(request: StaffRequest) -> HttpResponse:
    """What waits for me."""
    found = {"memberships": queries.running_memberships(request.user), "waiting": rooms.waiting(request.user)}
    return _page(request, "today", found)


@get_or_post
@requires(check_signed_in)
def me(request: StaffRequest) -> HttpResponse:
    """My account."""
    form = forms.AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        actions.change_account(by=request.user, user=request.user, **form.cleaned_data)
        messages.success(request, _("Your account was changed."))
        return redirect("me")
    return _page(request, "me", {"form": form, "memberships": queries.running_memberships(request.user)})


@require_POST
@requires(check_signed_in)
def end_my_sessions(request: StaffRequest) -> HttpResponse:
    """Sign out everywhere."""
    actions.end_sessions(by=request.user, user=request.user)
    return _forgetting(redirect("account_login"))


@require_POST
@requires(check_signed_in)
def close_my_account(request: StaffRequest) -> HttpResponse:
    """Leave: the account is closed, and signed out everywhere."""
    if _try(request, lambda: actions.set_active(by=request.user, user=request.user, active=False)):
        return _forgetting(redirect("home"))
    return redirect("me")


@require_safe
@requires(check_manage_people)
def organisations(request: StaffRequest) -> HttpResponse:
    """All organisations, and accounts that belong to none."""
    found = {"organisations": queries.organisations(), "others": queries.without_role()}
    return _page(request, "organisations", found)


@get_or_post
@requires(check_manage_people)
def organisation_form(request: StaffRequest, number: int | None = None) -> HttpResponse:
    """A new organisation, or an old one to change."""
    old = get_object_or_404(Organisation, pk=number) if number else None
    form = forms.OrganisationForm(request.POST or None, instance=old)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_organisation(by=request.user, organisation=old, **form.cleaned_data)
            return redirect("organisation", saved.pk)
        except NotAllowedError as refused:
            form.add_error("kind", str(refused))
    return _page(request, "organisation_form", {"form": form, "organisation": old})


@require_safe
@requires(check_manage_people)
def organisation(request: StaffRequest, number: int) -> HttpResponse:
    """One organisation and who holds a role in it."""
    found = get_object_or_404(Organisation, pk=number)
    return _page(request, "organisation", {"organisation": found, "members": queries.members(found)})


@get_or_post
@requires(check_manage_people)
def invite(request: StaffRequest, number: int) -> HttpResponse:
    """Give somebody a role; the link for a new account is shown this once."""
    found = get_object_or_404(Organisation, pk=number)
    form = forms.InviteForm(request.POST or None, organisation=found)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.invite(by=request.user, organisation=found, **form.cleaned_data)
            if not made.user.has_usable_password():
                return _hand_over(request, made)
            messages.success(request, _("The role is given. The person signs in as before."))
            return redirect("person", made.user.pk)
        except NotAllowedError as refused:
            form.add_error("role", str(refused))
    return _page(request, "invite", {"form": form, "organisation": found})


@require_safe
@requires(check_manage_people)
def person(request: StaffRequest, number: int) -> HttpResponse:
    """One account: its roles, and what an administrator can do for it."""
    found = get_object_or_404(User, pk=number)
    held = [(role, forms.RoleForm(membership=role)) for role in queries.running_memberships(found)]
    return _page(request, "person", {"person": found, "held": held, "safe": queries.is_safe(found)})


@require_POST
@requires(check_manage_people)
def end_role(request: StaffRequest, number: int) -> HttpResponse:
    """Let a role end."""
    membership = get_object_or_404(Membership, pk=number, ended_at=None)
    _try(request, lambda: actions.end_role(by=request.user, membership=membership), _("The role has ended."))
    return redirect("person", membership.user_id)


@require_POST
@requires(check_manage_people)
def change_role(request: StaffRequest, number: int) -> HttpResponse:
    """Let another role take the place of one."""
    membership = get_object_or_404(Membership, pk=number, ended_at=None)
    form = forms.RoleForm(request.POST, membership=membership)
    if form.is_valid():
        change = {"by": request.user, "membership": membership, "role": form.cleaned_data["role"]}
        _try(request, lambda: actions.change_role(**change), _("The role was changed."))
    return redirect("person", membership.user_id)


@require_POST
@requires(check_manage_people)
def renew_link(request: StaffRequest, number: int) -> HttpResponse:
    """A new link to set a password, shown this once."""
    user = get_object_or_404(User, pk=number)
    try:
        return _hand_over(request, actions.renew_link(by=request.user, user=user))
    except NotAllowedError as refused:
        messages.error(request, str(refused))
        return redirect("person", number)


@require_POST
@requires(check_manage_people)
def forget_factors(request: StaffRequest, number: int) -> HttpResponse:
    """For somebody who has lost phone and key and codes."""
    user = get_object_or_404(User, pk=number)
    done = _("The second factors were taken away. At the next sign-in the person adds a new one.")
    _try(request, lambda: actions.forget_factors(by=request.user, user=user), done)
    return redirect("person", number)


@require_POST
@requires(check_manage_people)
def set_active(request: StaffRequest, number: int) -> HttpResponse:
    """Close an account or open it again."""
    user = get_object_or_404(User, pk=number)
    active = request.POST.get("active") == "yes"
    done = _("The account is open.") if active else _("The account is closed and signed out everywhere.")
    _try(request, lambda: actions.set_active(by=request.user, user=user, active=active), done)
    return redirect("person", number)


@require_POST
@requires(check_manage_people)
def erase(request: StaffRequest, number: int) -> HttpResponse:
    """Forget who a closed account belonged to."""
    user = get_object_or_404(User, pk=number)
    done = _("Name, address and keys of the account are erased.")
    _try(request, lambda: actions.erase_account(by=request.user, user=user), done)
    return redirect("person", number)


@require_safe
@requires(check_read_audit)
def audit_log(request: StaffRequest) -> HttpResponse:
    """What was done, by whom, when."""
    now = timezone.localdate()
    solar = settings.CITY.calendar == "persian" and get_language() == "fa"  # as pages show days
    shown = jdatetime.date.fromgregorian(date=now) if solar else now
    form = forms.AuditFilter(request.GET, verbs=queries.audit_verbs(), today=shown.strftime("%Y/%m/%d"))
    chosen = form.cleaned_data if form.is_valid() else {}
    entries = queries.audit_entries(verb=chosen.get("verb", ""), day=chosen.get("day"))
    page = Paginator(entries, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    kept = {name: request.GET[name] for name in ("verb", "day") if request.GET.get(name)}
    query = f"{urlencode(kept)}&" if kept else ""
    return _page(
        request, "audit", {"form": form, "page": page, "lines": audit_wording.lines(page), "query": query}
    )


@never_cache
@get_or_post
def welcome(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Where an invitation leads: the first password. A used or old link is as one that never was."""
    user = _invited(uid, token)
    form = forms.FirstPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        actions.set_first_password(by=user, user=user, password=password, language=get_language())
        messages.success(request, _("Your password is set. Sign in, then add a second factor."))
        return redirect("account_login")
    return _page(request, "welcome", {"form": form, "invited": user})


@never_cache
@require_POST
def enter_demo(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demonstration's invented people. In any other mode this is no page."""
    if not settings.CITY.is_demo:
        raise Http404
    user = get_object_or_404(
        User, email=f"{request.POST.get('role')}@demo.invalid", is_demo=True, is_active=True
    )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    demo.enter(request, user)
    return redirect("today")


class OurFrame:
    """allauth calls the host name `site` in some of its pages; our frame means the city by it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """allauth's variables without that one."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # a mixin
        context.pop("site", None)
        return context


class SignIn(OurFrame, LoginView):  # type: ignore[misc]  # allauth has no types
    """Sign in."""


class SecondStep(OurFrame, AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """The second factor, after the password."""


class SignOut(LogoutView):  # type: ignore[misc]  # allauth has no types
    """Sign out, and let the browser forget what it kept of us."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Out."""
        response: HttpResponse = super().post(*args, **kwargs)
        for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, unlocking.COOKIE):
            response.delete_cookie(name, samesite="Strict")
        # all cookies but one go: the browser stays known, or signing out would help whoever guesses passwords
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class NewPassword(PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    """Another password. The demonstration's accounts have none, so there this is no page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For whoever has a password."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            raise Http404
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


# Marks for the test that enumerates every address: open to strangers by design, each for its reason.
welcome.open_because = "an invitation's link is its own key"  # type: ignore[attr-defined]  # a mark
enter_demo.open_because = "answers 404 outside the demonstration"  # type: ignore[attr-defined]  # a mark


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"people/{name}.html", context)


def _hand_over(request: HttpRequest, made: actions.Invitation) -> HttpResponse:
    """Show a link once, and mail it where mail is set up."""
    link = address.absolute(reverse("welcome", args=[made.uid, made.token]))
    sent = mail.send_link(made.user, link)
    return _page(request, "link", {"person": made.user, "link": link, "sent": sent})


def _invited(uid: str, token: str) -> User:
    try:
        user = User.objects.get(pk=force_str(urlsafe_base64_decode(uid)), is_active=True, is_demo=False)
    except (ValueError, OverflowError, User.DoesNotExist):
        raise Http404 from None
    if not default_token_generator.check_token(user, token):
        raise Http404
    return user


def _try(request: HttpRequest, action: Callable[[], object], done: str = "") -> bool:
    """Do it and say so, or say why not."""
    try:
        action()
    except NotAllowedError as refused:
        messages.error(request, str(refused))
        return False
    if done:
        messages.success(request, done)
    return True


def _forgetting(response: HttpResponse) -> HttpResponse:
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
