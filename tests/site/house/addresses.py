"""Every address of the site, found by asking Django's resolver, and something real to stand in each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.urls import LocalePrefixPattern, URLPattern, URLResolver, get_resolver
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from mahalleh_site.listen.models import ApiKey, Report, Route, Template
from mahalleh_site.people.models import User
from mahalleh_site.places.models import Area, District, Topic
from mahalleh_site.releases.models import Release
from mahalleh_site.watch.models import Signal

PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Address:
    """One line of a URLconf. `path`: without its language, which `localized` says it has."""

    name: str
    path: str
    view: Callable[..., Any]
    localized: bool

    @property
    def ways(self) -> list[str]:
        """How it is guarded: exactly one way, if all is well."""
        held = {
            "public": getattr(self.view, "public_page", False),
            "machine": getattr(self.view, "machine_page", False),
            "staff": hasattr(self.view, "requires"),
            "open": hasattr(self.view, "open_because"),
            "allauth": (self.name or "").startswith(("account_", "mfa_")),
        }
        return [way for way, holds in held.items() if holds]

    @property
    def way(self) -> str:
        """The one way."""
        (way,) = self.ways
        return way

    def url(self, language: str = "en") -> str:
        """It, with something real in every place."""
        filled = PARAMETER.sub(lambda found: quote(str(something(self.path, found[1]))), self.path)
        return f"/{language}/{filled}" if self.localized else f"/{filled}"


def every() -> list[Address]:
    """All of them, in the resolver's order."""
    return list(_within(get_resolver(), "", localized=False))


def by_way(*ways: str) -> list[Address]:
    """Those that are guarded in one of these ways."""
    return [address for address in every() if address.way in ways]


def _within(resolver: URLResolver, before: str, *, localized: bool) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry.pattern, LocalePrefixPattern):
            yield from _within(entry, before, localized=True)
        elif isinstance(entry, URLResolver):
            yield from _within(entry, before + str(entry.pattern), localized=localized)
        elif isinstance(entry, URLPattern):
            yield Address(entry.name or "", before + str(entry.pattern), entry.callback, localized)


def _first(model: Any) -> Any:
    return model.objects.order_by("pk").first().pk


def _report() -> Report:
    return Report.objects.order_by("pk").first()


def _invited() -> User:
    return User.objects.filter(is_demo=False).latest("pk")


# (where a path begins, the name in it) -> something that is there. A room with addresses of a new kind adds
# its lines; the longest beginning that fits holds.
THINGS: Final[dict[tuple[str, str], Callable[[], Any]]] = {
    ("", "area_id"): lambda: _first(Area),
    ("", "district_id"): lambda: _first(District),
    ("", "topic_id"): lambda: Topic.objects.filter(sensitivity="open", kind="need").first().pk,
    ("", "form"): lambda: "json",
    ("", "code"): lambda: _first(Topic),
    ("open311/", "number"): lambda: _report().number,
    ("open311/", "rest"): lambda: "nothing/here",
    ("releases/", "number"): lambda: Release.objects.latest("number").number,
    ("releases/", "name"): lambda: "counts.csv",
    ("organisations/", "number"): lambda: _invited().memberships.get().organisation_id,
    ("roles/", "number"): lambda: _invited().memberships.get().pk,
    ("people/", "number"): lambda: _invited().pk,
    ("welcome/", "uid"): lambda: urlsafe_base64_encode(force_bytes(_invited().pk)),
    ("welcome/", "token"): lambda: default_token_generator.make_token(_invited()),
    ("accounts/2fa/webauthn/", "pk"): lambda: _first(Authenticator),
    ("reports/", "number"): lambda: _report().number,
    ("listen/", "number"): lambda: _report().number,
    ("listen/", "photo"): lambda: 1,  # its number within the report
    ("listen/", "verb"): lambda: "reply",
    ("listen/setup/routes/", "number"): lambda: _first(Route),
    ("listen/setup/answers/", "number"): lambda: _first(Template),
    ("listen/setup/programs/", "number"): lambda: _first(ApiKey),
    ("alerts/", "word"): lambda: "a-word-that-was-mailed",
    ("signals/", "signal_id"): lambda: Signal.objects.get().pk,
}


def something(path: str, name: str) -> Any:
    """Something real for a place in a path."""
    fitting = [start for start, wanted in THINGS if wanted == name and path.startswith(start)]
    if not fitting:
        raise AssertionError(f"{path}: tests.site.house.addresses.THINGS knows nothing for <{name}>")
    return THINGS[max(fitting, key=len), name]()


def read_whole(answer):
    """Read an answer to its end, which closes its file; `close` would close the database's connection too."""
    if answer.streaming:
        for _part in answer.streaming_content:
            pass
