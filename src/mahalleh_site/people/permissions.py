"""Who may: pairs `check_x(user)`, which raises a sentence, and `x(user)`, which says yes or no.

The default is nothing: a view is public (`ui.decorators.public_page`), open to whoever is signed in
(`requires(check_signed_in)`), or requires one of these; a test enumerates every address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from mahalleh_site.people import rules

SENTENCES = {
    "see-today": _("This page is for people with a role in the partnership. Ask your administrator for one."),
    "see-exact-counts": _("Exact counts are for coordinators, analysts and auditors."),
    "read-audit": _("The audit log is for auditors and administrators."),
    "manage-people": _("Organisations and roles are managed by administrators."),
}


class Refused(PermissionDenied):
    """Somebody may not do this; its text says who may."""


class NotAllowedError(ValueError):
    """What was asked breaks a rule of the house, whoever asks; the text says which. Actions raise it."""


def check_signed_in(user: Any) -> None:
    """Whoever has a working account."""
    if not (user.is_authenticated and user.is_active):
        raise Refused(_("Please sign in first."))


def signed_in(user: Any) -> bool:
    """Whether the account works."""
    return holds(check_signed_in, user)


def check_see_today(user: Any) -> None:
    """The page of what waits."""
    _check(user, "see-today")


def see_today(user: Any) -> bool:
    """Whether somebody may see what waits."""
    return holds(check_see_today, user)


def check_see_exact_counts(user: Any) -> None:
    """Counts before noise."""
    _check(user, "see-exact-counts")


def see_exact_counts(user: Any) -> bool:
    """Whether somebody may see counts before noise."""
    return holds(check_see_exact_counts, user)


def check_read_audit(user: Any) -> None:
    """The audit log."""
    _check(user, "read-audit")


def read_audit(user: Any) -> bool:
    """Whether somebody may read the audit log."""
    return holds(check_read_audit, user)


def check_manage_people(user: Any) -> None:
    """Organisations, accounts and roles."""
    _check(user, "manage-people")


def manage_people(user: Any) -> bool:
    """Whether somebody may manage organisations, accounts and roles."""
    return holds(check_manage_people, user)


def requires(check: Callable[[Any], None]) -> Callable[[Callable[..., Any]], Callable[..., HttpResponseBase]]:
    """The view is for whom `check` lets pass; others get the page that isn't there, strangers the sign-in."""

    def decorate(view: Callable[..., Any]) -> Callable[..., HttpResponseBase]:
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            try:
                check(request.user)
            except Refused as refused:
                raise Http404(str(refused)) from refused
            response: HttpResponseBase = view(request, *args, **kwargs)
            return response

        wrapped.requires = check  # type: ignore[attr-defined]
        return wrapped

    return decorate


def _check(user: Any, capability: str) -> None:
    check_signed_in(user)
    if not rules.may(user.roles(), capability):
        raise Refused(SENTENCES[capability])


def holds(check: Callable[[Any], None], user: Any) -> bool:
    """Whether a check lets somebody pass."""
    try:
        check(user)
    except Refused:
        return False
    return True
