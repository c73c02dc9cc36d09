"""Trust at the door: headers on every answer, and public pages that never learn who asks."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, urlencode
from django_htmx.middleware import HtmxDetails

from mahalleh_site.house import rooms
from mahalleh_site.ui.decorators import Fits

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # data: for the QR code of an authenticator
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
OFF = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "fullscreen",
    "gamepad", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
SELF = ("geolocation", "publickey-credentials-create", "publickey-credentials-get")
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join([*(f"{name}=()" for name in OFF), *(f"{name}=(self)" for name in SELF)]),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
LONGEST_VALUE = 60  # of a parameter that a page takes: the longest id
GZIP_FROM = 800  # bytes; below, the answer fits a packet anyway

Handler = Callable[[HttpRequest], HttpResponse]


class SecurityHeaders:
    """`HEADERS` on every answer, errors and static files too; what says nothing of caching is not stored.

    Pages that are not public hold forms. Under `no-referrer` browsers post a form with `Origin: null`, which
    no guard against forgery can tell from a stranger's page; those pages name their address to this site
    alone.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers."""
        response = self.get_response(request)
        if _holds_forms(request.resolver_match):
            response.headers["Referrer-Policy"] = "same-origin"
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, view: Handler, *_: object) -> None:
        """Refuse addresses that are no text; programs' addresses say so in their own way."""
        if not getattr(view, "machine_page", False):
            _check_text(request)


def _check_text(request: HttpRequest) -> None:
    """An address with the character NUL names nothing, and PostgreSQL will not even look for it.

    Raises:
        Http404: for such an address.
    """
    if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise Http404


def _holds_forms(match: ResolverMatch | None) -> bool:
    if match is None:
        return False
    return not (getattr(match.func, "public_page", False) or getattr(match.func, "machine_page", False))


@dataclass(frozen=True, slots=True)
class Page:
    """A public page as it is kept: `body` is gzip where `packed`, since nearly every browser takes it so."""

    body: bytes
    packed: bool
    content_type: str
    cache_control: str
    etag: str


class PublicPageCache:
    """Answers views marked `public_page` itself, without session, account or cookie, and remembers pages.

    A page is remembered by its address and the parameters that its view takes (`decorators.takes`); others
    are dropped before the view sees them. What is remembered is forgotten when the `public_version` of a room
    changes, as with the next release: it is part of the key. A search is answered but never remembered.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a public page here, or pass on."""
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with translation.override(language):
            match = _public(request.path_info)
            if match is None or request.method not in ("GET", "HEAD"):
                return self.get_response(request)
            try:
                _check_text(request)
                request.get_host()  # refuses a host that is not ours, as CommonMiddleware would
                return self._answer(request, match)
            except Exception as error:  # what Django does with a view's exception
                return response_for_exception(request, error)

    def _answer(self, request: HttpRequest, match: ResolverMatch) -> HttpResponse:
        key = self._key(request) if _understood(request, match) else None
        page: Page | None = caches["pages"].get(key) if key else None
        if page is None:
            request.resolver_match = match
            request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]  # htmx's own field
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
            if response.status_code != 200 or response.streaming or "Vary" in response.headers:
                return response
            page = _page(response)
            extra = {k: v for k, v in response.headers.items() if k not in ("Content-Type", "Cache-Control")}
            if key and not extra:  # one with headers of its own is a download: not worth keeping
                caches["pages"].set(key, page)
            return _sent(request, page, extra)
        return _sent(request, page, {})

    def _key(self, request: HttpRequest) -> str:
        query = request.META["QUERY_STRING"]
        part = "part" if request.headers.get("HX-Request") else "page"
        about = f"{rooms.public_version()}:{part}:{request.path}?{query}"
        return f"public:{hashlib.sha256(about.encode()).hexdigest()}"


def _public(path: str) -> ResolverMatch | None:
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match if getattr(match.func, "public_page", False) else None


def _understood(request: HttpRequest, match: ResolverMatch) -> bool:
    """Leave of the query what the page takes, in one order; whether nothing in it is free text.

    So whatever else a visitor writes there neither makes another page nor stands in a kept one.
    """
    takes: Mapping[str, Fits | None] = getattr(match.func, "takes", {})
    given = {name: request.GET.get(name, "") for name in sorted(takes)}
    kept = {name: value for name, value in given.items() if value and _fits(value, takes[name])}
    request.META["QUERY_STRING"] = urlencode(kept)
    request.GET = QueryDict(request.META["QUERY_STRING"])
    return all(takes[name] is not None for name in kept)


def _fits(value: str, fits: Fits | None) -> bool:
    return fits is None or (len(value) <= LONGEST_VALUE and fits(value))


def _page(response: HttpResponse) -> Page:
    if hasattr(response, "render") and not getattr(response, "is_rendered", True):
        response.render()
    body = bytes(response.content)
    packed = len(body) >= GZIP_FROM
    return Page(
        body=gzip.compress(body, 6, mtime=0) if packed else body,
        packed=packed,
        content_type=response.headers["Content-Type"],
        cache_control=response.headers.get("Cache-Control", "no-store"),
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
    )


def _sent(request: HttpRequest, page: Page, extra: dict[str, str]) -> HttpResponse:
    weak = f"W/{page.etag}"
    if weak in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        as_is = not page.packed or "gzip" in request.headers.get("Accept-Encoding", "")
        body = page.body if as_is else gzip.decompress(page.body)
        response = HttpResponse(body, content_type=page.content_type)
        if as_is and page.packed:
            response.headers["Content-Encoding"] = "gzip"
    for name, value in extra.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = page.cache_control
    response.headers["ETag"] = weak
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
