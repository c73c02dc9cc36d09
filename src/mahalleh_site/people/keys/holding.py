"""Who holds which key, and what it opens: a member's key by the password, an organisation's by its shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from mahalleh_site.people import police, rules
from mahalleh_site.people.keys import seal
from mahalleh_site.people.models import KeyShare, MemberKey, Membership, Organisation, OrganisationKey, User

PURPOSES = tuple(rules.READERS)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A colleague who could open an organisation's things, if somebody who can gives access."""

    user: User
    organisation: Organisation


def about(user: User) -> str:
    """What a member's wrapped key is bound to."""
    return f"member:{user.pk}"


def open_key(user: User, password: str) -> bytes:
    """The member's private key.

    Raises:
        SealError: the wrong password, or no key.
    """
    return unwrapped(user, "by_password", password)


def unwrapped(user: User, how: str, secret: str) -> bytes:
    """The member's private key, by the password (`by_password`) or the recovery code (`by_recovery`).

    Raises:
        SealError: the wrong secret, or no key.
    """
    key = MemberKey.objects.filter(user=user).first()
    if key is None:
        raise seal.SealError
    return seal.unwrap(getattr(key, how), secret, about=about(user))


def newcomers(user: User) -> list[Newcomer]:
    """Colleagues who have a key of their own, may open what `user` can, and cannot yet."""
    found: dict[tuple[int, int], Newcomer] = {}
    for key in OrganisationKey.objects.filter(retired_on=None, shares__user=user).select_related(
        "organisation"
    ):
        able = entitled(key.organisation, key.purpose).filter(key__isnull=False)
        for other in able.exclude(key_shares__key=key):
            found[other.pk, key.organisation_id] = Newcomer(other, key.organisation)
    return list(found.values())


def needs_key(user: User) -> bool:
    """Whether somebody may open sealed things and has no key for it yet."""
    return bool(organisations(user)) and not MemberKey.objects.filter(user=user).exists()


def fits(user: User, member_key: bytes) -> bool:
    """Whether this is the member's key still, and no earlier one."""
    return MemberKey.objects.filter(user=user, public=seal.public_of(member_key)).exists()


def current(organisations: Iterable[Organisation | int], purpose: str) -> list[OrganisationKey]:
    """The keys to which new things for these organisations are sealed; those without one are missing."""
    found = OrganisationKey.objects.filter(organisation__in=organisations, purpose=purpose, retired_on=None)
    return list(found.select_related("organisation"))


def opened(user: User, member_key: bytes, keys: Iterable[int]) -> dict[int, bytes]:
    """The organisations' private keys that `user` holds shares of, among these: key's number -> 32 bytes.

    Raises:
        SealError: where `member_key` is not the key that a share is sealed to.
    """
    shares = KeyShare.objects.filter(user=user, key__in=list(keys))
    return {share.key_id: seal.open_sealed(share.box, member_key) for share in shares}


def entitled(organisation: Organisation, purpose: str) -> QuerySet[User]:
    """Who may open an organisation's things. Whoever manages people opens nothing, in whatever other role.

    Whoever holds a role in the police, or held one within a year, opens what the police may open and nothing
    of others, however a role there came about.
    """
    managing = Membership.objects.filter(role="administrator", ended_at=None)
    found = (
        User.objects.filter(
            is_active=True,
            memberships__in=Membership.objects.filter(
                organisation=organisation, ended_at=None, role__in=rules.READERS[purpose]
            ),
        )
        .exclude(memberships__in=managing)
        .distinct()
    )
    if organisation.kind == Organisation.Kind.POLICE:
        return found
    return found.exclude(memberships__in=police.memberships())


def organisations(user: User) -> list[Organisation]:
    """The organisations whose things somebody may open."""
    roles = set().union(*rules.READERS.values())
    if "administrator" in user.roles():
        return []
    held = user.memberships.filter(ended_at=None, role__in=roles).select_related("organisation")
    if police.belongs(user):
        held = held.filter(organisation__kind=Organisation.Kind.POLICE)
    return list({membership.organisation_id: membership.organisation for membership in held}.values())
