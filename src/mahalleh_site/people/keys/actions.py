"""Who can open what is sealed: members' keys, organisations' keys and their shares. The only writers of them.

An organisation's private key exists as shares alone, each sealed to a member's key, and a member's key opens
with the member's password. So nobody else can open anything: not with the database, not as an administrator.
A colleague gives a new member access; whoever leaves loses it, and what comes later has another key.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mahalleh_site.people import audit
from mahalleh_site.people.keys import holding, seal
from mahalleh_site.people.models import KeyShare, MemberKey, Organisation, OrganisationKey, User


@transaction.atomic
def make_key(*, by: User, password: str) -> str:
    """The member's key pair; gives the recovery code, which is shown once and kept nowhere.

    What an earlier key opened is lost to this account until a colleague gives access again.
    """
    organisations = holding.organisations(by)
    _lock(*organisations)
    MemberKey.objects.filter(user=by).delete()
    KeyShare.objects.filter(user=by).delete()
    pair, code = seal.new_pair(), seal.new_code()
    MemberKey.objects.create(
        user=by,
        public=pair.public,
        by_password=seal.wrap(pair.private, password, about=holding.about(by), cost=settings.SEAL_COST),
        by_recovery=seal.wrap(pair.private, code, about=holding.about(by), cost=settings.SEAL_COST),
        made_on=timezone.localdate(),
    )
    audit.record(by=by, verb="make-key", object=f"user:{by.pk}")
    for organisation in organisations:
        settle(by=by, organisation=organisation)
    return code


@transaction.atomic
def recover(*, by: User, code: str, password: str) -> tuple[bytes, str]:
    """After a forgotten password: the recovery code opens the key, which then opens by the new password.

    Gives the private key and a new recovery code.

    Raises:
        SealError: not the code of this account.
    """
    member_key = holding.unwrapped(by, "by_recovery", seal.read_code(code) or "")
    renewed = seal.new_code()
    _rewrap(by, member_key, password, renewed)
    audit.record(by=by, verb="recover-key", object=f"user:{by.pk}")
    return member_key, renewed


@transaction.atomic
def follow_password(*, by: User, old: str, new: str) -> None:
    """The key opens by the new password from here on; nothing to do where there is no key.

    Raises:
        SealError: where the old password doesn't open it.
    """
    if MemberKey.objects.filter(user=by).exists():
        _rewrap(by, holding.open_key(by, old), new)


@transaction.atomic
def settle(*, by: User | str, organisation: Organisation) -> None:
    """Bring an organisation's keys in line with who holds which role in it now.

    Who no longer may open loses the shares; then what comes later gets a new key, sealed to those who stay.
    Where nobody can open the key in use, the members that have a key of their own begin a new one.
    """
    _lock(organisation)
    for purpose in holding.PURPOSES:
        _settle(by, organisation, purpose)


def _settle(by: User | str, organisation: Organisation, purpose: str) -> None:
    entitled = set(holding.entitled(organisation, purpose).values_list("pk", flat=True))
    keys = OrganisationKey.objects.filter(organisation=organisation, purpose=purpose)
    gone = KeyShare.objects.filter(key__in=keys).exclude(user__in=entitled)
    left = gone.filter(key__retired_on=None).exists()
    gone.delete()
    current = keys.select_for_update().filter(retired_on=None).first()
    holders = set(current.shares.values_list("user_id", flat=True)) if current else set()
    if current and holders and not left:
        return
    able = MemberKey.objects.filter(user__in=holders or entitled)
    if not able and not current:
        return
    if current:
        OrganisationKey.objects.filter(pk=current.pk).update(retired_on=timezone.localdate())
    if not able:
        return
    pair = seal.new_pair()
    made = OrganisationKey.objects.create(
        organisation=organisation, purpose=purpose, public=pair.public, made_on=timezone.localdate()
    )
    KeyShare.objects.bulk_create(
        [
            KeyShare(key=made, user_id=member.user_id, box=seal.seal(pair.private, member.public))
            for member in able
        ]
    )
    facts = {"purpose": purpose, "members": len(able)}
    audit.record(by=by, verb="new-key", object=f"organisation:{organisation.pk}", facts=facts)


@transaction.atomic
def grant(*, by: User, member_key: bytes, user: User, organisation: Organisation) -> int:
    """Give a colleague what `by` can open of an organisation; how many keys were given.

    Raises:
        SealError: where `member_key` is not the key that the shares are sealed to.
        MemberKey.DoesNotExist: where the colleague has no key.
    """
    _lock(organisation)
    member = MemberKey.objects.get(user=user)
    shares = KeyShare.objects.filter(user=by, key__organisation=organisation).select_related("key")
    given = 0
    for share in shares:
        if not holding.entitled(organisation, share.key.purpose).filter(pk=user.pk).exists():
            continue
        box = seal.seal(seal.open_sealed(share.box, member_key), member.public)
        _share, made = KeyShare.objects.get_or_create(key=share.key, user=user, defaults={"box": box})
        given += made
    facts = {"user": user.pk, "keys": given}
    audit.record(by=by, verb="give-access", object=f"organisation:{organisation.pk}", facts=facts)
    return given


def _lock(*organisations: Organisation) -> None:
    """One change of an organisation's keys at a time: a share given while a role ends would outlive it."""
    wanted = [organisation.pk for organisation in organisations]
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))


def _rewrap(user: User, member_key: bytes, password: str, code: str | None = None) -> None:
    wrapped = {"by_password": password} | ({"by_recovery": code} if code else {})
    MemberKey.objects.filter(user=user).update(
        **{
            how: seal.wrap(member_key, secret, about=holding.about(user), cost=settings.SEAL_COST)
            for how, secret in wrapped.items()
        }
    )
