"""What was sent and not read to its end: too slowly, or too much of it at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from mahalleh_site.ui.middleware import Handler
from mahalleh_site.ui.views import error_page

UNREAD = "mahalleh.unread"  # in the environ, where no visitor can write: a status of `server.bodies`
UNREADABLE, TOO_SLOW, TOO_BUSY = 400, 408, 503
LETTERS = {"", "utf-8", "utf8"}


class Unread:
    """A request whose body was not read is answered here and goes no further."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page that says why, or pass on."""
        status = request.META.get(UNREAD) or (UNREADABLE if _in_other_letters(request) else None)
        if status is None:
            return self.get_response(request)
        if status == TOO_SLOW:
            title, text = (
                _("It came too slowly"),
                _(
                    "The connection is too slow or broke off, and nothing was stored. Go back: what you "
                    "wrote is still in the form. Please send it again, with smaller photos or without."
                ),
            )
        elif status == TOO_BUSY:
            title, text = (
                _("Too much is arriving at once"),
                _(
                    "Nothing was stored. Go back: what you wrote is still in the form. "
                    "Please send it again in a minute."
                ),
            )
        else:
            title, text = (
                _("We couldn't read that request"),
                _("Nothing was changed. Go back, check what you entered and try again."),
            )
        request.encoding = "utf-8"  # the page reads its own address, not what was sent
        response = error_page(request, status, title, text)
        if status == TOO_BUSY:
            response.headers["Retry-After"] = "60"
        return response


def _in_other_letters(request: HttpRequest) -> bool:
    """Whether a body says that it is in another encoding: Python takes `zip`, `hex` or `idna` for one."""
    said = (request.content_params or {}).get("charset", "")
    return said.strip().strip('"').lower() not in LETTERS
