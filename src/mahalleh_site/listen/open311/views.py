"""GeoReport's addresses. Nothing here sets a cookie, and no answer holds a field of whoever reported."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import wraps

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from mahalleh_site.listen import once, telling
from mahalleh_site.listen.actions import NotAllowedError, intake
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.open311 import asked, render, shapes
from mahalleh_site.listen.open311.description import openapi
from mahalleh_site.people import limits, seal

A_MINUTE = 120  # reports by one program

View = Callable[..., HttpResponse]


def machine(*methods: str) -> Callable[[View], View]:
    """An address for programs: open to all, no cookie, errors in GeoReport's own shape."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, form: str, **named: str) -> HttpResponse:
            if form not in render.TYPES:
                return render.fault("xml", 404, "json, xml")
            with translation.override(_language(request)):
                if request.method not in (*methods, *(("HEAD",) if "GET" in methods else ())):
                    refused = render.fault(
                        form, 405, _("This address takes: %(given)s") % {"given": ", ".join(methods)}
                    )
                    refused["Allow"] = ", ".join(methods)
                    return refused
                try:
                    return view(request, form, **named)
                except asked.BadRequestError as error:
                    return render.fault(form, error.status, error)
                except (
                    MultiPartParserError,
                    BadRequest,
                    RequestDataTooBig,
                    SuspiciousOperation,
                    UnicodeError,
                ):
                    return render.fault(form, 400, _("The body of this request cannot be read."))

        wrapped.machine_page = True  # type: ignore[attr-defined]
        return wrapped

    return decorate


@machine("GET")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where the interface stands."""
    return render.answer(form, "discovery", shapes.discovery(request.build_absolute_uri("/open311/v2")))


@machine("GET")
def services(request: HttpRequest, form: str) -> HttpResponse:
    """What may be reported."""
    return render.answer(form, "services", [shapes.service(topic) for topic in shapes.services()])


@machine("GET")
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """One service's own questions."""
    topic = next((each for each in shapes.services() if each.pk == code), None)
    if topic is None:
        return render.fault(form, 404, _("There is no service with this service_code."))
    return render.answer(form, "service_definition", shapes.definition(topic))


@machine("GET", "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """Published reports; or, posted, a new one."""
    if request.method == "POST":
        return _send(request, form)
    wanted = asked.wanted(_flat(request.GET, lists=asked.LISTS))
    start = (wanted.page - 1) * wanted.size
    found = shapes.published(**wanted.filters)[start : start + wanted.size]
    return render.answer(form, "service_requests", shapes.requests(found))


@machine("GET")
def one(request: HttpRequest, form: str, key: str) -> HttpResponse:
    """One published report."""
    found = shapes.requests(shapes.published(keys=[key.upper()]))
    if not found:
        return render.fault(form, 404, _("There is no request with this service_request_id."))
    return render.answer(form, "service_requests", found)


@machine("GET")
def token(request: HttpRequest, form: str, key: str) -> HttpResponse:
    """Numbers are given at once, so a token is the number itself."""
    if not Report.objects.filter(key=key.upper(), channel=Report.Channel.OPEN311).exists():
        return render.fault(form, 404, _("There is no request with this token."))
    told = [{"service_request_id": key.upper(), "token": key.upper()}]
    return render.answer(form, "service_requests", told)


@machine("POST")
def updates(request: HttpRequest, form: str) -> HttpResponse:
    """Refused: what becomes of a report is a named person's decision, made where its reason is asked for."""
    return render.fault(form, 403, _("Answers are given by a named person on this site, not by a program."))


def description(request: HttpRequest) -> HttpResponse:
    """The interface, described for programs (OpenAPI)."""
    response = JsonResponse(openapi(request.build_absolute_uri("/open311/v2")))
    response["Access-Control-Allow-Origin"] = "*"
    return response


description.machine_page = True  # type: ignore[attr-defined]


def _send(request: HttpRequest, form: str) -> HttpResponse:
    given = _flat(request.POST)
    key = asked.key(given)
    if limits.count("open311", str(key.pk), seconds=60) > A_MINUTE:
        return render.fault(form, 429, _("Too many at once. Please wait a minute."))
    said = asked.telling(given, _language(request))
    begun = once.new()
    taken = telling.pictures(request.FILES.getlist("media"))
    if taken.errors:
        return render.fault(form, 400, taken.errors[0])
    try:
        intake.keep_photos(taken.drawn, once=begun)
        report = intake.send(said, once=begun, channel=Report.Channel.OPEN311)
    except NotAllowedError as error:
        return render.fault(form, 400, error)
    notice = _("Receipt, for the resident alone: %(receipt)s. With it the answer is read on this site.") % {
        "receipt": seal.grouped(begun.receipt)
    }
    if given.get("media_url"):
        notice += " " + _("Photos by address are not fetched; they can be added with the receipt.")
    told = [{"service_request_id": report.key, "service_notice": notice, "account_id": ""}]
    return render.answer(form, "service_requests", told, status=201)


def _flat(given: QueryDict, *, lists: Container[str] = ()) -> dict[str, str]:
    """Parameters by name; an empty one counts as absent. The values of `lists` are joined by commas."""
    every = {name: [value.replace("\x00", "") for value in values] for name, values in given.lists()}
    flat = {name: ",".join(values) if name in lists else values[-1] for name, values in every.items()}
    return {name: value for name, value in flat.items() if value}


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("locale", "")[:2]
    return wanted if wanted in ("fa", "en") else translation.get_language_from_request(request)
