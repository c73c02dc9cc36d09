"""The only writers of the people room: atomic, by somebody, with their audit row inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from mahalleh_site.people import audit, rules
from mahalleh_site.people.models import Membership, Organisation, User


class NotAllowedError(ValueError):
    """What was asked breaks a rule of the house; the text says which."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An account, and the parts of the address at which its owner sets a password, once."""

    user: User
    uid: str
    token: str


@transaction.atomic
def save_organisation(
    *, by: User | str, name_fa: str, name_en: str, kind: str, organisation: Organisation | None = None
) -> Organisation:
    """Make an organisation, or change one."""
    saved = organisation or Organisation()
    saved.name_fa, saved.name_en, saved.kind = name_fa, name_en, kind
    saved.save()
    verb = "change-organisation" if organisation else "make-organisation"
    audit.record(by=by, verb=verb, object=f"organisation:{saved.pk}", facts={"kind": kind})
    return saved


@transaction.atomic
def invite(*, by: User | str, email: str, name: str, organisation: Organisation, role: str) -> Invitation:
    """Give somebody a role, with an account where there is none yet; the link to set a password.

    Raises:
        NotAllowedError: where the role does not belong to such an organisation.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User(email=email.strip().lower(), name=name)
        user.set_unusable_password()
        user.save()
        audit.record(by=by, verb="make-account", object=f"user:{user.pk}")
    give_role(by=by, user=user, organisation=organisation, role=role)
    return invitation(user)


def invitation(user: User) -> Invitation:
    """The one-time link of an account: it ends when used, when the password changes, or in three days."""
    return Invitation(
        user, urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    )


@transaction.atomic
def give_role(*, by: User | str, user: User, organisation: Organisation, role: str) -> Membership:
    """Let a role begin.

    Raises:
        NotAllowedError: where the role does not belong to such an organisation.
    """
    if not rules.fits(role, organisation.kind):
        raise NotAllowedError(_("This role does not belong to an organisation of this kind."))
    membership, made = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, ended_at=None
    )
    if made:
        facts = {"user": user.pk, "organisation": organisation.pk, "role": role}
        audit.record(by=by, verb="give-role", object=f"membership:{membership.pk}", facts=facts)
    return membership


@transaction.atomic
def end_role(*, by: User | str, membership: Membership) -> None:
    """Let a role end now.

    Raises:
        NotAllowedError: where nobody would be left to manage people.
    """
    if membership.role == "administrator" and not _other_administrators(membership.user):
        raise NotAllowedError(_("This is the last administrator. Give the role to somebody else first."))
    Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=timezone.now())
    audit.record(
        by=by, verb="end-role", object=f"membership:{membership.pk}", facts={"role": membership.role}
    )


@transaction.atomic
def set_active(*, by: User | str, user: User, active: bool) -> None:
    """Close an account, with all its sessions, or open it again.

    Raises:
        NotAllowedError: where nobody would be left to manage people.
    """
    if not active and "administrator" in user.roles() and not _other_administrators(user):
        raise NotAllowedError(_("This is the last administrator. Give the role to somebody else first."))
    User.objects.filter(pk=user.pk).update(is_active=active, sessions_epoch=F("sessions_epoch") + 1)
    audit.record(by=by, verb="open-account" if active else "close-account", object=f"user:{user.pk}")


@transaction.atomic
def end_sessions(*, by: User | str, user: User) -> None:
    """Sign an account out everywhere."""
    User.objects.filter(pk=user.pk).update(sessions_epoch=F("sessions_epoch") + 1)
    audit.record(by=by, verb="end-sessions", object=f"user:{user.pk}")


@transaction.atomic
def change_account(*, by: User | str, user: User, name: str, language: str) -> None:
    """Change what is shown of an account."""
    User.objects.filter(pk=user.pk).update(name=name, language=language)
    audit.record(by=by, verb="change-account", object=f"user:{user.pk}")


@transaction.atomic
def set_first_password(*, by: User | str, user: User, password: str) -> None:
    """Set the password by an invitation's link, which is then used up."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(by=by, verb="set-password", object=f"user:{user.pk}")


@transaction.atomic
def first_administrator(*, by: str, email: str) -> Invitation:
    """The account that can make all others, in an organisation of its own."""
    office = Organisation.objects.filter(kind=Organisation.Kind.MUNICIPALITY).first() or save_organisation(
        by=by, name_fa="شهرداری", name_en="Municipality", kind=Organisation.Kind.MUNICIPALITY
    )
    return invite(by=by, email=email, name=email.split("@")[0], organisation=office, role="administrator")


DEMO_ORGANISATIONS: Final = {
    "municipality": ("شهرداری گلدشت", "Goldasht municipality"),
    "police": ("واحد مردمی پلیس", "Police community unit"),
    "counselling": ("مرکز مشاورهٔ همدلی", "Hamdeli counselling centre"),
    "ngo": ("انجمن یاران محله", "Friends of the Neighbourhood"),
    "university": ("پژوهشکدهٔ اجتماعی", "Institute for Social Research"),
}
DEMO_PEOPLE: Final = {
    "coordinator": ("municipality", "نسرین", "Nasrin"),
    "officer": ("police", "بهرام", "Bahram"),
    "social-worker": ("counselling", "مریم", "Maryam"),
    "partner": ("ngo", "آرش", "Arash"),
    "analyst": ("university", "لیلا", "Leila"),
    "auditor": ("university", "فرهاد", "Farhad"),
    "administrator": ("municipality", "سارا", "Sara"),
}


@transaction.atomic
def make_demo_people(*, by: str) -> None:
    """An invented person for each role; their accounts open by the demonstration's door alone."""
    homes = {}
    for kind, (name_fa, name_en) in DEMO_ORGANISATIONS.items():
        homes[kind] = Organisation.objects.filter(kind=kind, name_en=name_en).first() or save_organisation(
            by=by, name_fa=name_fa, name_en=name_en, kind=kind
        )
    for role, (kind, name_fa, name_en) in DEMO_PEOPLE.items():
        email = f"{role}@demo.invalid"  # .invalid: no mail can ever reach it (RFC 2606)
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email, name=f"{name_fa} ({name_en})", is_demo=True)
            user.set_unusable_password()
            user.save()
        give_role(by=by, user=user, organisation=homes[kind], role=role)


def _other_administrators(user: User) -> bool:
    others = Membership.objects.filter(
        role="administrator", ended_at=None, user__is_active=True, user__is_demo=False
    )
    return others.exclude(user=user).exists()
