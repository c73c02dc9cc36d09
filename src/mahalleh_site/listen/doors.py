"""The doors of residents: addresses that take a form from anyone and keep nothing of who sent it.

They set no cookie, so there is nothing that a stranger's page could misuse in somebody's name: what proves a
right is in the form itself (a receipt, or the word of a begun form). A form that a stranger's page sends is
refused all the same, since it could send reports through the browsers of its readers.
"""

from __future__ import annotations

from collections.abc import Callable
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

log = logs.get("listen")
View = Callable[..., HttpResponse]


def for_residents(because: str) -> Callable[[View], View]:
    """A form of residents, open to everyone for a reason that the list of addresses shows."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @sensitive_post_parameters()
        @never_cache
        @require_POST
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if too_large(request):
                return refused(
                    request,
                    413,
                    _("That is too much at once"),
                    _(
                        "Please send fewer or smaller photos: three, of at most 12 megabytes each. "
                        "Nothing was kept."
                    ),
                )
            if any("\x00" in value for values in request.POST.lists() for value in values[1]):
                return refused(
                    request,
                    400,
                    _("We couldn't read that request"),
                    _("Nothing was changed. Go back, check what you entered and try again."),
                )
            if _foreign(request):
                return refused(
                    request,
                    403,
                    _("This form came from another site"),
                    _("Nothing was kept. Please open this site yourself and write there."),
                )
            try:
                return view(request, *args, **kwargs)
            except (DatabaseError, OSError) as error:
                log.error("not kept", extra={"event": type(error).__name__})
                return refused(
                    request,
                    503,
                    _("We could not keep it just now"),
                    _(
                        "Nothing was stored. Go back: what you wrote is still in the form. "
                        "Please send it again in a minute."
                    ),
                )

        wrapped.open_because = because  # type: ignore[attr-defined]
        return wrapped

    return decorate


def refused(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page that says what happened and what to do."""
    shown = {"title": title, "text": text}
    return render(request, "listen/refused.html", shown, status=status)


def too_large(request: HttpRequest) -> bool:
    """Whether more is announced than is read: photos beyond this size would be left out without a word."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return True
    return length > settings.FILE_UPLOAD_MAX_MEMORY_SIZE


def _foreign(request: HttpRequest) -> bool:
    """Whether the browser says that another site's page sent this form.

    Pages here send no referrer, and browsers then call their origin `null`; which site it was they say in
    `Sec-Fetch-Site` all the same. A browser too old for that header is believed.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.get_host()
