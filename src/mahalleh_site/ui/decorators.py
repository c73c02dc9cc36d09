"""Marks of views. Every view carries one: it is public, or people's `requires` says who may see it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

Fits: TypeAlias = Callable[[str], bool]
MINUTES = 5  # that a browser or a proxy may keep a public page


def public_page(view: View[P]) -> View[P]:
    """A page for everyone: the same for all, without cookie or session, only read, and cached whole.

    `PublicPageCache` knows such a view by its attribute `public_page`.
    """

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", f"public, max-age={60 * MINUTES}")
        return response

    wrapped.public_page = True  # type: ignore[attr-defined]  # a mark on a function
    return wrapped


def takes(**known: Fits | None) -> Callable[[View[P]], View[P]]:
    """The parameters that a public page understands, above `public_page`; all others it never sees.

    Each has a function that knows its values, so that no visitor can make up pages to be kept. None: any
    text, and a page with one is not kept.
    """

    def decorate(view: View[P]) -> View[P]:
        view.takes = known  # type: ignore[attr-defined]  # a mark on a function
        return view

    return decorate
