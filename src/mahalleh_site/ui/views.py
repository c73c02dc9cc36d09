"""The frame's own pages: errors, the gallery of components, and the root of the site."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language_from_path, get_language_from_request, override
from django.utils.translation import gettext_lazy as _

from mahalleh_site.ui.decorators import public_page
from mahalleh_site.ui.gallery import samples


@public_page
def root(request: HttpRequest) -> HttpResponse:
    """To the home page, in the language that the browser asks for, else in the city's."""
    with override(get_language_from_request(request)):
        response = HttpResponseRedirect(reverse(settings.HOME))
    response["Vary"] = "Accept-Language"
    return response


@public_page
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address unasked."""
    return HttpResponseRedirect(static("ui/favicon.svg"))


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """Public pages may be found; the staff's need not be."""
    lines = ["User-agent: *", *(f"Disallow: /{code}/accounts/" for code, _name in settings.LANGUAGES)]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public_page
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component with samples of what it takes."""
    return render(request, "ui/gallery.html", {"samples": samples()})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return error_page(
        request,
        400,
        _("We couldn't read that request"),
        _("Nothing was changed. Go back, check what you entered and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: says no more than a page that is not there."""
    return not_found(request, exception, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None, status: int = 404) -> HttpResponse:
    """404."""
    return error_page(
        request,
        status,
        _("This page isn't there, or isn't for your role."),
        _("Check the address, or start from the home page."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came from a page opened too long ago, or from elsewhere."""
    return error_page(
        request,
        403,
        _("This form had been open too long"),
        _("Nothing was saved. Go back, load the page again and send it once more."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our own fault; needs nothing that may be broken."""
    return error_page(
        request,
        500,
        _("Something went wrong on our side"),
        _("What you had sent before is not lost. Please try again in a few minutes."),
    )


def error_page(request: HttpRequest, status: int, title: object, text: object) -> HttpResponse:
    """A page that says what happened and what to do; it needs neither session nor account."""
    language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with override(language):
        return render(request, "ui/error.html", {"title": title, "text": text}, status=status)
