"""Who may: pairs `check_x(user)`, which raises a sentence, and `x(user)`, which says yes or no.

The default is nothing: a view is public (`ui.decorators.public_page`), open to whoever is signed in
(`requires(check_signed_in)`), or requires one of these; a test enumerates every address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from mahalleh_site.people import police, rules
from mahalleh_site.ui.decorators import View

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from mahalleh_site.people.models import User

P = ParamSpec("P")
Anyone: TypeAlias = "User | AnonymousUser"  # whoever asks, signed in or not
Check: TypeAlias = Callable[[Anyone], None]  # raises Refused
StaffView: TypeAlias = "Callable[Concatenate[StaffRequest, P], HttpResponseBase]"

SENTENCES = {
    "see-today": _("This page is for people with a role in the partnership. Ask your administrator for one."),
    "see-exact-counts": _("Exact counts are for coordinators, analysts and auditors."),
    "read-audit": _("The audit log is for auditors and administrators."),
    "manage-people": _("Organisations and roles are managed by administrators."),
}


class StaffRequest(HttpRequest):
    """A request of somebody whom `requires` let pass: it comes from an account."""

    user: User


class Refused(PermissionDenied):
    """Somebody may not do this; its text says who may."""


class NotAllowedError(ValueError):
    """What was asked breaks a rule of the house, whoever asks; the text says which. Actions raise it."""


def check_signed_in(user: Anyone) -> None:
    """Whoever has a working account."""
    if not (user.is_authenticated and user.is_active):
        raise Refused(_("Please sign in first."))


def signed_in(user: Anyone) -> bool:
    """Whether the account works."""
    return holds(check_signed_in, user)


def check_see_today(user: Anyone) -> None:
    """The page of what waits."""
    _check(user, "see-today")


def see_today(user: Anyone) -> bool:
    """Whether somebody may see what waits."""
    return holds(check_see_today, user)


def check_see_exact_counts(user: Anyone) -> None:
    """Counts before noise. Careful topics are among them, so they are not for the police."""
    _check(user, "see-exact-counts")
    _check_not_police(user)


def see_exact_counts(user: Anyone) -> bool:
    """Whether somebody may see counts before noise."""
    return holds(check_see_exact_counts, user)


def check_read_audit(user: Anyone) -> None:
    """The audit log. It names careful reports and tells when sealed ones were opened: not for the police."""
    _check(user, "read-audit")
    _check_not_police(user)


def read_audit(user: Anyone) -> bool:
    """Whether somebody may read the audit log."""
    return holds(check_read_audit, user)


def check_manage_people(user: Anyone) -> None:
    """Organisations, accounts and roles."""
    _check(user, "manage-people")


def manage_people(user: Anyone) -> bool:
    """Whether somebody may manage organisations, accounts and roles."""
    return holds(check_manage_people, user)


def requires(check: Check) -> Callable[[StaffView[P]], View[P]]:
    """The view is for whom `check` lets pass; others get the page that isn't there, strangers the sign-in."""

    def decorate(view: StaffView[P]) -> View[P]:
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            try:
                check(request.user)
            except Refused as refused:
                raise Http404(str(refused)) from refused
            return view(cast("StaffRequest", request), *args, **kwargs)  # its user was just looked at

        wrapped.requires = check  # type: ignore[attr-defined]  # a mark on a function
        return wrapped

    return decorate


def roles_of(user: Anyone) -> frozenset[str]:
    """The roles that somebody holds now; none where nobody is signed in."""
    return user.roles() if user.is_authenticated else frozenset()


def _check(user: Anyone, capability: str) -> None:
    check_signed_in(user)
    if not rules.may(roles_of(user), capability):
        raise Refused(SENTENCES[capability])


def _check_not_police(user: Anyone) -> None:
    """Nobody who belongs to the police (`people.police`), in whatever role they have besides."""
    if user.is_authenticated and police.belongs(user):
        raise Refused(_("What residents did not agree to show to the police is part of this page."))


def holds(check: Check, user: Anyone) -> bool:
    """Whether a check lets somebody pass."""
    try:
        check(user)
    except Refused:
        return False
    return True
