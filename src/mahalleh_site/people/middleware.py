"""Every account is a staff account: it has a second factor before it can do anything, and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

# What a person without a second factor may reach: setting one up, and leaving.
SETTING_UP = ("mfa_", "account_logout", "account_reauthenticate")


class StaffSecondFactor:
    """Sends whoever has no second factor to set one up. The demonstration's accounts need none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        """Stand between a view and an account that is not yet safe."""
        if getattr(view, "public_page", False) or getattr(view, "machine_page", False):
            return None
        if not request.user.is_authenticated:
            return None
        if settings.CITY.is_demo and request.user.is_demo:
            return None
        name = (request.resolver_match and request.resolver_match.url_name) or ""
        if name.startswith(SETTING_UP) or is_mfa_enabled(request.user):
            return None
        return redirect("mfa_index")


class NothingSuspended:
    """Lets no session hold a whole request.

    A form that needs the password again is kept by allauth until it was given, with all that came with it:
    the browser's address, and its cookies, which hold the other half of the opened key (keys.unlocking). The
    form is forgotten instead; after the password its page stands there again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and forget."""
        response = self.get_response(request)
        session = request.session
        if session.accessed and "request" in session.get(STATE_SESSION_KEY, {}):
            del session[STATE_SESSION_KEY]
        return response
