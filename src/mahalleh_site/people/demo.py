"""The invented people of the demonstration."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from mahalleh_site.house.manifest import Sample, Step
from mahalleh_site.people.actions import give_role, save_organisation
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.keys import holding, unlocking
from mahalleh_site.people.models import Organisation, User

ORGANISATIONS: Final = {
    "municipality": ("شهرداری {city}", "{city} Municipality"),
    "police": ("واحد مردمی پلیس {city}", "{city} Police, community unit"),
    "counselling": ("مرکز مشاورهٔ همدلی", "Hamdeli Counselling Centre"),
    "ngo": ("انجمن یاران محله", "Friends of the Neighbourhood"),
    "university": ("پژوهشکدهٔ اجتماعی", "Institute for Social Research"),
}
PEOPLE: Final = {
    "coordinator": ("municipality", "نسرین", "Nasrin"),
    "officer": ("police", "بهرام", "Bahram"),
    "social-worker": ("counselling", "مریم", "Maryam"),
    "partner": ("ngo", "آرش", "Arash"),
    "analyst": ("university", "لیلا", "Leila"),
    "auditor": ("university", "فرهاد", "Farhad"),
    "administrator": ("municipality", "سارا", "Sara"),
}

# The invented people have no password, and nothing of theirs is a secret: their keys open by this word.
OPEN_TO_ALL: Final = "demonstration"


@transaction.atomic
def make_demo_people(*, by: str) -> None:
    """An invented person for each role; their accounts open on the demonstration's sign-in page alone."""
    city, homes = settings.CITY.names, {}
    for kind, (fa, en) in ORGANISATIONS.items():
        name_fa, name_en = fa.format(city=city["fa"]), en.format(city=city["en"])
        homes[kind] = Organisation.objects.filter(kind=kind, name_en=name_en).first() or save_organisation(
            by=by, name_fa=name_fa, name_en=name_en, kind=kind
        )
    for role, (kind, name_fa, name_en) in PEOPLE.items():
        email = f"{role}@demo.invalid"  # .invalid: no mail can ever reach it (RFC 2606)
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email, name=f"{name_fa} ({name_en})", is_demo=True)
            user.set_unusable_password()
            user.save()
        give_role(by=by, user=user, organisation=homes[kind], role=role)
        if holding.needs_key(user):
            key_actions.make_key(by=user, password=OPEN_TO_ALL)


def furnish(sample: Sample, step: Step) -> None:
    """The step of founding the sample city."""
    make_demo_people(by=sample.by)


def enter(request: HttpRequest, user: User) -> None:
    """Open an invented person's key for this session."""
    unlocking.unlock(request, user, OPEN_TO_ALL)
