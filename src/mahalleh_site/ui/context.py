"""What every template knows: the city, the page's language, and the same page in the other language."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, override

from mahalleh_site.house import rooms
from mahalleh_site.house.manifest import Place
from mahalleh_site.ui import address

LANGUAGE_NAMES = {"fa": "فارسی", "en": "English"}


@dataclass(frozen=True, slots=True)
class Call:
    """A number to call, and for what, in the page's language."""

    number: str
    name: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a menu."""

    url: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of a page."""

    name: str
    language: str
    direction: str
    other_language: str
    other_name: str
    other_url: str
    contact: str
    address: str
    is_demo: bool
    calls: tuple[Call, ...]
    home_url: str
    search_url: str
    doors: tuple[Link, ...]
    foot: tuple[Link, ...]

    @property
    def host(self) -> str:
        """The city's address as it is written on paper."""
        return self.address.partition("://")[2]

    @property
    def urgent(self) -> tuple[Call, ...]:
        """Numbers for danger."""
        return tuple(call for call in self.calls if call.urgent)

    @property
    def advice(self) -> tuple[Call, ...]:
        """Numbers for someone to talk to."""
        return tuple(call for call in self.calls if not call.urgent)


def site(request: HttpRequest) -> dict[str, Site]:
    """Django's context processor. It never looks at who asks, so that a public page is the same for all."""
    language = "fa" if (get_language() or settings.LANGUAGE_CODE).startswith("fa") else "en"
    other = "en" if language == "fa" else "fa"
    city = settings.CITY
    return {
        "site": Site(
            name=city.names[language],
            language=language,
            direction="rtl" if language == "fa" else "ltr",
            other_language=other,
            other_name=LANGUAGE_NAMES[other],
            other_url=_in_language(request, language, other),
            contact=city.contact,
            address=address.origin(),
            is_demo=city.is_demo,
            calls=tuple(
                Call(line.number, line.names.get(language, line.number), line.urgent)
                for line in city.helplines
            ),
            home_url=reverse(settings.HOME),
            search_url=reverse(search) if (search := rooms.search()) else "",
            doors=_links(Place.DOOR),
            foot=_links(Place.FOOT),
        )
    }


def _links(place: Place) -> tuple[Link, ...]:
    return tuple(Link(reverse(entry.address), str(entry.name)) for entry in rooms.public_menu(place))


def _in_language(request: HttpRequest, language: str, other: str) -> str:
    """The same page in the other language; its home page where the address names no language."""
    path = request.get_full_path()
    if path.startswith(f"/{language}/"):
        return f"/{other}/{path[len(language) + 2 :]}"
    with override(other):
        return reverse(settings.HOME)
