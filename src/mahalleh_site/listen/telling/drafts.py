"""The three steps of telling: what, where, anything else. Each page carries what was entered before it.

There is no session and no cookie: the form itself remembers, and photos wait sealed under the form's token.
The point that somebody taps becomes a cell (H3, resolution 9, about 350 metres across) in the same request.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from mahalleh_site.listen import rules
from mahalleh_site.listen.models import Photo, Report
from mahalleh_site.listen.queries import placing
from mahalleh_site.listen.telling import maps, photo_pool, photos
from mahalleh_site.listen.telling.photo_files import taken_apart
from mahalleh_site.people import limits
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.places.queries import find
from mahalleh_site.sealed import form_token
from mahalleh_site.sealed.form_token import FormToken

NEAR_NAMES: Final = 6  # neighbourhoods to choose from where a name fits several
MOST_NAMES: Final = 400


@dataclass(frozen=True, slots=True)
class Draft:
    """What a begun report knows so far."""

    token: FormToken
    topic: Topic
    words: str = ""
    photos: int = 0
    area: Area | None = None
    cell: int | None = None

    @property
    def sealed(self) -> bool:
        """Whether it goes straight to a service and to nobody else."""
        return bool(self.topic.sensitivity == Topic.Sensitivity.SEALED)

    @property
    def hidden(self) -> dict[str, Any]:
        """What the next page's form carries."""
        carried = {
            "form": self.token.text,
            "topic": self.topic.pk,
            "words": self.words,
            "photos_kept": self.photos,
        }
        if self.area is not None:
            # text: a page would group a number by threes
            carried |= {"area": self.area.pk, "cell": str(self.cell or "")}
        return carried


def resumed(given: Mapping[str, str]) -> Draft | None:
    """The begun report that a form carries; None where it is too old or was not made here."""
    token = form_token.read(given.get("form", ""), Report.ROOM)
    topic = Topic.objects.filter(pk=given.get("topic", "")[:60], kind=Topic.Kind.NEED).first()
    if token is None or topic is None:
        return None
    kept = given.get("photos_kept", "0")[:2]
    draft = Draft(
        token,
        topic,
        given.get("words", "")[: rules.WORDS],
        min(int(kept), rules.PHOTOS) if kept.isdecimal() else 0,
    )
    area = Area.objects.defer("boundary", "outline").filter(pk=given.get("area", "")[:60]).first()
    if area is None:
        return draft
    return replace(draft, area=area, cell=maps.cell_within(given.get("cell", ""), area))


@dataclass(frozen=True, slots=True)
class Placed:
    """What a resident's answer to “where?” led to: a place, or names to choose from, or a sentence."""

    area: Area | None = None
    cell: int | None = None
    tapped: bool = False
    choices: tuple[Area, ...] = ()
    error: str = ""


def placed(given: Mapping[str, str]) -> Placed:
    """Where it is: by a tap on a map, by the telephone's location, by a name, or by a name chosen."""
    point = _point(given)
    if point is not None:
        found = placing.place_of(*point)
        if found is None:
            return Placed(error=_("That is outside the city. Please choose a place inside it."))
        return Placed(found[0], found[1], tapped=True)
    if chosen := Area.objects.select_related("district").filter(pk=given.get("chosen", "")).first():
        return Placed(chosen)
    name = given.get("name", "").strip()
    if not name:
        return Placed(error=_("Tap the map, or write the name of the neighbourhood."))
    urls = {each.get_absolute_url(): each for each in Area.objects.select_related("district")}
    areas = tuple(urls[place.url] for place in find(name) if place.url in urls)[:NEAR_NAMES]
    if not areas:
        return Placed(error=_("We know no neighbourhood by this name. Try a part of it, or tap the map."))
    exact = [area for area in areas if name in (area.name_fa, area.name_en)]
    if len(areas) == 1 or len(exact) == 1:
        return Placed((exact or list(areas))[0])
    return Placed(choices=areas)


def _point(given: Mapping[str, str]) -> tuple[float, float] | None:
    """Longitude and latitude, from a tap on a drawn map or from the telephone."""
    try:
        if given.get("lat") and given.get("lon"):
            return float(given["lon"]), float(given["lat"])
        for name in maps.MAPS:
            if f"{name}.x" in given:
                return maps.tapped(
                    name, given.get("zoom", ""), int(given[f"{name}.x"]), int(given[f"{name}.y"])
                )
    except (ValueError, KeyError, OverflowError):
        return None
    return None


@dataclass(frozen=True, slots=True)
class Pictures:
    """Photos drawn anew, and a sentence for each that could not be taken. `busy`: some may be taken later."""

    drawn: tuple[bytes, ...]
    errors: tuple[str, ...]
    busy: bool = False


def pictures(
    files: list[UploadedFile[bytes]], *, who: str, have: int = 0, most: int | None = None
) -> Pictures:
    """Photos as they will be kept. What is no photo is refused in words; the others are kept.

    `who`: whose budget of drawing pays (`limits.visitor`, or a program); `most`: how large that is,
    `rules.DRAWN` where nothing is said.
    """
    drawn: list[bytes] = []
    errors: list[str] = []
    if len(files) > rules.PHOTOS - have:
        errors.append(_("A report can have three photos."))
    busy, until = False, time.monotonic() + settings.PHOTO_PATIENCE
    for number, file in enumerate(files[: max(0, rules.PHOTOS - have)], start=1):
        try:
            drawn.append(
                _drawn(
                    photos.read(cast("BinaryIO", file.file)), who=who, most=most or rules.DRAWN, until=until
                )
            )
        except photos.PhotoError as error:
            busy |= error.passes
            errors.append(_("Photo %(number)s: %(reason)s") % {"number": number, "reason": error})
    return Pictures(tuple(drawn), tuple(errors), busy)


def _drawn(file: bytes, *, who: str, most: int, until: float) -> bytes:
    """A photo drawn anew. What its header says is looked at first: no budget pays for what is refused."""
    price = taken_apart(file).price
    if limits.count("drawn", who, seconds=rules.HOUR, n=price) > most:
        raise photos.PhotoError("enough")
    return photo_pool.POOL.drawn(file, until=until)


def kept_photos(token: FormToken) -> int:
    """How many photos of a begun form are kept."""
    return Photo.objects.filter(draft=token.digest).count()


@dataclass(frozen=True, slots=True)
class Group:
    """Topics that are offered under one heading."""

    sealed: bool
    topics: tuple[Topic, ...]


def grouped(topics: Iterable[Topic]) -> tuple[Group, ...]:
    """Topics of the street, then those that go straight to a service and to nobody else."""
    given = list(topics)
    groups = (
        Group(sealed, tuple(t for t in given if (t.sensitivity == Topic.Sensitivity.SEALED) == sealed))
        for sealed in (False, True)
    )
    return tuple(group for group in groups if group.topics)


def names() -> list[str]:
    """Names of neighbourhoods to be offered while somebody types; none in a city with very many."""
    areas = list(Area.objects.only("name_fa", "name_en")[: MOST_NAMES + 1])
    return [area.name for area in areas] if len(areas) <= MOST_NAMES else []
