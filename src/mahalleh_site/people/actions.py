"""The only writers of the people room: atomic, by somebody, with their audit row inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from mahalleh_site.people import audit, outside, police, rules
from mahalleh_site.people.keys import actions as key_actions
from mahalleh_site.people.models import AuditEntry, MemberKey, Membership, Organisation, User
from mahalleh_site.people.permissions import NotAllowedError
from mahalleh_site.people.refusals import ForbiddenError, written_down


@dataclass(frozen=True, slots=True)
class Invitation:
    """An account, and the parts of the address at which its owner sets a password, once."""

    user: User
    uid: str
    token: str


@written_down
@transaction.atomic
def save_organisation(
    *, by: User | str, name_fa: str, name_en: str, kind: str, organisation: Organisation | None = None
) -> Organisation:
    """Make an organisation, or change one.

    Raises:
        NotAllowedError: where a role is held in it that an organisation of the new kind cannot have.
        ForbiddenError: where it would become police, or stop being police, with anything that it can open.
    """
    saved = organisation or Organisation()
    if organisation is not None:
        _check_kind(by, organisation, kind)
    saved.name_fa, saved.name_en, saved.kind = name_fa, name_en, kind
    saved.save()
    if kind == Organisation.Kind.POLICE:
        saved.memberships.filter(ended_at=None).update(in_police=True)
    verb = "change-organisation" if organisation else "make-organisation"
    audit.record(by=by, verb=verb, object=f"organisation:{saved.pk}", facts={"kind": kind})
    return saved


@written_down
@transaction.atomic
def invite(*, by: User | str, email: str, name: str, organisation: Organisation, role: str) -> Invitation:
    """Give somebody a role, with an account where there is none yet.

    Whoever has a password keeps it, and needs no link: `renew_link` makes one on purpose.

    Raises:
        NotAllowedError: where the role does not belong to such an organisation, or the account is closed.
    """
    _check_fits(by, organisation, role)
    user = User.objects.filter(email__iexact=email.strip()).first()
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
def renew_link(*, by: User | str, user: User) -> Invitation:
    """A new link to set a password: the old one was lost, or the password was forgotten.

    Raises:
        NotAllowedError: for a closed account, or one of the demonstration.
    """
    if not user.is_active or user.is_demo:
        raise NotAllowedError(_("This account is closed. Open it first."))
    audit.record(by=by, verb="make-link", object=f"user:{user.pk}")
    return invitation(user)


@written_down
@transaction.atomic
def give_role(*, by: User | str, user: User, organisation: Organisation, role: str) -> Membership:
    """Let a role begin.

    Raises:
        NotAllowedError: where the role does not belong to such an organisation, or the account is closed.
        ForbiddenError: where somebody would read for the police and for others too.
    """
    _check_fits(by, organisation, role)
    if not user.is_active:
        raise NotAllowedError(_("This account is closed. Open it first."))
    home = _check_apart(by, user, organisation, role)
    membership, made = Membership.objects.get_or_create(
        user=user,
        organisation=organisation,
        role=role,
        ended_at=None,
        defaults={"in_police": home.kind == Organisation.Kind.POLICE},
    )
    if made:
        facts = {"user": user.pk, "organisation": organisation.pk, "role": role}
        audit.record(by=by, verb="give-role", object=f"membership:{membership.pk}", facts=facts)
        # who has a key may be the first to read here, and who now manages people reads nowhere
        _settle_keys(by, user)
    return membership


@transaction.atomic
def end_role(*, by: User | str, membership: Membership) -> None:
    """Let a role end now.

    Raises:
        NotAllowedError: where nobody would be left to manage people.
    """
    if membership.role == "administrator":
        _keep_an_administrator(membership.user)
    ended = Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=timezone.now())
    if ended:
        facts = {"user": membership.user_id, "role": membership.role}
        audit.record(by=by, verb="end-role", object=f"membership:{membership.pk}", facts=facts)
        key_actions.settle(by=by, organisation=membership.organisation)
        _settle_keys(by, membership.user)  # whoever managed people may read again, as far as others let them


@written_down
@transaction.atomic
def change_role(*, by: User | str, membership: Membership, role: str) -> Membership:
    """Let one role end and another begin in the same organisation, both or neither.

    Raises:
        NotAllowedError: as `end_role` and `give_role` do.
    """
    if role == membership.role:
        return membership
    given = give_role(by=by, user=membership.user, organisation=membership.organisation, role=role)
    end_role(by=by, membership=membership)
    return given


@transaction.atomic
def set_active(*, by: User | str, user: User, active: bool) -> None:
    """Close an account, with all its sessions, or open it again.

    Raises:
        NotAllowedError: where nobody would be left to manage people, or there is nothing left to open.
    """
    if not active and "administrator" in user.roles():
        _keep_an_administrator(user)
    if active and user.is_erased:
        raise NotAllowedError(_("This account was erased. Make a new one instead."))
    User.objects.filter(pk=user.pk).update(is_active=active, sessions_epoch=F("sessions_epoch") + 1)
    audit.record(by=by, verb="open-account" if active else "close-account", object=f"user:{user.pk}")
    _settle_keys(by, user)


@transaction.atomic
def erase_account(*, by: User | str, user: User) -> None:
    """Forget who a closed account belonged to: address, name, password, factors, sessions. Its number stays.

    Raises:
        NotAllowedError: where the account is still open.
    """
    if user.is_active:
        raise NotAllowedError(_("Close the account first."))
    now = timezone.now()
    MemberKey.objects.filter(user=user).delete()
    _settle_keys(by, user)
    Membership.objects.filter(user=user, ended_at=None).update(ended_at=now)
    Authenticator.objects.filter(user_id=user.pk).delete()
    _forget_sessions(user)
    user.email, user.name, user.last_login = f"erased-{user.pk}@erased.invalid", "", None
    user.set_unusable_password()
    user.save(update_fields=["email", "name", "last_login", "password"])
    audit.record(by=by, verb="erase-account", object=f"user:{user.pk}")


@transaction.atomic
def forget_factors(*, by: User | str, user: User) -> None:
    """Take away all second factors of an account whose owner has lost them, and sign it out everywhere."""
    Authenticator.objects.filter(user_id=user.pk).delete()
    User.objects.filter(pk=user.pk).update(sessions_epoch=F("sessions_epoch") + 1)
    audit.record(by=by, verb="forget-factors", object=f"user:{user.pk}")


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
def set_first_password(*, by: User | str, user: User, password: str, language: str | None = None) -> None:
    """Set the password by an invitation's link, which is then used up; the language is the page's."""
    user.set_password(password)
    if language in ("fa", "en"):
        user.language = language
    user.save(update_fields=["password", "language"])
    audit.record(by=by, verb="set-password", object=f"user:{user.pk}")


@written_down
@transaction.atomic
def first_administrator(*, by: str, email: str) -> Invitation:
    """The account that can make all others, in an organisation of its own."""
    office = Organisation.objects.filter(kind=Organisation.Kind.MUNICIPALITY).first() or save_organisation(
        by=by, name_fa="شهرداری", name_en="Municipality", kind=Organisation.Kind.MUNICIPALITY
    )
    return invite(by=by, email=email, name=email.split("@")[0], organisation=office, role="administrator")


@transaction.atomic
def sweep_sessions() -> None:
    """Delete sessions that have run out: each holds the address that somebody signed in with."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def _check_kind(by: User | str, organisation: Organisation, kind: str) -> None:
    """Whether an organisation may become of this kind; it is held until the deed is done.

    Raises:
        NotAllowedError, ForbiddenError: as `save_organisation` does.
    """
    was = Organisation.objects.select_for_update().get(pk=organisation.pk)  # a form has changed ours already
    held = was.memberships.filter(ended_at=None)
    crosses = was.kind != kind and Organisation.Kind.POLICE in (was.kind, kind)
    members = User.objects.filter(memberships__in=held)
    if crosses and (
        police.is_tied(was) or (kind == Organisation.Kind.POLICE and police.reads_elsewhere(members))
    ):
        raise ForbiddenError(
            _(
                "It receives or opens reports, or somebody in it does elsewhere: so it cannot become "
                "a police unit, nor stop being one. Add another organisation instead."
            ),
            by=by,
            verb="refused-organisation",
            object=f"organisation:{was.pk}",
            facts={"from": was.kind, "kind": kind},
        )
    if not all(rules.fits(role, kind) for role in held.values_list("role", flat=True)):
        raise NotAllowedError(_("Somebody holds a role here that an organisation of this kind cannot have."))


def _check_fits(by: User | str, organisation: Organisation, role: str) -> None:
    """Whether a role belongs to an organisation of this kind.

    Raises:
        NotAllowedError: where it doesn't.
        ForbiddenError: where it would let a police organisation read as a partner does.
    """
    if rules.fits(role, organisation.kind):
        return
    sentence = _("This role does not belong to an organisation of this kind.")
    if organisation.kind == Organisation.Kind.POLICE and role in rules.READ_FOR_OTHERS:
        facts = {"role": role}
        label = f"organisation:{organisation.pk}"
        raise ForbiddenError(sentence, by=by, verb="refused-role", object=label, facts=facts)
    raise NotAllowedError(sentence)


def _check_apart(by: User | str, user: User, organisation: Organisation, role: str) -> Organisation:
    """Whether somebody would read for the police and for others; the organisation as it stands, both held.

    Raises:
        ForbiddenError: where they would.
    """
    people = User.objects.filter(pk=user.pk)
    list(people.select_for_update(no_key=True))  # two roles given at once each see the other
    held = user.memberships.filter(ended_at=None).values_list("organisation", flat=True)
    wanted = Organisation.objects.filter(pk__in={organisation.pk, *held})
    homes = {each.pk: each for each in wanted.select_for_update(no_key=True).order_by("pk")}
    home = homes[organisation.pk]
    sentence = ""
    if home.kind == Organisation.Kind.POLICE and police.reads_elsewhere(people):
        sentence = _(
            "This person reads reports for another organisation, and nobody reads for the police too. "
            "End that role first."
        )
    elif home.kind != Organisation.Kind.POLICE and role in rules.READ_FOR_OTHERS and police.belongs(user):
        sentence = _(
            "This person has a role in the police, or had one within the last year, and so reads for no "
            "other organisation."
        )
    if sentence:
        facts = {"organisation": home.pk, "role": role}
        raise ForbiddenError(sentence, by=by, verb="refused-role", object=f"user:{user.pk}", facts=facts)
    return home


def _settle_keys(by: User | str, user: User) -> None:
    """The keys of every organisation in which somebody holds a role follow what may be opened there now."""
    held = Organisation.objects.filter(memberships__user=user, memberships__ended_at=None)
    for organisation in held.distinct().order_by("pk"):
        key_actions.settle(by=by, organisation=organisation)


def _forget_sessions(user: User) -> None:
    """Delete every session that names an account, also those that never came past the password."""
    sweep_sessions()
    for session in Session.objects.iterator():
        told = session.get_decoded()
        if told.get(SESSION_KEY) == str(user.pk) or user.email.lower() in str(told).lower():
            session.delete()


def _keep_an_administrator(leaving: User) -> None:
    """Lock the administrators' rows, so that two who leave at once cannot both see the other stay.

    Raises:
        NotAllowedError: where nobody else could manage people.
    """
    others = Membership.objects.select_for_update().filter(
        role="administrator", ended_at=None, user__is_active=True, user__is_demo=False
    )
    if all(membership.user_id == leaving.pk for membership in others):
        raise NotAllowedError(_("This is the last administrator. Give the role to somebody else first."))


@transaction.atomic
def publish_head(*, by: str, today: date) -> None:
    """Draw the head of the audit log that the public may keep: once a day, from the daily work alone.

    It is the hash of an entry of its own, so it changes every day alike, however much or little was done.
    """
    day = today.isoformat()
    if not AuditEntry.objects.filter(verb="publish-head", object=day).exists():
        audit.record(by=by, verb="publish-head", object=day)


@transaction.atomic
def tell_restored(*, by: str) -> int:
    """Write down that the log was put back from a backup, and let the head outside follow it from here.

    How many entries there were before.
    """
    before = outside.read()
    facts = {"before": before.number, "head": before.hash}
    audit.record(by=by, verb="restore-log", object="audit", facts=facts)
    transaction.on_commit(audit.follow)
    return before.number
