"""Addresses for programs: methods and sizes that are taken, the language, faults in the format asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from mahalleh_site import logs
from mahalleh_site.listen.open311 import params, render
from mahalleh_site.sealed.decorators import is_too_large

BODIES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
UNREADABLE: Final = (MultiPartParserError, SuspiciousOperation, UnreadablePostError, UnicodeError)

View = Callable[..., HttpResponse]
log = logs.get("listen")


def machine(*methods: str) -> Callable[[View], View]:
    """An address for programs: open to all, no cookie, every fault in GeoReport's own shape.

    The view takes the request, the format (`json` or `xml`) and what the address names.
    """

    def decorate(view: View) -> View:
        @csrf_exempt  # no cookie grants anything here: what proves a right is the key in the body
        @sensitive_post_parameters()
        @wraps(view)
        def wrapped(request: HttpRequest, form: str = "json", **named: str) -> HttpResponse:
            language = _language(request)
            with translation.override(language):
                response = _answered(view, methods, request, form, named)
            response["Content-Language"] = language
            return response

        wrapped.machine_page = True  # type: ignore[attr-defined]  # a mark on a function
        return wrapped

    return decorate


def _answered(
    view: View, methods: tuple[str, ...], request: HttpRequest, form: str, named: dict[str, str]
) -> HttpResponse:
    if form not in render.TYPES:
        return render.fault("xml", 404, _("Answers are given as .json and as .xml."))
    if request.method == "OPTIONS":
        return _taken(HttpResponse(status=204), methods)
    if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
        text = _("This address takes: %(given)s") % {"given": ", ".join(methods)}
        return _taken(render.fault(form, 405, text), methods)
    if request.method == "POST":
        if is_too_large(request):
            return render.fault(form, 413, _("That is too much at once."))
        if (request.content_type or BODIES[0]) not in BODIES:
            return render.fault(form, 415, _("Send the fields as %(given)s.") % {"given": ", ".join(BODIES)})
    if any("\x00" in value for value in named.values()):  # names nothing; PostgreSQL won't look for it
        return render.fault(form, 404, _("There is nothing at this address."))
    try:
        return view(request, form, **named)
    except params.BadRequestError as error:
        return render.fault(form, error.status, error)
    except RequestDataTooBig:
        return render.fault(form, 413, _("That is too much at once."))
    except UNREADABLE:
        return render.fault(form, 400, _("The body of this request cannot be read."))
    except (DatabaseError, OSError) as error:
        log.error("not kept", extra={"event": type(error).__name__})
        text = _("We could not do this just now; nothing was stored. Please try again in a minute.")
        return _later(render.fault(form, 503, text))


def slowed(form: str) -> HttpResponse:
    """A program that sends too much at once."""
    return _later(render.fault(form, 429, _("Too many at once. Please wait a minute.")))


def busy(form: str, why: object) -> HttpResponse:
    """We cannot take it now; it may be sent again as it is."""
    return _later(render.fault(form, 503, why))


def _later(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = "60"
    return response


def _taken(response: HttpResponse, methods: tuple[str, ...]) -> HttpResponse:
    response["Allow"] = response["Access-Control-Allow-Methods"] = ", ".join(methods)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _language(request: HttpRequest) -> str:
    """The language asked for by `locale`, else by the header, else the city's."""
    wanted = request.GET.get("locale", "")[:2].lower()
    known = dict(settings.LANGUAGES)
    return wanted if wanted in known else translation.get_language_from_request(request)
