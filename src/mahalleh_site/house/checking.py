"""Whether every manifest is whole: looked at when the house starts, so that a room that forgot something
does not open half."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import resources, util
from typing import TYPE_CHECKING, Any, Final

from mahalleh.errors import Faults, MahallehError
from mahalleh_site.house import rooms
from mahalleh_site.house.rooms import Installed

if TYPE_CHECKING:
    from django.db.models import Field, Model

LANGUAGES: Final = ("fa", "en")


class HouseError(MahallehError):
    """A room's manifest forgot something, or names what is not there."""


def check() -> None:
    """Refuse to start with a manifest that is not whole.

    Raises:
        HouseError: with all that is missing or twice, over all rooms.
    """
    faults = Faults(HouseError)
    for package in rooms.packages():
        if not rooms.has_room(package):
            faults.add("house.no-manifest", room=package)
    faults.raise_if_any()
    every = rooms.rooms()
    _twice(faults, "house.name-twice", (each.room.name for each in every))
    _twice(faults, "house.verb-twice", (verb for each in every for verb in each.room.verbs))
    _twice(faults, "house.table-twice", (name for each in every for name in each.room.published))
    _twice(faults, "house.section-twice", (part.name for each in every for part in each.room.city))
    for each in every:
        _check_names(faults, each)
        _check_verbs(faults, each)
        _check_fields(faults, each)
    faults.raise_if_any()  # from here on every file that a manifest names is there
    _twice(faults, "house.method-twice", (method for each in every for method in each.methods()))
    faults.raise_if_any()


def personal_fields(model: type[Model]) -> Iterator[Field[Any, Any]]:
    """The fields of a model in which something about a person can stand: free text, sealed bytes, an account.

    Choices, keys of addresses and the names of other rows are none.
    """
    from django.conf import settings
    from django.db import models

    account = settings.AUTH_USER_MODEL.lower()
    for field in model._meta.get_fields():
        if not isinstance(field, models.Field) or field.primary_key:
            continue
        if isinstance(field, models.ForeignKey | models.OneToOneField):
            if field.related_model._meta.label_lower == account:
                yield field
        elif isinstance(field, models.TextField | models.BinaryField | models.JSONField) or (
            isinstance(field, models.CharField)
            and not field.choices
            and not isinstance(field, models.SlugField)
        ):
            yield field


def _twice(faults: Faults, code: str, names: Iterable[str]) -> None:
    if again := sorted(name for name, times in Counter(names).items() if times > 1):
        faults.add(code, given=again)


def _check_names(faults: Faults, each: Installed) -> None:
    """What a manifest names is there."""
    room = each.room
    for module in (*room.pages, *room.files):
        if util.find_spec(f"{each.package}.{module}") is None:
            faults.add("house.no-module", room=room.name, given=module)
    for entry in room.staff_menu:
        try:
            each.opens(entry)
        except (ImportError, AttributeError):
            faults.add("house.no-permission", room=room.name, address=entry.address, given=entry.may)
        if entry.address not in room.roles:
            faults.add("house.no-roles", room=room.name, address=entry.address)
    several = (room.checks, room.ready, room.turn, room.sample)
    named = [found for references in several for found in references.values()]
    named += [found for table in room.published.values() for found in (table.ledger, table.weekly)]
    for reference in (room.waiting, room.public_version, room.daily, *named):
        try:
            _ = reference and each.find(reference)
        except (ImportError, AttributeError):
            faults.add("house.no-such-thing", room=room.name, given=reference)
    if room.register and not resources.files(each.package).joinpath(room.register).is_file():
        faults.add("house.no-module", room=room.name, given=room.register)


def _check_verbs(faults: Faults, each: Installed) -> None:
    """Each verb is worded in both languages, as far as the catalogue is compiled."""
    from django.utils.functional import Promise
    from django.utils.translation import override

    compiled = _has_catalogue()
    for verb, words in each.room.verbs.items():
        texts = []
        for language in LANGUAGES:
            with override(language):
                texts.append(str(words))
        if not all(texts) or not isinstance(words, Promise) or (compiled and texts[0] == texts[1]):
            faults.add("house.verb-unworded", room=each.room.name, given=verb)


def _has_catalogue() -> bool:
    from django.conf import settings

    return any(os.path.exists(os.path.join(p, "fa/LC_MESSAGES/django.mo")) for p in settings.LOCALE_PATHS)


def _check_fields(faults: Faults, each: Installed) -> None:
    """Each field that can hold something about a person has a class of retention; no class is for nothing."""
    from django.apps import apps

    config = apps.get_app_config(each.package.rpartition(".")[2])
    every = {
        f"{model.__name__}.{field.name}" for model in config.get_models() for field in model._meta.fields
    }
    personal = {f"{model.__name__}.{f.name}" for model in config.get_models() for f in personal_fields(model)}
    if forgotten := sorted(personal - set(each.room.retention)):
        faults.add("house.no-retention", room=each.room.name, given=forgotten)
    if unknown := sorted({*each.room.retention, *each.room.untold} - every):
        faults.add("house.no-field", room=each.room.name, given=unknown)
