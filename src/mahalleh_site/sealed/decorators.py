"""Addresses of residents: they take a form from anyone and keep nothing of who sent it.

They set no cookie, so there is nothing that a stranger's page could misuse in somebody's name: what proves a
right is in the form itself (a receipt, or the token of a begun form). A form that a stranger's page sends is
refused all the same, since it could write through the browsers of its readers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from mahalleh_site import logs

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Residents:
    """A room's forms for residents. `template`: its page for what could not be done, with `title` and `text`.

    `room`: as its log is named. `too_much`: what it says where more is sent than it takes.
    """

    room: str
    template: str
    too_much: Any

    def form(self, because: str) -> Callable[[View], View]:
        """A form of residents, open to everyone for a reason that the list of addresses shows."""

        def decorate(view: View) -> View:
            @csrf_exempt
            @sensitive_post_parameters()
            @never_cache
            @require_POST
            @wraps(view)
            def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                return self._unfit(request) or self._answered(view, request, *args, **kwargs)

            wrapped.open_because = because  # type: ignore[attr-defined]  # a mark on a function
            return wrapped

        return decorate

    def refused(self, request: HttpRequest, status: int, title: str, text: Any) -> HttpResponse:
        """A page that says what happened and what to do."""
        return render(request, self.template, {"title": title, "text": text}, status=status)

    def _unfit(self, request: HttpRequest) -> HttpResponse | None:
        """The page that says why this is not looked at; None where it is."""
        if is_too_large(request):
            return self.refused(request, 413, _("That is too much at once"), self.too_much)
        if any("\x00" in value for values in request.POST.lists() for value in values[1]):
            return self.refused(
                request,
                400,
                _("We couldn't read that request"),
                _("Nothing was changed. Go back, check what you entered and try again."),
            )
        if is_foreign(request):
            return self.refused(
                request,
                403,
                _("This form came from another site"),
                _("Nothing was kept. Please open this site yourself and write there."),
            )
        return None

    def _answered(self, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DatabaseError, OSError) as error:
            logs.get(self.room).error("not kept", extra={"event": type(error).__name__})
            return self.refused(
                request,
                503,
                _("We could not keep it just now"),
                _(
                    "Nothing was stored. Go back: what you wrote is still in the form. "
                    "Please send it again in a minute."
                ),
            )


def is_too_large(request: HttpRequest) -> bool:
    """Whether more is announced than is read: files beyond this size would be left out without a word."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    except ValueError:
        return True


def is_foreign(request: HttpRequest) -> bool:
    """Whether the browser says that another site's page sent this form.

    Pages here send no referrer, and browsers then call their origin `null`; which site it was they say in
    `Sec-Fetch-Site` all the same. A browser too old for that header is believed.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.get_host()
