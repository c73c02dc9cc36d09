"""The key of a signed-in member, for as long as the session lasts.

The session row holds the key under a second key that the browser's cookie alone holds: neither the database
nor the cookie opens anything without the other.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mahalleh_site.people import hashes
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import User
from mahalleh_site.people.permissions import StaffRequest

COOKIE = "__Host-seal" if settings.HTTPS else "seal"
_ENTRY = "seal"  # the name in the session


def hold(request: HttpRequest, user: User, member_key: bytes) -> None:
    """Keep a member's private key for this session."""
    half = seal.new_key()
    box = seal.lock(member_key, half, about=holding.about(user))
    request.session[_ENTRY] = base64.b64encode(box).decode("ascii")
    request.seal_half = half  # type: ignore[attr-defined]  # a mark on the request


def unlock(request: HttpRequest, user: User, password: str) -> bool:
    """Open the member's key by password and keep it for this session; whether that was possible."""
    try:
        hold(request, user, holding.open_key(user, password))
    except seal.SealError:
        return False
    return True


def forget(request: HttpRequest) -> None:
    """Keep it no longer."""
    request.session.pop(_ENTRY, None)
    request.seal_half = None  # type: ignore[attr-defined]  # a mark on the request


def opened_key(request: StaffRequest) -> bytes | None:
    """The private key of who is signed in, or None where it was not opened in this session.

    One that was made anew in another session has to be opened in this one too.
    """
    half: bytes | None = getattr(request, "seal_half", None) or _half(request)
    entry = request.session.get(_ENTRY)
    if half is None or not entry:
        return None
    try:
        member_key = seal.unlock(base64.b64decode(entry), half, about=holding.about(request.user))
    except (seal.SealError, ValueError):
        return None
    return member_key if holding.fits(request.user, member_key) else None


class SealCookie:
    """Hands the browser its half of the key, and takes it back when the member locks or leaves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer. The cookie lasts until the browser closes, its other half as long as the session."""
        response = self.get_response(request)
        half = getattr(request, "seal_half", False)
        if isinstance(half, bytes):
            response.set_cookie(
                COOKIE,
                base64.urlsafe_b64encode(half).decode("ascii"),
                secure=settings.HTTPS,
                httponly=True,
                samesite="Strict",
            )
        elif half is None or (COOKIE in request.COOKIES and _left(request)):
            response.delete_cookie(COOKIE, samesite="Strict")
        return response


def _left(request: HttpRequest) -> Any:
    session = getattr(request, "session", None)
    return session is not None and session.modified and session.is_empty()


def _half(request: HttpRequest) -> bytes | None:
    try:
        half = base64.urlsafe_b64decode(request.COOKIES.get(COOKIE, ""))
    except ValueError:
        return None
    return half if len(half) == hashes.KEY_BYTES else None
