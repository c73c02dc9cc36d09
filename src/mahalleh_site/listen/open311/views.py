"""GeoReport's addresses. Nothing here sets a cookie, and no answer holds a field of whoever reported."""

from __future__ import annotations

from collections.abc import Container

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.actions import intake
from mahalleh_site.listen.models import Report
from mahalleh_site.listen.open311 import params, payloads, render
from mahalleh_site.listen.open311.decorators import busy, machine, slowed
from mahalleh_site.listen.open311.description import openapi
from mahalleh_site.listen.telling import drafts
from mahalleh_site.people import limits
from mahalleh_site.people.keys import seal
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.sealed import form_token
from mahalleh_site.ui import address

BASE = "/open311/v2"
A_MINUTE = 120  # reports by one program


@machine("GET")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where the interface stands."""
    return render.answer(form, "discovery", payloads.discovery(address.absolute(BASE)))


@machine("GET")
def services(request: HttpRequest, form: str) -> HttpResponse:
    """What may be reported."""
    return render.answer(form, "services", [payloads.service(topic) for topic in payloads.services()])


@machine("GET")
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """One service's own questions."""
    topic = next((each for each in payloads.services() if each.pk == code), None)
    if topic is None:
        return render.fault(form, 404, _("There is no service with this service_code."))
    return render.answer(form, "service_definition", payloads.definition(topic))


@machine("GET", "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """Published reports; or, posted, a new one."""
    if request.method == "POST":
        return _send(request, form)
    wanted = params.wanted(_flat(request.GET, lists=params.LISTS))
    start = (wanted.page - 1) * wanted.size
    found = payloads.published(**wanted.filters)[start : start + wanted.size]
    return render.answer(form, "service_requests", payloads.requests(found))


@machine("GET")
def one(request: HttpRequest, form: str, number: str) -> HttpResponse:
    """One published report."""
    found = payloads.requests(payloads.published(numbers=[number.upper()]))
    if not found:
        return render.fault(form, 404, _("There is no request with this service_request_id."))
    return render.answer(form, "service_requests", found)


@machine("GET")
def token(request: HttpRequest, form: str, number: str) -> HttpResponse:
    """Numbers are given at once, so a token is the number itself."""
    if not Report.objects.filter(number=number.upper(), channel=Report.Channel.OPEN311).exists():
        return render.fault(form, 404, _("There is no request with this token."))
    told = [{"service_request_id": number.upper(), "token": number.upper()}]
    return render.answer(form, "service_requests", told)


@machine("POST")
def updates(request: HttpRequest, form: str) -> HttpResponse:
    """Refused: what becomes of a report is a named person's decision, made where its reason is asked for."""
    return render.fault(form, 403, _("Answers are given by a named person on this site, not by a program."))


@machine("GET")
def description(request: HttpRequest, form: str) -> HttpResponse:
    """The interface, described for programs (OpenAPI)."""
    return render.answer(form, "openapi", openapi(address.absolute(BASE)))


@machine("GET", "POST")
def nothing(request: HttpRequest, form: str, rest: str) -> HttpResponse:
    """Any other address below the interface: programs are told so in their own format."""
    asked_for = "xml" if rest.endswith(".xml") else form
    return render.fault(asked_for, 404, _("There is nothing at this address."))


def _send(request: HttpRequest, form: str) -> HttpResponse:
    given = _flat(request.POST)
    program = params.api_key(given)
    if limits.count("open311", str(program.pk), seconds=60) > A_MINUTE:
        return slowed(form)
    said = params.submission(given, (get_language() or "fa")[:2])
    taken = drafts.pictures(
        request.FILES.getlist("media"), who=f"program-{program.pk}", most=rules.DRAWN_FOR_PROGRAMS
    )
    if taken.errors:
        return busy(form, taken.errors[0]) if taken.busy else render.fault(form, 400, taken.errors[0])
    token = form_token.new(Report.ROOM)
    try:
        intake.keep_photos(taken.drawn, token=token)
        report = intake.send(said, token=token, channel=Report.Channel.OPEN311)
    except intake.FullError as error:
        return busy(form, error)
    except NotAllowedError as error:
        return render.fault(form, 400, error)
    notice = _notice(token.receipt, unread="media_url" in given)
    told = [{"service_request_id": report.number, "service_notice": notice, "account_id": None}]
    return render.answer(form, "service_requests", told, status=201)


def _notice(receipt: str, *, unread: bool) -> str:
    """What the program is to show to the resident, once: the receipt, and where it is entered."""
    where = address.absolute(reverse("receipt"))
    shown = _("Receipt: %(receipt)s") % {"receipt": seal.grouped(receipt)}
    follow = _("It is for the resident alone. With it the answer is read here: %(where)s") % {"where": where}
    media = _("Photos are not fetched from a media_url: send them as files named media.") if unread else ""
    return "\n".join(line for line in (shown, follow, media) if line)


def _flat(given: QueryDict, *, lists: Container[str] = ()) -> dict[str, str]:
    """Parameters by name; an empty one counts as absent. The values of `lists` are joined by commas."""
    every = {name: [value.replace("\x00", "") for value in values] for name, values in given.lists()}
    flat = {name: ",".join(values) if name in lists else values[-1] for name, values in every.items()}
    return {name: value for name, value in flat.items() if value}
